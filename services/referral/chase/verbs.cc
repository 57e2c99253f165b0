#include "services/referral/chase/verbs.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/chase/steps.h"
#include "services/referral/rule_note/rule_note.h"

namespace xxt::referral::chase {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(BodyReplied::Kind::kAcknowledged) == v1::Reply::KIND_ACKNOWLEDGED);
static_assert(static_cast<int>(BodyReplied::Kind::kDeclined) == v1::Reply::KIND_DECLINED);

BodyReplied ToEvent(const v1::Reply& reply) {
  BodyReplied event;
  event.kind = static_cast<BodyReplied::Kind>(reply.kind());
  event.reason = reply.reason();
  if (reply.has_needed_by_time()) event.due = rpc::FromProto(reply.needed_by_time());
  return event;
}

// What the body wants first is said with nothing else, and is wanted by a time that is to come.
absl::Status CheckNeeded(const v1::Reply& reply, absl::Time now) {
  const bool asks = reply.kind() == v1::Reply::KIND_NEEDS_INPUT;
  if (!asks && reply.needed_size() > 0) {
    return errors::FieldInvalid("reply.needed", "只有对方要求补充时才填",
                                "only where the body asks for something first");
  }
  if (!asks && reply.has_needed_by_time()) {
    return errors::FieldInvalid("reply.needed_by_time", "只有对方要求补充时才填",
                                "only where the body asks for something first");
  }
  if (reply.has_needed_by_time() && rpc::FromProto(reply.needed_by_time()) <= now) {
    return errors::FieldInvalid("reply.needed_by_time", "须晚于现在", "must be after now");
  }
  return absl::OkStatus();
}

// The entry called `name`, if it is one of this referral. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Entry> FindEntry(Tx& tx, const v1::Referral& referral, const std::string& name) {
  if (!absl::StartsWith(name, absl::StrCat(referral.name(), "/"))) {
    return errors::NotFound("referral.xixinting/Entry", name);
  }
  v1::Entry found;
  XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &found));
  return found;
}

// The mail that a reply cites is one of this referral that came in.
absl::Status CheckCitedMail(Tx& tx, const v1::Referral& referral, const std::string& mail) {
  if (mail.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const v1::Entry cited, FindEntry(tx, referral, mail));
  if (cited.mail().direction() != v1::Mail::DIRECTION_IN) return errors::NotFound("referral.xixinting/Entry", mail);
  return absl::OkStatus();
}

absl::Status CheckVerdict(Tx& tx, const v1::Referral& referral, const v1::Entry& entry) {
  if (!entry.has_verdict()) return absl::OkStatus();
  const v1::Verdict& verdict = entry.verdict();
  XXT_ASSIGN_OR_RETURN(const v1::Entry judged, FindEntry(tx, referral, verdict.claim()));
  if (!judged.has_claim()) return errors::NotFound("referral.xixinting/Entry", verdict.claim());
  if (verdict.rule_note().empty()) return absl::OkStatus();
  return rule_note::Find(tx.session, verdict.rule_note()).status();
}

// What an officer may write down, and when it was. The edge has taken a mail or a reply out.
absl::Status CheckEntry(const v1::Entry& entry, absl::Time now) {
  if (entry.content_case() == v1::Entry::CONTENT_NOT_SET) {
    return errors::FieldInvalid("entry", "请填写要登记的内容", "content is required");
  }
  if (entry.has_occur_time() && rpc::FromProto(entry.occur_time()) > now) {
    return errors::FieldInvalid("entry.occur_time", "时间不能晚于现在", "must not be in the future");
  }
  return absl::OkStatus();
}

// Whether a hop is written with it.
bool IsHop(const v1::Reply& reply) { return reply.kind() == v1::Reply::KIND_PASSED_ON && reply.has_hop(); }

// Writes what was said with a reply, and the reply.
void WriteReply(Tx& tx, const v1::Referral& referral, const v1::Reply& reply) {
  v1::Entry replied;
  *replied.mutable_reply() = reply;
  entry::Add(tx, referral.name(), replied);
  XXT_CRASH_POINT("referral.reply_written");
  if (IsHop(reply)) {
    v1::Entry passed_on;
    *passed_on.mutable_hop() = reply.hop();
    entry::Add(tx, referral.name(), passed_on);
  }
  if (reply.has_finding()) {
    v1::Entry found;
    *found.mutable_finding() = reply.finding();
    entry::Add(tx, referral.name(), found);
  }
}

