#include "services/referral/app/mails.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/row.h"
#include "common/tasks/task.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/mail_store.h"
#include "services/referral/storage/payload.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

std::string UnmatchedKey(absl::string_view id) { return absl::StrCat(kUnmatchedMailKind, "/", id); }

// What a mail is about.
struct Match {
  std::string referral_id;
  std::string returned;   // name of the mail of ours that it brings back; empty: none
  bool reminder = false;  // which reminded the body
};

bool SameAddress(const std::string& one, const std::string& other) { return absl::EqualsIgnoreCase(one, other); }

// A code tells whom the mail answers, better than a thread does: people answer
// to whatever mail they find. nullopt if neither does.
absl::StatusOr<std::optional<Match>> FindMatch(Tx& tx, const InboundMail& mail) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> entries, entry::Find(tx.session, EntryIdsIn(mail.thread)));
  const auto referral_of = [](const std::string& name) { return IdOf(store::RootNameOf(name)); };
  for (const std::string& name : entries) {
    if (!mail.bounce.has_value()) break;
    v1::Entry sent;
    XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &sent));
    if (!sent.has_mail() || sent.mail().direction() == v1::Mail::DIRECTION_IN) continue;
    if (!SameAddress(sent.mail().address(), mail.bounce->recipient)) continue;
    return Match{referral_of(name), name, sent.mail().direction() == v1::Mail::DIRECTION_REMINDER};
  }
  std::vector<std::string> subjects = {mail.subject};
  subjects.insert(subjects.end(), mail.embedded_subjects.begin(), mail.embedded_subjects.end());
  for (const std::string& subject : subjects) {
    const auto code = identifiers::FindAnswerCode(subject);
    if (!code.has_value()) continue;
    XXT_ASSIGN_OR_RETURN(std::optional<std::string> id, referral_store::FindByAnswerCode(tx.session, code->text()));
    if (id.has_value()) return Match{*std::move(id), "", false};
  }
  if (entries.empty()) return std::nullopt;
  return Match{referral_of(entries.front()), "", false};
}

// Of a referral, or of an unmatched mail.
template <typename Root>
store::RootKey KeyOf(const seal::Keyring& keys, const Root& root) {
  return store::RootKey::Of(keys, root.name(), root.key);
}

std::vector<Attachment> ListOf(const InboundMail& mail) {
  std::vector<Attachment> list;
  for (const AttachedFile& file : mail.files) list.push_back(file.about);
  return list;
}

// The mail as an entry of the referral. It keeps its id.
v1::Entry EntryOf(const UnmatchedMail& mail, const Referral& referral) {
  v1::Entry made;
  made.set_name(entry::NameOf(referral.name(), mail.id));
  v1::Mail& content = *made.mutable_mail();
  content.set_direction(v1::Mail::DIRECTION_IN);
  content.set_state(v1::Mail::STATE_ACCEPTED);
  if (!mail.message_id.empty()) content.set_message_id(absl::StrCat("<", mail.message_id, ">"));
  content.set_subject(mail.subject);
  content.set_text(mail.text);
  content.set_address(mail.from_address);
  for (const Attachment& file : mail.attachments) {
    *content.add_attachments() = entry::AttachmentOf(file, made.name(), content.attachments_size() + 1);
  }
  return made;
}

void KeepUnmatched(Tx& tx, const UnmatchedMail& unmatched, const Settings& settings) {
  mail_store::InsertUnmatched(tx.session, unmatched);
  tasks::NewTask task;
  task.kind = kUnmatchedMailKind;
  task.subject = unmatched.name();
  task.dedupe_key = UnmatchedKey(unmatched.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(unmatched.receive_time);
  task.hall = settings.desk_hall;
  task.summary = "收到一封对不上协查的来信，请归档到协查，或注明不需要办理";
  tasks::Enqueue(tx.session, std::move(task));
}

// The directory's address is dead: whoever keeps the directory verifies it.
void AskToVerify(Tx& tx, const Chased& chased, const std::string& address, const Settings& settings) {
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  // It may have been put right already.
  if (point == nullptr || !SameAddress(point->address, address)) return;
  bounced_store::Note(tx.session, chased.body.id, unit->id, address, tx.now);
  tasks::NewTask task;
  task.kind = kVerifyContactKind;
  task.subject = chased.body.name();
  task.payload = WritePayload(ContactPayload{chased.body.id, unit->id, address});
  task.dedupe_key =
      absl::StrCat(kVerifyContactKind, "/", chased.body.id, "/", unit->id, "/", absl::AsciiStrToLower(address));
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = settings.desk_hall;
  task.summary = absl::StrCat("发给", Whom(chased), "的邮件被退回，请核实名录中的电子邮箱，改正或确认后登记");
  tasks::Enqueue(tx.session, std::move(task));
}

// Whether a mail of ours came back for good. It may come back before the ledger
// has it; then the address tells.
bool IsDead(const Chased& chased, const InboundMail& mail, const Match& match) {
  if (!mail.bounce.has_value() || !mail.bounce->permanent) return false;
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  return !match.returned.empty() || (point != nullptr && SameAddress(point->address, mail.bounce->recipient));
}

// People speak with the body from now on.
absl::Status TakeBounce(Tx& tx, Chased* chased, const Match& match) {
  Referral& referral = chased->referral;
  Tell(tx, referral, "mail_bounced", absl::StrCat("给", chased->body.title, "的邮件被退回"));
  if (referral.connector != Connector::kEmail) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(Advance(tx, chased, Undelivered{!match.reminder}));
  Save(tx, chased);
  return absl::OkStatus();
}

// Stores what is new.
absl::Status Keep(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const Settings& settings) {
  XXT_ASSIGN_OR_RETURN(const std::optional<Match> match, FindMatch(tx, mail));
  UnmatchedMail kept{identifiers::NewUuid(tx.now),
                     mail.from_address,
                     mail.subject,
                     mail.text,
                     mail.message_id,
                     tx.now,
                     ListOf(mail),
                     false,
                     ""};
  if (!match.has_value()) {
    if (mail.history) return absl::OkStatus();
    kept.key = tx.MakeKey(kept.name());
    KeepUnmatched(tx, kept, settings);
    return mail::KeepFiles(tx.session, KeyOf(keys, kept), kept.name(), mail.files);
  }
  XXT_CRASH_POINT("referral.mail_matched");
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, match->referral_id));
  v1::Entry came = EntryOf(kept, chased.referral);
  if (mail.bounce.has_value()) came.mutable_mail()->set_bounce_status(mail.bounce->status);
  came.mutable_mail()->set_bounced_mail(match->returned);
  entry::Add(tx, chased.referral.name(), came);
  XXT_RETURN_IF_ERROR(mail::KeepFiles(tx.session, KeyOf(keys, chased.referral), came.name(), mail.files));
  const bool dead = IsDead(chased, mail, *match);
  if (dead) AskToVerify(tx, chased, mail.bounce->recipient, settings);
  if (dead && !chased.referral.ended()) return TakeBounce(tx, &chased, *match);
  return TakeMail(tx, &chased, came.name(), mail.automatic);
}

