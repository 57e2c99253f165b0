#include "services/referral/app/mails.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/storage/entry_store.h"
#include "services/referral/storage/mail_store.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

std::string UnmatchedKey(absl::string_view id) { return absl::StrCat(kUnmatchedMailKind, "/", id); }

// The referral the mail answers; nullopt if it does not say.
absl::StatusOr<std::optional<std::string>> FindReferral(pg::Session& session, const InboundMail& mail) {
  if (const auto code = identifiers::FindAnswerCode(mail.subject)) {
    XXT_ASSIGN_OR_RETURN(std::optional<std::string> id, referral_store::FindByAnswerCode(session, code->text()));
    if (id.has_value()) return id;
  }
  XXT_ASSIGN_OR_RETURN(std::vector<std::string> ids, entry_store::ReferralsOf(session, EntryIdsIn(mail.thread)));
  if (ids.empty()) return std::nullopt;
  return ids.front();
}

Mail ToEntry(const std::string& from, const std::string& subject, const std::string& text,
             const std::string& message_id) {
  Mail entry;
  entry.direction = Mail::Direction::kIn;
  entry.state = Mail::State::kAccepted;
  entry.message_id = message_id;
  entry.subject = subject;
  entry.text = text;
  entry.address = from;
  return entry;
}

void KeepUnmatched(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now) {
  const UnmatchedMail unmatched{
      identifiers::NewUuid(now), mail.from_address, mail.subject, mail.text, mail.message_id, now, false};
  mail_store::InsertUnmatched(session, unmatched);
  tasks::NewTask task;
  task.kind = kUnmatchedMailKind;
  task.subject = unmatched.name();
  task.dedupe_key = UnmatchedKey(unmatched.id);
  task.lane = tasks::Lane::kDesk;
  task.due = now;
  task.hall = settings.desk_hall;
  task.summary = "收到一封对不上协查的来信，请归档到协查，或注明不需要办理";
  tasks::Enqueue(session, std::move(task));
}

}  // namespace

absl::Status ReceiveMail(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const bool is_new, mail_store::RecordArrival(session, mail, now));
  if (!is_new) return absl::OkStatus();
  XXT_CRASH_POINT("referral.mail_recorded");
  XXT_ASSIGN_OR_RETURN(const std::optional<std::string> referral_id, FindReferral(session, mail));
  if (!referral_id.has_value()) {
    KeepUnmatched(session, mail, settings, now);
    return absl::OkStatus();
  }
  XXT_CRASH_POINT("referral.mail_matched");
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, *referral_id));
  const Actor actor{kMachine, now};
  const Entry entry =
      WriteEntry(session, chased.referral, ToEntry(mail.from_address, mail.subject, mail.text, mail.message_id), actor);
  return TakeMail(session, &chased, entry, mail.automatic, actor);
}

absl::StatusOr<std::optional<Entry>> FileUnmatchedMail(pg::Session& session, const identity::Caller& caller,
                                                       absl::string_view id,
                                                       const std::optional<std::string>& referral_id,
                                                       const std::optional<std::string>& set_aside_reason,
                                                       absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail mail, mail_store::GetUnmatchedForChange(session, id));
  if (mail.filed) return errors::StateForbids(mail.name(), "这封来信已经处理过了", "the mail has been filed");
  std::optional<Chased> chased;
  if (referral_id.has_value()) {
    XXT_ASSIGN_OR_RETURN(chased, LoadForChange(session, *referral_id));
    XXT_RETURN_IF_ERROR(identity::CheckHall(caller, chased->referral.hall, chased->referral.name()));
  }
  mail_store::FileUnmatched(session, mail.id, caller.subject, now, referral_id, set_aside_reason);
  tasks::Cancel(session, UnmatchedKey(mail.id));
  if (!chased.has_value()) return std::nullopt;
  const Actor actor{caller.subject, now};
  Entry entry =
      WriteEntry(session, chased->referral, ToEntry(mail.from_address, mail.subject, mail.text, mail.message_id), actor,
                 mail.receive_time);
  XXT_RETURN_IF_ERROR(TakeMail(session, &*chased, entry, false, actor));
  return entry;
}

}  // namespace xxt::referral::app
