#include "services/intake/term/term.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"
#include "services/intake/term/term_rules.h"
#include "xixinting/intake/v1/term.grpc.pb.h"

namespace xxt::intake {
namespace term {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(TermKind::kRespond) == v1::Term::KIND_RESPOND);
static_assert(static_cast<int>(TermKind::kPromise) == v1::Term::KIND_PROMISE);
static_assert(static_cast<int>(TermKind::kStatutory) == v1::Term::KIND_STATUTORY);
static_assert(static_cast<int>(TermKind::kSilence) == v1::Term::KIND_SILENCE);
static_assert(static_cast<int>(PauseGround::kAppraisal) == v1::Term::GROUND_APPRAISAL);
static_assert(static_cast<int>(PauseGround::kExpertReview) == v1::Term::GROUND_EXPERT_REVIEW);
static_assert(static_cast<int>(PauseGround::kWaitsForBody) == v1::Term::GROUND_WAITS_FOR_BODY);

// The machine's timer of a term, and what the owner is asked: each about the term, one at a time.
constexpr char kTermDueKind[] = "term.due";
constexpr char kTermNearKind[] = "term.near";
constexpr char kTermResumeKind[] = "term.resume";
constexpr char kTermBrokenKind[] = "term.broken";

// Most terms of a case: each look goes through all of them.
constexpr int kMostTerms = 200;

const calendar::WorkingDays& Days() { return calendar::WorkingDays::China(); }

bool OfTheMachine(const v1::Term& it) {
  return it.kind() == v1::Term::KIND_RESPOND || it.kind() == v1::Term::KIND_SILENCE;
}

bool Ended(const v1::Term& it) {
  return it.state() == v1::Term::STATE_MET || it.state() == v1::Term::STATE_MET_LATE ||
         it.state() == v1::Term::STATE_WITHDRAWN;
}

bool IsOver(const v1::Term& it, absl::Time now) { return now >= rpc::FromProto(it.due_time()); }

// Writes when it is over, as its ledger says.
void CountDays(v1::Term& it) {
  std::vector<Pause> pauses;
  for (const v1::TermSuspension& entry : it.suspensions()) {
    const auto& until = entry.has_end_date() ? entry.end_date() : entry.expected_end_date();
    pauses.push_back({rpc::FromProto(entry.start_date()), rpc::FromProto(until)});
  }
  const calendar::DayResult last = LastDayOf(rpc::FromProto(it.start_date()), it.workdays(), pauses, Days());
  rpc::ToProto(last.day, it.mutable_due_date());
  rpc::ToProto(calendar::EndOfDay(last.day), it.mutable_due_time());
  it.set_provisional(last.provisional);
}

int WorkdaysLeft(const v1::Term& it, absl::Time now) {
  return Days().WorkdaysBetween(calendar::ToCivilDay(now), rpc::FromProto(it.due_date()));
}

void ForgetTasks(Tx& tx, const v1::Term& it) {
  for (const char* kind : {kTermDueKind, kTermNearKind, kTermResumeKind, kTermBrokenKind, kCaseSilentKind})
    edge::Never(tx, kind, it.name());
}

// When the machine looks at it next: at its next warning, its end, or when it should run on.
absl::Time NextLookAt(const v1::Term& it) {
  if (it.state() != v1::Term::STATE_SUSPENDED) {
    return NextLook(rpc::FromProto(it.due_date()), it.warned_workdays(), Days());
  }
  return calendar::StartOfDay(rpc::FromProto(it.suspensions().rbegin()->expected_end_date()));
}

// After something has moved its day, or stopped or started its clock.
void Restart(Tx& tx, v1::Term& it) {
  CountDays(it);
  ForgetTasks(tx, it);
  edge::Later(tx, kTermDueKind, it.name(), NextLookAt(it));
}

void CloseLedger(v1::Term& it, absl::Time now) {
  if (it.state() == v1::Term::STATE_SUSPENDED) {
    rpc::ToProto(calendar::ToCivilDay(now), it.mutable_suspensions()->rbegin()->mutable_end_date());
  }
}

// For what needs a clock that runs. Errors: STATE_FORBIDS.
absl::Status CheckRuns(const v1::Term& it, absl::Time now) {
  if (it.state() == v1::Term::STATE_RUNNING && !IsOver(it, now)) return absl::OkStatus();
  return errors::StateForbids(it.name(), "时限未在计时，或已到期", "the term is not running, or is over");
}

absl::Status CheckRoom(const v1::Term& it, const char* ledger) {
  if (edge::HasRoom(it, ledger)) return absl::OkStatus();
  return errors::StateForbids(it.name(), "记录已满，请另行起算时限", "its ledger is full: start another term");
}

// Whether an earlier entry of the term rests on that contact.
bool IsUsed(const v1::Term& it, const std::string& contact) {
  const auto told_in = [&contact](const auto& entry) { return entry.told_in() == contact; };
  return std::any_of(it.suspensions().begin(), it.suspensions().end(), told_in) ||
         std::any_of(it.extensions().begin(), it.extensions().end(), told_in);
}

// The contact in which the person was told of a change of the term. Errors: RESOURCE_NOT_FOUND, FIELD_INVALID,
// STATE_FORBIDS.
absl::StatusOr<v1::Contact> LoadTold(Tx& tx, const v1::Case& about, const v1::Term& it, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(v1::Contact said, contact::Load(tx, about, name));
  if (IsUsed(it, name) || calendar::ToCivilDay(rpc::FromProto(said.occur_time())) < rpc::FromProto(it.start_date())) {
    return errors::FieldInvalid("told_in", "这次联系早于时限起算，或已用于另一次变动",
                                "is older than the term, or told of an earlier change of it");
  }
  if (contact::HasTheirWord(said)) return said;
  return errors::StateForbids(said.name(), "这次联系中没有联系上当事人或亲属",
                              "neither the applicant nor kin were reached in that contact");
}

absl::Status Start(Tx& tx, const v1::StartTermRequest& request, v1::Term& made) {
  made = request.term();
  const absl::CivilDay today = calendar::ToCivilDay(tx.now);
  if (OfTheMachine(made)) {
    return errors::FieldInvalid("term.kind", "由系统记录，不能自行起算", "is started by the machine alone");
  }
  if (!made.has_start_date()) rpc::ToProto(today, made.mutable_start_date());
  if (rpc::FromProto(made.start_date()) > today) {
    return errors::FieldInvalid("term.start_date", "不能晚于今天", "must not lie in the future");
  }
  CountDays(made);
  if (IsOver(made, tx.now)) {
    return errors::FieldInvalid("term.start_date", "从这天算，时限已过", "counted from there it is over already");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_ASSIGN_OR_RETURN(const Terms before, LoadAll(tx, about));
  if (before.size() >= kMostTerms) {
    return errors::StateForbids(about.name(), "这件诉求的时限太多了", "the case has too many terms");
  }
  made.set_state(v1::Term::STATE_RUNNING);
  made.set_warned_workdays(WorkdaysLeft(made, tx.now));
  Add(tx, about, made);
  edge::Later(tx, kTermDueKind, made.name(), NextLookAt(made));
  tx.Tell(about, "term.started.v1", "起算一个时限");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetTermRequest& request, v1::Term& found) {
  return tx.Get(kTerms, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListTermsRequest& request, v1::ListTermsResponse& response) {
  return tx.List(kTerms, request.parent() == "cases/-" ? "broken" : "of_case", request, &response);
}

absl::Status CheckSuspension(const Policy& policy, const Tx& tx, const v1::SuspendTermRequest& request,
                             const v1::Term& it) {
  XXT_RETURN_IF_ERROR(CheckRuns(it, tx.now));
  XXT_RETURN_IF_ERROR(CheckRoom(it, "suspensions"));
  if (!StopsFor(static_cast<TermKind>(it.kind()), static_cast<PauseGround>(request.ground()))) {
    return errors::FieldInvalid("ground", "这种事由不能暂停法定时限", "does not stop a term that law sets");
  }
  const absl::CivilDay today = calendar::ToCivilDay(tx.now);
  const absl::CivilDay end = rpc::FromProto(request.expected_end_date());
  if (end <= today) return errors::FieldInvalid("expected_end_date", "须晚于今天", "must lie after today");
  const absl::CivilDay last = LastDayToAct(true, policy, today);
  if (end <= last) return absl::OkStatus();
  const std::string day = absl::FormatCivilTime(last);
  return errors::FieldInvalid("expected_end_date", absl::StrCat("太远，最迟 ", day),
                              absl::StrCat("is too far off, at the latest ", day));
}

absl::Status Suspend(const Policy& policy, Tx& tx, const v1::SuspendTermRequest& request, v1::Term& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckSuspension(policy, tx, request, it));
  XXT_ASSIGN_OR_RETURN(const v1::Contact told, LoadTold(tx, about, it, request.told_in()));
  v1::TermSuspension& entry = *it.add_suspensions();
  entry.set_ground(request.ground());
  entry.set_reason(request.reason());
  rpc::ToProto(calendar::ToCivilDay(tx.now), entry.mutable_start_date());
  *entry.mutable_expected_end_date() = request.expected_end_date();
  entry.set_told_in(told.name());
  entry.set_told_to(told.counterpart());
  entry.set_author(tx.caller.subject);
  it.set_state(v1::Term::STATE_SUSPENDED);
  Restart(tx, it);
  tx.Save(kTerms, it);
  tx.Tell(about, "term.suspended.v1", "一个时限暂停计时，已告知当事人");
  return absl::OkStatus();
}

absl::Status Resume(Tx& tx, const v1::ResumeTermRequest& request, v1::Term& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, request.name(), request.etag(), &it));
  if (it.state() != v1::Term::STATE_SUSPENDED) {
    return errors::StateForbids(it.name(), "时限没有暂停", "the term does not stand still");
  }
  CloseLedger(it, tx.now);
  it.set_state(v1::Term::STATE_RUNNING);
  Restart(tx, it);
  // What was warned of before it stood still is warned of again.
  it.set_warned_workdays(WorkdaysLeft(it, tx.now) + 1);
  tx.Save(kTerms, it);
  tx.Tell(about, "term.resumed.v1", "一个时限恢复计时");
  return absl::OkStatus();
}