// No move tells the case of it, and it may be the last that is heard of the referral: the case counts it now.
void TellOfHop(Tx& tx, Chased& chased) {
  referrals::TellCase(tx, chased.referral, referrals::Report::KIND_PROGRESS,
                      absl::StrCat(chased.body.title(), "内部又转了一手"));
}

// The body has been asked by a person.
absl::Status OnAsked(Tx& tx, Chased* chased) {
  XXT_RETURN_IF_ERROR(Advance(tx, chased, Sent{}));
  tasks::CancelAll(tx.session, kCarryKind, chased->referral.name());
  return absl::OkStatus();
}

}  // namespace

absl::Status RecordReply(Tx& tx, const v1::RecordReplyRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.name(), request.etag()));
  const v1::Reply& reply = request.reply();
  v1::Referral& referral = chased.referral;
  // Only a mail that came late is worth filing with an ended referral.
  if (reply.mail().empty()) XXT_RETURN_IF_ERROR(referrals::CheckOpen(referral));
  XXT_RETURN_IF_ERROR(CheckNeeded(reply, tx.now));
  XXT_RETURN_IF_ERROR(CheckCitedMail(tx, referral, reply.mail()));
  // Who answers has been asked, whether or not somebody wrote that down.
  if (referral.state() == v1::Referral::STATE_QUEUED && !referral.has_sent_time()) {
    XXT_RETURN_IF_ERROR(OnAsked(tx, &chased));
  }
  // First, for the move tells the case how many there are.
  if (IsHop(reply)) referral.set_hops(referral.hops() + 1);
  const std::int64_t told = referral.report_count();
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, ToEvent(reply)));
  if (IsHop(reply) && referral.report_count() == told) TellOfHop(tx, chased);
  WriteReply(tx, referral, reply);
  if (!reply.mail().empty()) tasks::Cancel(tx.session, absl::StrCat(kReadMailKind, "/", referrals::IdOf(reply.mail())));
  tx.Tell(referral, "referral.replied.v1", absl::StrCat("登记了", chased.body.title(), "的答复"));
  Save(tx, &chased);
  found = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status ProvideInput(Tx& tx, const v1::ProvideInputRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.name(), request.etag()));
  if (chased.referral.has_basis_withdraw_time()) {
    return errors::StateForbids(chased.referral.name(), "本人已撤回同意，不能再向单位提供",
                                "the consent was taken back: nothing more is given to the body");
  }
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, InputProvided{}));
  v1::Entry given;
  given.mutable_attempt()->set_channel(request.channel());
  given.mutable_attempt()->set_result(v1::Attempt::RESULT_REACHED);
  given.mutable_attempt()->set_summary(request.summary());
  entry::Add(tx, chased.referral.name(), given);
  tasks::CancelAll(tx.session, kCarryKind, chased.referral.name());
  tx.Tell(chased.referral, "referral.input_provided.v1", absl::StrCat("已按", chased.body.title(), "的要求补充"));
  Save(tx, &chased);
  found = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status Cancel(Tx& tx, const v1::CancelReferralRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.name(), request.etag()));
  XXT_RETURN_IF_ERROR(referrals::CheckOpen(chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{request.reason()}));
  Save(tx, &chased);
  found = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status CreateEntry(Tx& tx, const v1::CreateEntryRequest& request, v1::Entry& made) {
  XXT_RETURN_IF_ERROR(CheckEntry(request.entry(), tx.now));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.parent()));
  v1::Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckVerdict(tx, referral, request.entry()));
  made = request.entry();
  entry::Add(tx, referral.name(), made);
  const bool reached = made.attempt().result() == v1::Attempt::RESULT_REACHED;
  const bool by_staff = referral.connector() == v1::Referral::CONNECTOR_STAFF;
  const bool asked = reached && by_staff && referral.state() == v1::Referral::STATE_QUEUED;
  if (made.has_hop()) referral.set_hops(referral.hops() + 1);
  const std::int64_t told = referral.report_count();
  if (asked) XXT_RETURN_IF_ERROR(OnAsked(tx, &chased));
  if (made.has_hop() && referral.report_count() == told) TellOfHop(tx, chased);
  if (asked || made.has_hop()) Save(tx, &chased);
  tx.Tell(referral, "referral.entry_created.v1", "登记了一条协查记录");
  return absl::OkStatus();
}

}  // namespace xxt::referral::chase
