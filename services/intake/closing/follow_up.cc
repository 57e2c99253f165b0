#include "services/intake/closing/follow_up.h"

#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/edge/noun.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/closing/follow_up_rules.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/follow_up.grpc.pb.h"

namespace xxt::intake {
namespace follow_up {
namespace {

constexpr char kCallKind[] = "follow_up.call";
constexpr char kUnhappyKind[] = "follow_up.unhappy";

static_assert(static_cast<int>(Rating::kVerySatisfied) == v1::FollowUp::RATING_VERY_SATISFIED);
static_assert(static_cast<int>(Rating::kSatisfied) == v1::FollowUp::RATING_SATISFIED);
static_assert(static_cast<int>(Rating::kFair) == v1::FollowUp::RATING_FAIR);
static_assert(static_cast<int>(Rating::kDissatisfied) == v1::FollowUp::RATING_DISSATISFIED);
static_assert(static_cast<int>(Rating::kVeryDissatisfied) == v1::FollowUp::RATING_VERY_DISSATISFIED);

const store::Table<v1::FollowUp> kFollowUps(
    "intake.follow_ups", &cases::kCases,
    {.columns = {"hall", "state", "due_time", "rating", "end_time"},
     .lists = {{"of_case", {"case_id"}, "id DESC"},
               {"due", {}, "due_time, id", store::Of::kHalls, {{"state", v1::FollowUp::STATE_DUE}}}}});

absl::Status Get(Tx& tx, const v1::GetFollowUpRequest& request, v1::FollowUp& found) {
  return tx.Get(kFollowUps, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListFollowUpsRequest& request, v1::ListFollowUpsResponse& response) {
  return tx.List(kFollowUps, request.parent() == "cases/-" ? "due" : "of_case", request, &response);
}

// Its case, locked, if the call is still to be made.
absl::StatusOr<v1::Case> LockDue(Tx& tx, const std::string& name, const std::string& etag, v1::FollowUp* it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kFollowUps, name, etag, it));
  if (it->state() == v1::FollowUp::STATE_DUE) return about;
  return errors::StateForbids(name, "这次回访已了结", "the call has been made or is not needed any more");
}

// Names sort as they were made: what was said of an earlier contact has been counted.
absl::Status CheckNew(const v1::FollowUp& it, const std::string& contact) {
  if (it.contact().empty() || contact > it.contact()) return absl::OkStatus();
  return errors::FieldInvalid("contact", "这次联系已计入或更早", "was counted already, or is older than one that was");
}

absl::Status Try(Tx& tx, const v1::TryFollowUpRequest& request, v1::FollowUp& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockDue(tx, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckNew(it, request.contact()));
  XXT_RETURN_IF_ERROR(
      CheckContact(tx, about, request.contact(), rpc::FromProto(about.close_time()), /*reached=*/false, "contact"));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, about.hall()));
  const absl::Time due = hours.AddOpenWorkdays(tx.now, 1);
  it.set_tries(it.tries() + 1);
  it.set_contact(request.contact());
  it.set_author(tx.caller.subject);
  rpc::ToProto(due, it.mutable_due_time());
  tx.Save(kFollowUps, it);
  tasks::Reschedule(tx.session, edge::KeyOf(kCallKind, it.name()), due);
  tx.Tell(about, "follow_up.tried.v1", "回访未接通，改日再打");
  return absl::OkStatus();
}

void End(Tx& tx, v1::FollowUp& it, v1::FollowUp::State state) {
  it.set_state(state);
  rpc::ToProto(tx.now, it.mutable_end_time());
  tx.Save(kFollowUps, it);
  edge::Never(tx, kCallKind, it.name());
}

absl::Status Complete(Tx& tx, const v1::CompleteFollowUpRequest& request, v1::FollowUp& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockDue(tx, request.name(), request.etag(), &it));
  const bool bad = IsBad(static_cast<Rating>(request.rating()));
  if (bad && request.comment().empty()) {
    return errors::FieldInvalid("comment", "不满意的须写明意见", "say what the person is not satisfied with");
  }
  XXT_RETURN_IF_ERROR(CheckNew(it, request.contact()));
  XXT_RETURN_IF_ERROR(
      CheckContact(tx, about, request.contact(), rpc::FromProto(about.close_time()), /*reached=*/true, "contact"));
  it.set_contact(request.contact());
  it.set_rating(request.rating());
  it.set_comment(request.comment());
  it.set_author(tx.caller.subject);
  End(tx, it, v1::FollowUp::STATE_DONE);
  tx.Tell(about, "follow_up.done.v1", bad ? "已回访，当事人不满意" : "已回访");
  if (bad) {
    cases::Ask(tx, about, kUnhappyKind, it.name(), "",
               absl::StrCat("回访中当事人不满意，请由另一位同事查看并跟进：", about.display_code()));
  }
  return absl::OkStatus();
}

