#include "services/intake/progress/progress.h"

#include <google/protobuf/repeated_field.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/noun.h"
#include "common/identifiers/answer_code.h"
#include "services/intake/acting/mandate.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/tell.h"
#include "services/intake/cases/told.h"
#include "services/intake/paper/paper.h"
#include "services/intake/plan/plan.h"
#include "services/intake/progress/progress_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/progress.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::ProgressCode> kCodes("intake.progress_codes", &cases::kCases,
                                            {.columns = {"key_hash", "state"},
                                             .lists = {{"of_case", {"case_id"}, "id DESC"}}});

// The name of the code that makes $1 with its proof.
constexpr pg::Statement kFind{"progress_code.find",
                              "SELECT 'cases/' || case_id || '/progressCodes/' || id FROM intake.progress_codes "
                              "WHERE key_hash = $1 AND state = 1"};

// Counts one more try of $1 at $2, and forgets those since before $3. The row is locked until the commit: who tries the
// same at once waits, so that a thousand at once are counted one by one.
constexpr pg::Statement kTry{"progress_try.count",
                             "INSERT INTO intake.progress_tries AS t (bucket, since, tries) VALUES ($1, $2, 1) "
                             "ON CONFLICT (bucket) DO UPDATE SET "
                             "tries = CASE WHEN t.since <= $3 THEN 1 ELSE t.tries + 1 END, "
                             "since = CASE WHEN t.since <= $3 THEN excluded.since ELSE t.since END RETURNING tries"};
// What was right does not count.
constexpr pg::Statement kForgive{"progress_try.forgive",
                                 "UPDATE intake.progress_tries SET tries = tries - 1 WHERE bucket = $1"};

std::string HashOf(const Tx& tx, const std::string& text) {
  return tx.SearchHash(*v1::LookupProgressRequest::descriptor()->FindFieldByName("code"), text);
}

std::string KeyOf(const Tx& tx, const std::string& code, const std::string& proof) {
  return absl::BytesToHexString(HashOf(tx, absl::StrCat(code, " ", proof)));
}

// Where tries of a code are counted, whether there is such a code or not: one of 65,536, so that guesses fill no table.
int BucketOf(const Tx& tx, const std::string& code) {
  const std::string hash = HashOf(tx, code);
  return static_cast<unsigned char>(hash[0]) * 256 + static_cast<unsigned char>(hash[1]);
}

}  // namespace

std::string progress::GiveCode(Tx& tx, const v1::Case& about, const v1::Party& party, v1::ProgressCode& made) {
  std::string code(absl::StripPrefix(identifiers::AnswerCode::New().text(), "XXT-"));
  made.set_name(kCodes.NewName(about.name(), tx.now));
  made.set_party(party.name());
  made.set_state(v1::ProgressCode::STATE_VALID);
  made.set_author(tx.caller.subject);
  made.set_key_hash(KeyOf(tx, code, ProofOf(party.phone_number())));
  tx.Insert(kCodes, made);
  tx.Tell(about, "progress_code.issued.v1", "发放一个进度查询码");
  return code;
}

namespace {

// Kin follow a case as far as the person has agreed to it, an agent as long as a mandate is in force, and nobody after
// they are to be told nothing.
absl::StatusOr<bool> MayFollow(Tx& tx, const v1::Case& about, const v1::Party& party) {
  if (!cases::CanAct(party)) return false;
  if (party.role() == v1::Party::ROLE_PROXY) return mandate::ActsBy(tx, about, party.name());
  return party.role() != v1::Party::ROLE_KIN || cases::IsToldOf(party, v1::Party::TOPIC_PROGRESS);
}

absl::Status Issue(Tx& tx, const v1::IssueProgressCodeRequest& request, v1::IssueProgressCodeResponse& response) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  const v1::Party* party = cases::FindParty(about, request.party());
  if (party == nullptr) return errors::NotFound("intake.xixinting/Party", request.party());
  XXT_ASSIGN_OR_RETURN(const bool may_follow, MayFollow(tx, about, *party));
  if (!may_follow) {
    return errors::StateForbids(
        party->name(), "本人没有同意让其知情，没有有效的委托，或已不再向其告知",
        "the person has not agreed that they may know, no mandate is in force, or nothing is told to them any more");
  }
  if (ProofOf(party->phone_number()).empty()) {
    return errors::FieldInvalid("party", "没有登记电话，无法凭尾号核对", "has no telephone number to prove it by");
  }
  google::protobuf::RepeatedPtrField<v1::ProgressCode> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kCodes, "of_case", about.name(), &before));
  for (v1::ProgressCode& old : before) {
    if (old.party() != request.party() || old.state() != v1::ProgressCode::STATE_VALID) continue;
    old.set_state(v1::ProgressCode::STATE_REPLACED);
    tx.Save(kCodes, old);
  }
  response.set_code(progress::GiveCode(tx, about, *party, *response.mutable_progress_code()));
  return absl::OkStatus();
}

absl::Status List(Tx& tx, const v1::ListProgressCodesRequest& request, v1::ListProgressCodesResponse& response) {
  return tx.List(kCodes, "of_case", request, &response);
}