absl::Status CheckExtension(const Policy& policy, const Tx& tx, const v1::ExtendTermRequest& request,
                            const v1::Term& it) {
  XXT_RETURN_IF_ERROR(CheckRuns(it, tx.now));
  XXT_RETURN_IF_ERROR(CheckRoom(it, "extensions"));
  if (request.workdays() > policy.term_extension_workdays) {
    return errors::FieldInvalid("workdays", absl::StrCat("一次最多延长 ", policy.term_extension_workdays, " 个工作日"),
                                absl::StrCat("must not be above ", policy.term_extension_workdays));
  }
  if (it.kind() != v1::Term::KIND_STATUTORY) return absl::OkStatus();
  // Administrative Licensing Law, 42: by the head of the office, once.
  if (!tx.caller.Has("leader")) return errors::RoleMissing("ExtendTerm");
  if (it.extensions_size() == 0) return absl::OkStatus();
  return errors::StateForbids(it.name(), "法定时限只能延长一次", "a term that law sets is extended once");
}

absl::Status Extend(const Policy& policy, Tx& tx, const v1::ExtendTermRequest& request, v1::Term& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckExtension(policy, tx, request, it));
  XXT_ASSIGN_OR_RETURN(const v1::Contact told, LoadTold(tx, about, it, request.told_in()));
  v1::TermExtension& entry = *it.add_extensions();
  entry.set_workdays(request.workdays());
  entry.set_reason(request.reason());
  entry.set_told_in(told.name());
  entry.set_told_to(told.counterpart());
  entry.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, entry.mutable_extend_time());
  *entry.mutable_old_due_date() = it.due_date();
  it.set_workdays(it.workdays() + request.workdays());
  CountDays(it);
  *entry.mutable_due_date() = it.due_date();
  // Another last day has warnings of its own.
  it.set_warned_workdays(WorkdaysLeft(it, tx.now));
  Restart(tx, it);
  tx.Save(kTerms, it);
  tx.Tell(about, "term.extended.v1", absl::StrCat("一个时限延长 ", request.workdays(), " 个工作日，已告知当事人"));
  return absl::OkStatus();
}