absl::Status Abandon(const Policy& policy, Tx& tx, const v1::AbandonFollowUpRequest& request, v1::FollowUp& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockDue(tx, request.name(), request.etag(), &it));
  if (it.tries() < policy.follow_up_tries) {
    return errors::StateForbids(it.name(), absl::StrCat("至少试过 ", policy.follow_up_tries, " 次未接通才能结束"),
                                absl::StrCat("needs ", policy.follow_up_tries, " tries in vain first"));
  }
  it.set_abandon_reason(request.reason());
  it.set_author(tx.caller.subject);
  End(tx, it, v1::FollowUp::STATE_ABANDONED);
  tx.Tell(about, "follow_up.abandoned.v1", "多次回访未接通，已说明原因");
  return absl::OkStatus();
}

// Somebody else than who heard it has seen to it; the note says what they did.
absl::Status SeeUnhappy(Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  v1::FollowUp it;
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kFollowUps, task.subject, "", &it));
  if (completion.staff == it.author()) return errors::SecondReviewerNeeded(it.name());
  if (completion.note.empty()) return errors::FieldInvalid("note", "请写明怎样跟进", "say what was done about it");
  contact::Note(tx, about, completion.note);
  cases::Save(tx, about, "case.rating_seen.v1", "不满意的评价已有人跟进");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::FollowUpService, Policy> {
 public:
  using Serves::Serves;
  XXT_READ(GetFollowUp, FollowUp, Get)
  XXT_READ(ListFollowUps, ListFollowUpsResponse, List)
  XXT_CHANGE(TryFollowUp, FollowUp, Try)
  XXT_CHANGE(CompleteFollowUp, FollowUp, Complete)
  XXT_CHANGE(AbandonFollowUp, FollowUp, std::bind_front(Abandon, settings_))
};

}  // namespace

absl::Status Schedule(const Policy& policy, Tx& tx, const v1::Case& closed) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, closed.hall()));
  const absl::Time due = hours.AddOpenWorkdays(tx.now, policy.follow_up_workdays);
  v1::FollowUp made;
  made.set_name(kFollowUps.NewName(closed.name(), tx.now));
  made.set_state(v1::FollowUp::STATE_DUE);
  made.set_hall(closed.hall());
  rpc::ToProto(due, made.mutable_due_time());
  tx.Insert(kFollowUps, made);
  cases::AskAt(tx, closed, kCallKind, made.name(), "", absl::StrCat("办结回访：", closed.display_code()), due);
  return absl::OkStatus();
}

absl::Status Overtake(Tx& tx, const v1::Case& about) {
  google::protobuf::RepeatedPtrField<v1::FollowUp> all;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kFollowUps, "of_case", about.name(), &all));
  for (v1::FollowUp& one : all) {
    if (one.state() == v1::FollowUp::STATE_DUE) End(tx, one, v1::FollowUp::STATE_OVERTAKEN);
  }
  return absl::OkStatus();
}

ContactFact FactOf(const v1::Contact& contact) {
  return {rpc::FromProto(contact.occur_time()),
          contact::WithThePerson(contact),
          contact.counterpart() == v1::Contact::COUNTERPART_APPLICANT,
          contact.result() == v1::Contact::RESULT_REACHED,
          contact::HasTheirWord(contact),
          contact.corrected_by(),
          contact.counterpart() == v1::Contact::COUNTERPART_BODY};
}

absl::Status CheckContact(Tx& tx, const v1::Case& about, const std::string& name, absl::Time since, bool reached,
                          const char* field) {
  XXT_ASSIGN_OR_RETURN(const v1::Contact found, contact::Load(tx, about, name));
  std::optional<errors::Violation> fault = FindContactFault(FactOf(found), since, reached, field);
  if (!fault.has_value()) return absl::OkStatus();
  return errors::FieldInvalid(std::move(fault->field), std::move(fault->zh), std::move(fault->en));
}

}  // namespace follow_up

// A call that nobody makes stays on the desk: nothing ends it but a person.
edge::Slice FollowUpSlice(const edge::Host& host, const Policy& policy) {
  return {{},
          {edge::Settled(follow_up::kCallKind, "请用登记回访来完成",
                         "settled by TryFollowUp, CompleteFollowUp or AbandonFollowUp"),
           edge::Desk(host, follow_up::kUnhappyKind, {"SEEN"}, follow_up::SeeUnhappy)},
          {edge::ServiceOf<follow_up::Service>(policy)}};
}

}  // namespace xxt::intake