ProgressFacts FactsOf(const v1::Case& about, const v1::ListPapersResponse& papers) {
  ProgressFacts facts;
  facts.opened = rpc::FromProto(about.create_time());
  if (!cases::IsOpen(about)) facts.closed = rpc::FromProto(about.close_time());
  if (about.has_next_action()) facts.next = rpc::FromProto(about.next_action().due_time());
  facts.in_review = about.state() == v1::Case::STATE_CLOSURE_PROPOSED;
  facts.bodies_asked = about.open_referrals_size();
  for (const v1::Paper& paper : papers.papers()) {
    const bool theirs = paper.provider() != v1::Paper::PROVIDER_BODY && paper.provider() != v1::Paper::PROVIDER_HALL;
    const bool awaited = paper.state() == v1::Paper::STATE_NEEDED || paper.state() == v1::Paper::STATE_DEFICIENT;
    const bool substituted = paper.state() == v1::Paper::STATE_SUBSTITUTED;
    facts.papers.push_back(
        {substituted ? paper.substitution().title() : paper.title(), paper::InHand(paper), theirs && awaited});
  }
  return facts;
}

absl::Status Say(Tx& tx, const v1::Case& about, bool english, v1::Progress& progress) {
  v1::ListPapersRequest all;
  all.set_parent(about.name());
  all.set_page_size(100);
  v1::ListPapersResponse papers;
  XXT_RETURN_IF_ERROR(tx.List(paper::kPapers, "of_case", all, &papers));
  ProgressFacts facts = FactsOf(about, papers);
  XXT_ASSIGN_OR_RETURN(facts.steps, plan::StepsOfParties(tx, about.name()));
  for (const ProgressLine& line : SayProgress(facts, english)) {
    v1::ProgressItem& item = *progress.add_items();
    item.set_kind(static_cast<v1::ProgressItem::Kind>(line.kind));
    item.set_text(line.text);
    if (line.time != absl::InfiniteFuture()) rpc::ToProto(line.time, item.mutable_occur_time());
  }
  return absl::OkStatus();
}

// The applicant who asks is told, and that is a word to the person. One a day is noted, so that the case is not changed
// with each look.
absl::Status NoteAsked(Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::Lock(tx, name));
  const bool noted = about.has_told_time() && tx.now - rpc::FromProto(about.told_time()) < absl::Hours(24);
  if (noted || !cases::IsOpen(about)) return absl::OkStatus();
  cases::NoteWord(tx, about, tx.now, false);
  cases::Save(tx, about, "case.progress_looked_up.v1", "当事人查询了进度");
  return absl::OkStatus();
}

absl::Status Lookup(Tx& tx, const v1::LookupProgressRequest& request, v1::Progress& progress) {
  const std::string code = NormaliseProgressCode(request.code());
  const int bucket = BucketOf(tx, code);
  XXT_ASSIGN_OR_RETURN(const pg::Result tried, tx.session.Run(kTry, bucket, tx.now, tx.now - kTriesWithin));
  XXT_ASSIGN_OR_RETURN(const pg::Result found, tx.session.Run(kFind, KeyOf(tx, code, request.proof())));
  if (tried[0].Int(0) > kMostTries) {
    progress.set_finding(v1::Progress::FINDING_TOO_MANY_TRIES);
    return absl::OkStatus();
  }
  if (found.empty()) {
    progress.set_finding(v1::Progress::FINDING_NO_MATCH);
    return absl::OkStatus();
  }
  tx.session.Queue(kForgive, bucket);
  v1::ProgressCode used;
  XXT_RETURN_IF_ERROR(tx.Get(kCodes, found[0].Text(0), &used));
  v1::Case about;
  XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, store::RootNameOf(used.name()), &about));
  const v1::Party* party = cases::FindParty(about, used.party());
  // As if there were no such code: who may know it no more is told nothing, not even why.
  absl::StatusOr<bool> may_follow = false;
  if (party != nullptr) may_follow = MayFollow(tx, about, *party);
  XXT_RETURN_IF_ERROR(may_follow.status());
  if (!*may_follow) {
    progress.set_finding(v1::Progress::FINDING_NO_MATCH);
    return absl::OkStatus();
  }
  // Of a duplicate, what it was merged into: none is merged into one that is merged, so no way leads back. For the
  // applicant alone, as that case knows them: to whom else it may be said is agreed there.
  const bool is_applicant = party->role() == v1::Party::ROLE_APPLICANT;
  const bool merged = !about.merged_into().empty();
  while (!about.merged_into().empty()) {
    const std::string into = about.merged_into();
    XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, into, &about));
  }
  if (merged && (!is_applicant || !cases::CanAct(cases::ApplicantOf(about)))) {
    progress.set_finding(v1::Progress::FINDING_NO_MATCH);
    return absl::OkStatus();
  }
  progress.set_finding(v1::Progress::FINDING_FOUND);
  XXT_RETURN_IF_ERROR(Say(tx, about, request.language_code() == "en", progress));
  return is_applicant ? NoteAsked(tx, about.name()) : absl::OkStatus();
}

class Service final : public edge::Serves<v1::ProgressService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(IssueProgressCode, IssueProgressCodeResponse, Issue)
  XXT_READ(ListProgressCodes, ListProgressCodesResponse, List)
  // A change: tries are counted. What is no match is no error, or its count would be rolled back.
  XXT_CHANGE(LookupProgress, Progress, Lookup)
};

}  // namespace

edge::Slice ProgressSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
