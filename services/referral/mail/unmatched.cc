#include "services/referral/mail/unmatched.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/chase/steps.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/referrals/referrals.h"

namespace xxt::referral::mail {
namespace {

using referrals::IdOf;

constexpr char kUnmatchedMailKind[] = "referral.unmatched_mail";

std::string TaskKey(absl::string_view name) { return absl::StrCat(kUnmatchedMailKind, "/", IdOf(name)); }

// Queues that it is done with. Nobody's words for why are kept of one whose data are erased.
void Settle(Tx& tx, v1::UnmatchedMail::State state, v1::UnmatchedMail& mail) {
  if (tx.IsErased(mail.name())) mail.clear_set_aside_reason();
  mail.set_state(state);
  mail.set_filer(tx.caller.subject);
  rpc::ToProto(tx.now, mail.mutable_file_time());
  tx.Save(kUnmatchedMails, mail);
  tasks::Cancel(tx.session, TaskKey(mail.name()));
}

// What it said is the entry's now, and sealed with the referral's key.
void LeaveToEntry(v1::UnmatchedMail& mail) {
  mail.clear_from_address();
  mail.clear_subject();
  mail.clear_text();
  mail.clear_attachments();
}

absl::Status File(Tx& tx, const seal::Keyring& keys, const v1::FileUnmatchedMailRequest& request,
                  v1::FileUnmatchedMailResponse& response) {
  // The referral first: one order of locks everywhere.
  std::optional<chase::Chased> chased;
  if (request.has_referral()) {
    XXT_ASSIGN_OR_RETURN(chased, chase::LoadForChange(tx, request.referral()));
  }
  v1::UnmatchedMail mail;
  XXT_RETURN_IF_ERROR(tx.Load(kUnmatchedMails, request.name(), "", &mail));
  if (mail.state() != v1::UnmatchedMail::STATE_OPEN) {
    return errors::StateForbids(mail.name(), "这封来信已经处理过了", "the mail has been filed");
  }
  if (!chased.has_value()) {
    mail.set_set_aside_reason(request.set_aside_reason());
    Settle(tx, v1::UnmatchedMail::STATE_SET_ASIDE, mail);
    return absl::OkStatus();
  }
  v1::Entry& filed = *response.mutable_entry();
  filed = EntryOf(mail, request.referral());
  *filed.mutable_occur_time() = mail.receive_time();
  entry::Add(tx, request.referral(), filed);
  XXT_RETURN_IF_ERROR(MoveFiles(tx.session, keys, mail.name(), filed.name()));
  LeaveToEntry(mail);
  mail.set_referral(request.referral());
  Settle(tx, v1::UnmatchedMail::STATE_FILED, mail);
  return chase::TakeMail(tx, &*chased, filed.name(), false);
}

}  // namespace

const store::Table<v1::UnmatchedMail> kUnmatchedMails(
    "referral.unmatched_mails",
    {.columns = {"state", "receive_time"},
     .lists = {{"open", {}, "receive_time, id", store::Of::kParent, {{"state", v1::UnmatchedMail::STATE_OPEN}}}}});

v1::UnmatchedMail UnmatchedOf(const InboundMail& mail, absl::Time now) {
  v1::UnmatchedMail made;
  made.set_name(kUnmatchedMails.NewName("", now));
  made.set_from_address(mail.from_address);
  made.set_subject(mail.subject);
  made.set_text(mail.text);
  made.set_message_id(mail.message_id);
  made.set_state(v1::UnmatchedMail::STATE_OPEN);
  rpc::ToProto(now, made.mutable_receive_time());
  for (const AttachedFile& file : mail.files) {
    *made.add_attachments() = AttachmentOf(file.about, made.name(), made.attachments_size() + 1);
  }
  return made;
}

v1::Entry EntryOf(const v1::UnmatchedMail& mail, absl::string_view referral) {
  v1::Entry made;
  made.set_name(entry::NameOf(referral, IdOf(mail.name())));
  v1::Mail& content = *made.mutable_mail();
  content.set_direction(v1::Mail::DIRECTION_IN);
  content.set_state(v1::Mail::STATE_ACCEPTED);
  if (!mail.message_id().empty()) content.set_message_id(absl::StrCat("<", mail.message_id(), ">"));
  content.set_subject(mail.subject());
  content.set_text(mail.text());
  content.set_address(mail.from_address());
  for (const v1::Attachment& file : mail.attachments()) {
    v1::Attachment& same = *content.add_attachments();
    same = file;
    same.set_name(absl::StrCat(made.name(), "/attachments/", content.attachments_size()));
  }
  return made;
}

void KeepUnmatched(Tx& tx, v1::UnmatchedMail& made, const Settings& settings) {
  tx.Insert(kUnmatchedMails, made);
  tasks::NewTask task;
  task.kind = kUnmatchedMailKind;
  task.subject = made.name();
  task.dedupe_key = TaskKey(made.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = settings.desk_hall;
  task.summary = "收到一封对不上协查的来信，请归档到协查，或注明不需要办理";
  tasks::Enqueue(tx.session, std::move(task));
}

absl::Status SetAside(Tx& tx, absl::string_view name, absl::string_view reason) {
  v1::UnmatchedMail mail;
  XXT_RETURN_IF_ERROR(tx.Load(kUnmatchedMails, name, "", &mail));
  if (mail.state() != v1::UnmatchedMail::STATE_OPEN) return absl::OkStatus();
  mail.set_set_aside_reason(std::string(reason));
  Settle(tx, v1::UnmatchedMail::STATE_SET_ASIDE, mail);
  return absl::OkStatus();
}

absl::Status CheckDesk(const Tx& tx, const Settings& settings, absl::string_view name) {
  return identity::CheckHall(tx.caller, settings.desk_hall, name);
}

absl::Status FileUnmatched(const seal::Keyring& keys, const Settings& settings, Tx& tx,
                           const v1::FileUnmatchedMailRequest& request, v1::FileUnmatchedMailResponse& response) {
  XXT_RETURN_IF_ERROR(CheckDesk(tx, settings, request.name()));
  if (!request.has_referral() && request.set_aside_reason().empty()) {
    return errors::FieldInvalid("target", "请选择归档到哪件协查，或写明不办理的理由",
                                "exactly one of referral and set_aside_reason is required");
  }
  // Whoever files mails files them with a referral of any hall, and all that they say: a mail that does not open now
  // would become an empty entry, and leave its words where nobody looks for them.
  const identity::Caller filer{tx.caller.subject, tx.caller.hall, tx.caller.roles, identity::HallScope::All()};
  const Circumstances of{.caller = filer, .now = tx.now, .deadline = tx.deadline, .keys = keys, .must_open = true};
  return InTx(tx.session, of, [&](Tx& any) { return File(any, keys, request, response); });
}

tasks::DeskKind UnmatchedKind() {
  return edge::Settled(kUnmatchedMailKind, "请把来信归档来完成：归到哪件协查，或写明不办理的理由",
                       "settled by FileUnmatchedMail");
}

}  // namespace xxt::referral::mail
