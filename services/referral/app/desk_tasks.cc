#include "services/referral/app/desk_tasks.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/payload.h"

namespace xxt::referral::app {
namespace {

using tasks::Completion;
using tasks::Task;

Actor ActorOf(const Completion& completion) { return {completion.staff, completion.now}; }

// Keeps what the person noted: a task holds no words about people.
void WriteNote(pg::Session& session, const Referral& referral, absl::string_view decision,
               const Completion& completion) {
  if (completion.note.empty()) return;
  WriteEntry(session, referral, Claim{completion.staff, "本窗口", absl::StrCat(decision, "：", completion.note)},
             ActorOf(completion));
}

// When to try again: at the next opening, or the same time of the next working
// day if it was open just now.
absl::Time NextTry(const Chased& chased, const Completion& completion) {
  const calendar::OpeningHours hours = chased.Hours();
  if (completion.next_action_time > completion.now) return hours.NextOpen(completion.next_action_time);
  return hours.IsOpen(completion.now) ? hours.AddOpenWorkdays(completion.now, 1) : hours.NextOpen(completion.now);
}

absl::Status OnReached(pg::Session& session, Chased* chased, const Actor& actor) {
  const ChaseState state = chased->referral.chase.state;
  if (state == ChaseState::kQueued) {
    XXT_RETURN_IF_ERROR(Advance(session, chased, Sent{}, actor));
  } else if (state == ChaseState::kNeedsInput) {
    XXT_RETURN_IF_ERROR(Advance(session, chased, InputProvided{}, actor));
  } else {
    return absl::OkStatus();
  }
  Save(session, chased, actor);
  return absl::OkStatus();
}

// What is put off too far is put to sleep.
absl::Status CheckHorizon(const Completion& completion, absl::Duration longest) {
  if (completion.next_action_time <= completion.now + longest) return absl::OkStatus();
  const std::int64_t days = longest / absl::Hours(24);
  return errors::FieldInvalid("next_action_time", absl::StrCat("下次办理的时间太远，须在", days, "天之内"),
                              absl::StrCat("must be within ", days, " days"));
}

absl::Status CompleteCarry(pg::Session& session, const Settings& settings, const Task& task,
                           const Completion& completion) {
  XXT_RETURN_IF_ERROR(CheckHorizon(completion, settings.longest_retry));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, IdOf(task.subject)));
  const Actor actor = ActorOf(completion);
  Attempt attempt;
  attempt.channel = Channel::kPhone;
  // The outcomes are results' names.
  attempt.result = FromName<Attempt::Result>(completion.outcome).value_or(Attempt::Result::kNoAnswer);
  if (const Unit* unit = chased.unit(); unit != nullptr) attempt.unit = unit->id;
  attempt.summary = completion.note;
  WriteEntry(session, chased.referral, attempt, actor);
  Tell(session, chased.referral, "attempted", absl::StrCat("联系", chased.body.title), actor);
  if (attempt.result == Attempt::Result::kReached) return OnReached(session, &chased, actor);
  const bool wrong_number = attempt.result == Attempt::Result::kWrongNumber;
  // After the end it is the withdrawal that is told.
  EnqueueCarry(session, chased, NextTry(chased, completion),
               absl::StrCat(chased.referral.ended() ? kWithdrawnHint : "",
                            wrong_number ? "（上次号码有误，请先查 114 或官网核实电话）" : "（上次无人接听）"));
  return absl::OkStatus();
}