// The mail has come after all: nobody need look for it.
absl::Status SetNoteAside(Tx& tx, const std::string& id) {
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail note, mail_store::GetUnmatchedForChange(tx.session, id));
  if (note.filed) return absl::OkStatus();
  mail_store::FileUnmatched(tx.session, id, tx.caller.subject, tx.now, std::nullopt, "这封来信后来读到了");
  tasks::Cancel(tx.session, UnmatchedKey(id));
  return absl::OkStatus();
}

}  // namespace

absl::Status ReceiveMail(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const Settings& settings) {
  XXT_ASSIGN_OR_RETURN(const mail_store::Arrival arrival, mail_store::RecordArrival(tx.session, mail, tx.now));
  if (arrival.is_new) {
    XXT_CRASH_POINT("referral.mail_recorded");
    XXT_RETURN_IF_ERROR(Keep(tx, keys, mail, settings));
  }
  // After the referral: one order of locks everywhere.
  return arrival.note.has_value() ? SetNoteAside(tx, *arrival.note) : absl::OkStatus();
}

void TellOfUnread(Tx& tx, const InboundMail& mail, const Settings& settings) {
  const InboundMail told = Unreadable(mail);
  UnmatchedMail note{identifiers::NewUuid(tx.now), "", told.subject, told.text, "", tx.now, {}, false, ""};
  note.key = tx.MakeKey(note.name());
  KeepUnmatched(tx, note, settings);
  mail_store::NoteTold(tx.session, mail, note.id);
}

absl::StatusOr<std::optional<v1::Entry>> FileUnmatchedMail(Tx& tx, const seal::Keyring& keys, absl::string_view id,
                                                           const std::optional<std::string>& referral_id,
                                                           const std::optional<std::string>& set_aside_reason,
                                                           const Settings& settings) {
  XXT_RETURN_IF_ERROR(CheckDesk(tx.caller, settings, absl::StrCat("unmatchedMails/", id)));
  // The referral first: one order of locks everywhere.
  std::optional<Chased> chased;
  if (referral_id.has_value()) {
    XXT_ASSIGN_OR_RETURN(chased, LoadForChange(tx, *referral_id));
  }
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail mail, mail_store::GetUnmatchedForChange(tx.session, id));
  if (mail.filed) return errors::StateForbids(mail.name(), "这封来信已经处理过了", "the mail has been filed");
  mail_store::FileUnmatched(tx.session, mail.id, tx.caller.subject, tx.now, referral_id, set_aside_reason);
  tasks::Cancel(tx.session, UnmatchedKey(mail.id));
  if (!chased.has_value()) return std::nullopt;
  v1::Entry filed = EntryOf(mail, chased->referral);
  rpc::ToProto(mail.receive_time, filed.mutable_occur_time());
  entry::Add(tx, chased->referral.name(), filed);
  XXT_RETURN_IF_ERROR(
      mail::MoveFiles(tx.session, KeyOf(keys, mail), mail.name(), KeyOf(keys, chased->referral), filed.name()));
  XXT_RETURN_IF_ERROR(TakeMail(tx, &*chased, filed.name(), false));
  return filed;
}

absl::Status CheckDesk(const identity::Caller& caller, const Settings& settings, absl::string_view name) {
  return identity::CheckHall(caller, settings.desk_hall, name);
}

}  // namespace xxt::referral::app