absl::Status CheckSetByPeople(const v1::Term& it) {
  if (Ended(it)) return errors::StateForbids(it.name(), "时限已了结", "the term has ended");
  if (!OfTheMachine(it)) return absl::OkStatus();
  return errors::StateForbids(it.name(), "联系上当事人并记下联系，即自动了结",
                              "ends with a contact in which the person is reached");
}

absl::Status MeetOne(Tx& tx, const v1::MeetTermRequest& request, v1::Term& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckSetByPeople(it));
  Meet(tx, it, tx.now);
  tx.Tell(about, "term.met.v1", it.state() == v1::Term::STATE_MET ? "时限内办完" : "超时后办完");
  return absl::OkStatus();
}

absl::Status Withdraw(Tx& tx, const v1::WithdrawTermRequest& request, v1::Term& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckSetByPeople(it));
  if (it.state() == v1::Term::STATE_BROKEN) {
    return errors::StateForbids(it.name(), "已超时的时限不能撤回", "a broken term is not taken back");
  }
  CloseLedger(it, tx.now);
  it.set_state(v1::Term::STATE_WITHDRAWN);
  it.set_withdraw_reason(request.reason());
  tx.Save(kTerms, it);
  ForgetTasks(tx, it);
  tx.Tell(about, "term.withdrawn.v1", "撤回一个时限");
  return absl::OkStatus();
}

void Break(Tx& tx, const v1::Case& about, v1::Term& it) {
  it.set_state(v1::Term::STATE_BROKEN);
  tx.Save(kTerms, it);
  edge::Never(tx, kTermNearKind, it.name());
  tx.Tell(about, "term.broken.v1", "一个时限已超时");
  cases::AskOwner(tx, about, kTermBrokenKind, it.name(),
                  absl::StrCat("时限已过，请办完并登记：", about.display_code()));
}