absl::Status CompleteDecision(pg::Session& session, const Settings& settings, const Task& task,
                              const Completion& completion) {
  XXT_RETURN_IF_ERROR(CheckHorizon(completion, settings.longest_wait));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, IdOf(task.subject)));
  XXT_RETURN_IF_ERROR(CheckOpen(chased.referral));
  const Actor actor = ActorOf(completion);
  if (completion.outcome == "KEEP_WAITING") {
    const PersonDecided decided{PersonDecided::KeepWaiting{completion.next_action_time}};
    const absl::Status status = Advance(session, &chased, decided, actor);
    if (status.code() == absl::StatusCode::kInvalidArgument) {
      return errors::FieldInvalid("next_action_time", "请填写等到什么时候，须晚于现在", "must be after now");
    }
    XXT_RETURN_IF_ERROR(status);
    WriteNote(session, chased.referral, "继续等待", completion);
  } else if (completion.outcome == "CALL_INSTEAD") {
    XXT_RETURN_IF_ERROR(Advance(session, &chased, PersonDecided{PersonDecided::TryOtherChannel{}}, actor));
    WriteNote(session, chased.referral, "改打电话", completion);
  } else {
    const absl::Status status = Advance(session, &chased, PersonDecided{PersonDecided::GiveUp{completion.note}}, actor);
    if (status.code() == absl::StatusCode::kInvalidArgument) {
      return errors::FieldInvalid("note", "按无答复处理须写明理由", "a reason is required to give up waiting");
    }
    XXT_RETURN_IF_ERROR(status);
  }
  Save(session, &chased, actor);
  return absl::OkStatus();
}

absl::Status CompleteMailTrouble(pg::Session& session, const Task& task, const Completion& completion) {
  const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
  if (!payload.has_value()) return errors::Internal("referral.mail_trouble");
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, IdOf(task.subject)));
  Referral& referral = chased.referral;
  const Actor actor = ActorOf(completion);
  // The machine's own try is over with the answer, also for whoever would requeue it.
  tasks::Cancel(session, payload->mail);
  DropMail(session, referral);
  if (completion.outcome == "SEND_AGAIN") {
    EnqueueMail(session, referral, {"", payload->purpose, payload->ordinal, /*again=*/true, ""});
    WriteNote(session, referral, "再发一次邮件", completion);
  } else if (completion.outcome == "WAS_SENT") {
    WriteNote(session, referral, "邮件确已送达", completion);
    const bool moves = payload->purpose == MailPurpose::kRequest && referral.chase.state == ChaseState::kQueued;
    if (moves) XXT_RETURN_IF_ERROR(Advance(session, &chased, Sent{}, actor));
  } else {
    WriteNote(session, referral, "改打电话", completion);
    if (referral.ended() || referral.chase.state == ChaseState::kNeedsInput) {
      EnqueueCarry(session, chased, chased.Hours().NextOpen(completion.now), referral.ended() ? kWithdrawnHint : "");
    } else {
      XXT_RETURN_IF_ERROR(Advance(session, &chased, PersonDecided{PersonDecided::TryOtherChannel{}}, actor));
    }
  }
  Save(session, &chased, actor);
  return absl::OkStatus();
}

// Whether the directory was put right or was right all along: it is written to
// again. Another address that has bounced since is another task.
absl::Status CompleteVerification(pg::Session& session, const Task& task, const Completion&) {
  const std::optional<ContactPayload> payload = ReadContactPayload(task.payload);
  if (!payload.has_value()) return errors::Internal("referral.verify_contact");
  bounced_store::Forget(session, payload->body_id, payload->unit, payload->address);
  return absl::OkStatus();
}

absl::Status Seen(pg::Session&, const Task&, const Completion&) { return absl::OkStatus(); }

}  // namespace

std::vector<tasks::DeskKind> DeskKinds(const Settings& settings) {
  using Complete = absl::Status (*)(pg::Session&, const Settings&, const Task&, const Completion&);
  const auto with = [&settings](Complete complete) {
    return [&settings, complete](pg::Session& session, const Task& task, const Completion& completion) {
      return complete(session, settings, task, completion);
    };
  };
  return {
      {kCarryKind, {"REACHED", "NO_ANSWER", "WRONG_NUMBER"}, with(CompleteCarry)},
      {kReadMailKind, {}, Seen},
      {kDecideSilenceKind, {"KEEP_WAITING", "CALL_INSTEAD", "NO_ANSWER"}, with(CompleteDecision)},
      {kCutOffWarningKind, {"SEEN"}, Seen},
      {kUnmatchedMailKind, {}, Seen},
      {kMailTroubleKind, {"SEND_AGAIN", "CALL_INSTEAD", "WAS_SENT"}, CompleteMailTrouble},
      {kVerifyContactKind, {"VERIFIED", "CORRECTED"}, CompleteVerification},
      {kDeadTaskKind, {"SEEN"}, Seen},
  };
}

}  // namespace xxt::referral::app
