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
#include "services/referral/referrals/payload.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/mail_store.h"

namespace xxt::referral::app {
namespace {

std::string UnmatchedKey(absl::string_view id) { return absl::StrCat(kUnmatchedMailKind, "/", id); }

// What a mail is about.
struct Match {
  std::string referral;
  std::string returned;   // name of the mail of ours that it brings back; empty: none
  bool reminder = false;  // which reminded the body
};

bool SameAddress(const std::string& one, const std::string& other) { return absl::EqualsIgnoreCase(one, other); }

// A code tells whom the mail answers, better than a thread does: people answer
// to whatever mail they find. nullopt if neither does.
absl::StatusOr<std::optional<Match>> FindMatch(Tx& tx, const InboundMail& mail) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> entries, entry::Find(tx.session, EntryIdsIn(mail.thread)));
  const auto referral_of = [](const std::string& name) { return std::string(store::RootNameOf(name)); };
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
    XXT_ASSIGN_OR_RETURN(std::optional<std::string> name, referrals::FindByAnswerCode(tx.session, code->text()));
    if (name.has_value()) return Match{*std::move(name), "", false};
  }
  if (entries.empty()) return std::nullopt;
  return Match{referral_of(entries.front()), "", false};
}

store::RootKey KeyOf(const seal::Keyring& keys, const UnmatchedMail& mail) {
  return store::RootKey::Of(keys, mail.name(), mail.key);
}

std::vector<Attachment> ListOf(const InboundMail& mail) {
  std::vector<Attachment> list;
  for (const AttachedFile& file : mail.files) list.push_back(file.about);
  return list;
}

// The mail as an entry of the referral. It keeps its id.
v1::Entry EntryOf(const UnmatchedMail& mail, const v1::Referral& referral) {
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
  // It may have been put right already.
  if (chased.mail_address() == nullptr || !SameAddress(*chased.mail_address(), address)) return;
  const std::string body_id = IdOf(chased.body.name());
  const std::string& unit = chased.unit()->id();
  bounced_store::Note(tx.session, body_id, unit, address, tx.now);
  tasks::NewTask task;
  task.kind = kVerifyContactKind;
  task.subject = chased.body.name();
  task.payload = WritePayload(ContactPayload{body_id, unit, address});
  task.dedupe_key = absl::StrCat(kVerifyContactKind, "/", body_id, "/", unit, "/", absl::AsciiStrToLower(address));
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
  const std::string* address = chased.mail_address();
  return !match.returned.empty() || (address != nullptr && SameAddress(*address, mail.bounce->recipient));
}

// People speak with the body from now on.
absl::Status TakeBounce(Tx& tx, Chased* chased, const Match& match) {
  const v1::Referral& referral = chased->referral;
  tx.Tell(referral, "referral.mail_bounced.v1", absl::StrCat("给", chased->body.title(), "的邮件被退回"));
  if (referral.connector() != v1::Referral::CONNECTOR_EMAIL) return absl::OkStatus();
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
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, match->referral));
  v1::Entry came = EntryOf(kept, chased.referral);
  if (mail.bounce.has_value()) came.mutable_mail()->set_bounce_status(mail.bounce->status);
  came.mutable_mail()->set_bounced_mail(match->returned);
  entry::Add(tx, chased.referral.name(), came);
  if (!mail.files.empty()) {
    XXT_ASSIGN_OR_RETURN(const store::RootKey key, referrals::KeyOf(tx.session, keys, came.name()));
    XXT_RETURN_IF_ERROR(mail::KeepFiles(tx.session, key, came.name(), mail.files));
  }
  const bool dead = IsDead(chased, mail, *match);
  if (dead) AskToVerify(tx, chased, mail.bounce->recipient, settings);
  if (dead && !referrals::HasEnded(chased.referral)) return TakeBounce(tx, &chased, *match);
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

absl::Status File(Tx& tx, const seal::Keyring& keys, const v1::FileUnmatchedMailRequest& request,
                  v1::FileUnmatchedMailResponse& response) {
  // The referral first: one order of locks everywhere.
  std::optional<Chased> chased;
  if (request.has_referral()) {
    XXT_ASSIGN_OR_RETURN(chased, LoadForChange(tx, request.referral()));
  }
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail mail,
                       mail_store::GetUnmatchedForChange(tx.session, IdOf(request.name())));
  if (mail.filed) return errors::StateForbids(mail.name(), "这封来信已经处理过了", "the mail has been filed");
  const auto given = [](bool is, const std::string& text) {
    return is ? std::optional<std::string>(text) : std::nullopt;
  };
  mail_store::FileUnmatched(tx.session, mail.id, tx.caller.subject, tx.now,
                            given(request.has_referral(), IdOf(request.referral())),
                            given(!request.has_referral(), request.set_aside_reason()));
  tasks::Cancel(tx.session, UnmatchedKey(mail.id));
  if (!chased.has_value()) return absl::OkStatus();
  v1::Entry& filed = *response.mutable_entry();
  filed = EntryOf(mail, chased->referral);
  rpc::ToProto(mail.receive_time, filed.mutable_occur_time());
  entry::Add(tx, chased->referral.name(), filed);
  XXT_ASSIGN_OR_RETURN(const store::RootKey to, referrals::KeyOf(tx.session, keys, filed.name()));
  XXT_RETURN_IF_ERROR(mail::MoveFiles(tx.session, KeyOf(keys, mail), mail.name(), to, filed.name()));
  return TakeMail(tx, &*chased, filed.name(), false);
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

absl::Status FileUnmatchedMail(const seal::Keyring& keys, const Settings& settings, Tx& tx,
                               const v1::FileUnmatchedMailRequest& request, v1::FileUnmatchedMailResponse& response) {
  XXT_RETURN_IF_ERROR(CheckDesk(tx.caller, settings, request.name()));
  if (!request.has_referral() && request.set_aside_reason().empty()) {
    return errors::FieldInvalid("target", "请选择归档到哪件协查，或写明不办理的理由",
                                "exactly one of referral and set_aside_reason is required");
  }
  // Whoever files mails files them with a referral of any hall.
  const identity::Caller filer{tx.caller.subject, tx.caller.hall, tx.caller.roles, identity::HallScope::All()};
  const Circumstances of{.caller = filer, .now = tx.now, .deadline = tx.deadline, .keys = keys};
  return InTx(tx.session, of, [&](Tx& any) { return File(any, keys, request, response); });
}

absl::Status CheckDesk(const identity::Caller& caller, const Settings& settings, absl::string_view name) {
  return identity::CheckHall(caller, settings.desk_hall, name);
}

void ToProto(const UnmatchedMail& mail, v1::UnmatchedMail* proto) {
  proto->set_name(mail.name());
  proto->set_from_address(mail.from_address);
  proto->set_subject(mail.subject);
  proto->set_text(mail.text);
  rpc::ToProto(mail.receive_time, proto->mutable_receive_time());
  proto->set_message_id(mail.message_id);
  proto->set_state(mail.filed ? v1::UnmatchedMail::STATE_FILED : v1::UnmatchedMail::STATE_OPEN);
  for (const Attachment& file : mail.attachments) {
    *proto->add_attachments() = entry::AttachmentOf(file, mail.name(), proto->attachments_size() + 1);
  }
}

}  // namespace xxt::referral::app