void Warn(Tx& tx, const v1::Case& about, v1::Term& it, int warning) {
  it.set_warned_workdays(warning);
  tx.Save(kTerms, it);
  edge::Never(tx, kTermNearKind, it.name());
  const std::string day = calendar::DayInWords(rpc::FromProto(it.due_date()));
  tx.Tell(about, "term.near.v1", absl::StrCat("时限最后一天是 ", day));
  cases::AskOwner(tx, about, kTermNearKind, it.name(),
                  absl::StrCat("时限最后一天是 ", day, "，请办完、延长或暂停：", about.display_code()));
}

// The machine looks at a term: warns, or finds that it is over, or that it should run on again.
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Term it;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kTerms, task.subject, "", &it));
  const bool suspended = it.state() == v1::Term::STATE_SUSPENDED;
  if (!suspended && it.state() != v1::Term::STATE_RUNNING) return absl::OkStatus();
  // The calendar of its days may have been published since.
  if (it.provisional()) {
    CountDays(it);
    tx.Save(kTerms, it);
  }
  if (suspended && tx.now >= NextLookAt(it)) {
    cases::AskOwner(tx, about, kTermResumeKind, it.name(),
                    absl::StrCat("时限暂停期已到，请恢复计时，或告知后再次暂停：", about.display_code()));
    return absl::OkStatus();
  }
  if (!suspended && IsOver(it, tx.now)) {
    Break(tx, about, it);
    return absl::OkStatus();
  }
  const std::optional<int> warning =
      suspended ? std::nullopt : WarningReached(rpc::FromProto(it.due_date()), it.warned_workdays(), tx.now, Days());
  if (warning.has_value()) Warn(tx, about, it, *warning);
  edge::Later(tx, kTermDueKind, it.name(), NextLookAt(it));
  return absl::OkStatus();
}

}  // namespace

const store::Table<v1::Term> kTerms(
    "intake.terms", &cases::kCases,
    {.columns = {"hall", "state", "due_time"},
     .lists = {{"of_case", {"case_id"}, "due_time, id"},
               {"broken", {}, "due_time, id", store::Of::kHalls, {{"state", v1::Term::STATE_BROKEN}}}}});

absl::StatusOr<Terms> LoadAll(Tx& tx, const v1::Case& about) {
  Terms terms;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kTerms, "of_case", about.name(), &terms));
  return terms;
}

void Add(Tx& tx, const v1::Case& about, v1::Term& made) {
  made.set_name(kTerms.NewName(about.name(), tx.now));
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kTerms, made);
}

void Meet(Tx& tx, v1::Term& it, absl::Time when) {
  const bool suspended = it.state() == v1::Term::STATE_SUSPENDED;
  CloseLedger(it, when);
  it.set_state(suspended || !IsOver(it, when) ? v1::Term::STATE_MET : v1::Term::STATE_MET_LATE);
  rpc::ToProto(when, it.mutable_meet_time());
  tx.Save(kTerms, it);
  ForgetTasks(tx, it);
}

absl::Status MeetAll(Tx& tx, const v1::Case& closed) {
  XXT_ASSIGN_OR_RETURN(Terms terms, LoadAll(tx, closed));
  for (v1::Term& it : terms) {
    if (!Ended(it)) Meet(tx, it, tx.now);
  }
  return absl::OkStatus();
}

}  // namespace term

namespace {

class Service final : public edge::Serves<v1::TermService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(StartTerm, Term, term::Start)
  XXT_READ(GetTerm, Term, term::Get)
  XXT_READ(ListTerms, ListTermsResponse, term::List)
  XXT_CHANGE(SuspendTerm, Term, std::bind_front(term::Suspend, settings_))
  XXT_CHANGE(ResumeTerm, Term, term::Resume)
  XXT_CHANGE(ExtendTerm, Term, std::bind_front(term::Extend, settings_))
  XXT_CHANGE(MeetTerm, Term, term::MeetOne)
  XXT_CHANGE(WithdrawTerm, Term, term::Withdraw)
};

}  // namespace

// What is over is brought to the case's owner and listed; nothing here ends by itself.
edge::Slice TermSlice(const edge::Host& host, const Policy& policy) {
  return {{edge::Timer(host, term::kTermDueKind, term::Due, cases::ShowDead), term::LookKind(host, policy)},
          {edge::Settled(term::kTermNearKind, "请用登记办完、延长、暂停或撤回来完成",
                         "settled by MeetTerm, ExtendTerm, SuspendTerm or WithdrawTerm"),
           edge::Settled(term::kTermResumeKind, "请用恢复计时或登记办完来完成", "settled by ResumeTerm or MeetTerm"),
           edge::Settled(term::kTermBrokenKind, "请用登记办完来完成", "settled by MeetTerm"),
           edge::Settled(term::kCaseSilentKind, "联系上当事人并记下联系来完成",
                         "settled by LogContact that reaches the person")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
