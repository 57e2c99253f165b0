#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/work.h"
#include "services/referral/entry/entry.h"
#include "services/referral/referrals/bounced.h"

namespace xxt::referral::chase {
namespace {

using tasks::Completion;
using tasks::Task;

// Keeps what the person noted: a task holds no words about people.
void WriteNote(Tx& tx, const v1::Referral& referral, absl::string_view decision, const Completion& completion) {
  if (completion.note.empty()) return;
  v1::Entry note;
  v1::Claim& claim = *note.mutable_claim();
  claim.set_said_by(completion.staff);
  claim.set_said_to("本窗口");
  claim.set_text(absl::StrCat(decision, "：", completion.note));
  entry::Add(tx, referral.name(), note);
}

// When to try again: at the next opening, or the same time of the next working
// day if it was open just now.
absl::Time NextTry(const Chased& chased, const Completion& completion) {
  const calendar::OpeningHours hours = chased.Hours();
  if (completion.next_action_time > completion.now) return hours.NextOpen(completion.next_action_time);
  return hours.IsOpen(completion.now) ? hours.AddOpenWorkdays(completion.now, 1) : hours.NextOpen(completion.now);
}

absl::Status OnReached(Tx& tx, Chased* chased) {
  const v1::Referral::State state = chased->referral.state();
  if (state == v1::Referral::STATE_QUEUED) {
    XXT_RETURN_IF_ERROR(Advance(tx, chased, Sent{}));
  } else if (state == v1::Referral::STATE_NEEDS_INPUT) {
    XXT_RETURN_IF_ERROR(Advance(tx, chased, InputProvided{}));
  } else {
    return absl::OkStatus();
  }
  Save(tx, chased);
  return absl::OkStatus();
}

// What is put off too far is put to sleep.
absl::Status CheckHorizon(const Completion& completion, absl::Duration longest) {
  if (completion.next_action_time <= completion.now + longest) return absl::OkStatus();
  const std::int64_t days = longest / absl::Hours(24);
  return errors::FieldInvalid("next_action_time", absl::StrCat("下次办理的时间太远，须在", days, "天之内"),
                              absl::StrCat("must be within ", days, " days"));
}

absl::Status CompleteCarry(const ContactPolicy& contacts, Tx& tx, const Patience& patience, const Task& task,
                           const Completion& completion) {
  XXT_RETURN_IF_ERROR(CheckHorizon(completion, patience.longest_retry));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  // The outcomes are results' names.
  v1::Attempt::Result result = v1::Attempt::RESULT_NO_ANSWER;
  v1::Attempt::Result_Parse(absl::StrCat("RESULT_", completion.outcome), &result);
  v1::Entry tried;
  v1::Attempt& attempt = *tried.mutable_attempt();
  attempt.set_channel(::xixinting::common::v1::CHANNEL_PHONE);
  attempt.set_result(result);
  // It is a field for words, too: of one whose data are erased nothing can be written there.
  const v1::Unit* unit = tx.IsErased(chased.referral.name()) ? nullptr : chased.unit();
  if (unit != nullptr) attempt.set_unit(unit->id());
  attempt.set_summary(completion.note);
  entry::Add(tx, chased.referral.name(), tried);
  tx.Tell(chased.referral, "referral.attempted.v1", absl::StrCat("联系", chased.body.title()));
  if (result == v1::Attempt::RESULT_REACHED) return OnReached(tx, &chased);
  const bool wrong_number = result == v1::Attempt::RESULT_WRONG_NUMBER;
  const std::string* number = unit == nullptr ? nullptr : body::AddressBy(*unit, attempt.channel());
  if (wrong_number && number != nullptr) {
    bounced::NoteNumber(tx, chased.body, *unit, *number, chased.referral.hall());
  } else {
    XXT_RETURN_IF_ERROR(MindContact(tx, contacts, chased));
  }
  // After the end it is the withdrawal that is told.
  EnqueueCarry(tx, chased, NextTry(chased, completion),
               absl::StrCat(referrals::HasEnded(chased.referral) ? kWithdrawnHint : "",
                            wrong_number ? "（上次号码有误，请先查 114 或官网核实电话）" : "（上次无人接听）"));
  return absl::OkStatus();
}

absl::Status CompleteDecision(Tx& tx, const Patience& patience, const Task& task, const Completion& completion) {
  XXT_RETURN_IF_ERROR(CheckHorizon(completion, patience.longest_wait));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  XXT_RETURN_IF_ERROR(referrals::CheckOpen(chased.referral));
  if (completion.outcome == "KEEP_WAITING") {
    const PersonDecided waits{PersonDecided::KeepWaiting{completion.next_action_time}};
    XXT_RETURN_IF_ERROR(Advance(tx, &chased, waits));
    WriteNote(tx, chased.referral, "继续等待", completion);
  } else if (completion.outcome == "CALL_INSTEAD") {
    XXT_RETURN_IF_ERROR(Advance(tx, &chased, PersonDecided{PersonDecided::TryOtherChannel{}}));
    WriteNote(tx, chased.referral, "改打电话", completion);
  } else {
    XXT_RETURN_IF_ERROR(Advance(tx, &chased, PersonDecided{PersonDecided::GiveUp{completion.note}}));
  }
  Save(tx, &chased);
  return absl::OkStatus();
}

absl::Status CompleteMailTrouble(Tx& tx, const Task& task, const Completion& completion) {
  const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
  if (!payload.has_value()) return errors::Internal("referral.mail_trouble");
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  v1::Referral& referral = chased.referral;
  const bool ended = referrals::HasEnded(referral);
  // The machine's own try is over with the answer, also for whoever would requeue it.
  tasks::Cancel(tx.session, payload->mail);
  DropMail(tx, referral);
  if (completion.outcome == "SEND_AGAIN") {
    EnqueueMail(tx, referral, {"", payload->purpose, payload->ordinal, /*again=*/true, ""});
    WriteNote(tx, referral, "再发一次邮件", completion);
  } else if (completion.outcome == "WAS_SENT") {
    WriteNote(tx, referral, "邮件确已送达", completion);
    const bool queued = referral.state() == v1::Referral::STATE_QUEUED;
    if (payload->purpose == MailPurpose::kRequest && queued) XXT_RETURN_IF_ERROR(Advance(tx, &chased, Sent{}));
  } else {
    WriteNote(tx, referral, "改打电话", completion);
    if (ended || referral.state() == v1::Referral::STATE_NEEDS_INPUT) {
      EnqueueCarry(tx, chased, chased.Hours().NextOpen(completion.now), ended ? kWithdrawnHint : "");
    } else {
      XXT_RETURN_IF_ERROR(Advance(tx, &chased, PersonDecided{PersonDecided::TryOtherChannel{}}));
    }
  }
  Save(tx, &chased);
  return absl::OkStatus();
}

}  // namespace

std::vector<tasks::DeskKind> DeskKinds(const edge::Host& host, const Patience& patience,
                                       const ContactPolicy& contacts) {
  const auto with = [&patience](auto complete) {
    return [&patience, complete](Tx& tx, const Task& task, const Completion& completion) {
      return complete(tx, patience, task, completion);
    };
  };
  return {
      edge::Desk(host, kCarryKind, {"REACHED", "NO_ANSWER", "WRONG_NUMBER"},
                 with(std::bind_front(CompleteCarry, std::cref(contacts)))),
      edge::Settled(kReadMailKind, "读信后请登记答复来完成，并注明是哪封来信",
                    "settled by RecordReply that names the mail"),
      edge::Desk(host, kDecideSilenceKind, {"KEEP_WAITING", "CALL_INSTEAD", "NO_ANSWER"}, with(CompleteDecision)),
      edge::Desk(host, kMailTroubleKind, {"SEND_AGAIN", "CALL_INSTEAD", "WAS_SENT"}, CompleteMailTrouble),
      edge::Settled(kBasisWithdrawnKind, "请撤回协查，或登记对方的答复来完成",
                    "settled by CancelReferral, or by RecordReply that ends the referral"),
  };
}

}  // namespace xxt::referral::chase
