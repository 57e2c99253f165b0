#include "services/referral/app/mails.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/storage/attachment_store.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/entry_store.h"
#include "services/referral/storage/mail_store.h"
#include "services/referral/storage/payload.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

std::string UnmatchedKey(absl::string_view id) { return absl::StrCat(kUnmatchedMailKind, "/", id); }

// What a mail is about.
struct Match {
  std::string referral_id;
  std::optional<Entry> returned;  // the mail of ours that it brings back
};

bool SameAddress(const std::string& one, const std::string& other) { return absl::EqualsIgnoreCase(one, other); }

// A code tells whom the mail answers, better than a thread does: people answer
// to whatever mail they find. nullopt if neither does.
absl::StatusOr<std::optional<Match>> FindMatch(pg::Session& session, const InboundMail& mail) {
  XXT_ASSIGN_OR_RETURN(const std::vector<Entry> entries, entry_store::Find(session, EntryIdsIn(mail.thread)));
  Match match;
  for (const Entry& entry : entries) {
    const Mail* sent = std::get_if<Mail>(&entry.content);
    if (!mail.bounce.has_value() || sent == nullptr || sent->direction == Mail::Direction::kIn) continue;
    if (!SameAddress(sent->address, mail.bounce->recipient)) continue;
    return Match{entry.referral_id, entry};
  }
  std::vector<std::string> subjects = {mail.subject};
  subjects.insert(subjects.end(), mail.embedded_subjects.begin(), mail.embedded_subjects.end());
  for (const std::string& subject : subjects) {
    const auto code = identifiers::FindAnswerCode(subject);
    if (!code.has_value()) continue;
    XXT_ASSIGN_OR_RETURN(std::optional<std::string> id, referral_store::FindByAnswerCode(session, code->text()));
    if (id.has_value()) return Match{*std::move(id), std::nullopt};
  }
  if (entries.empty()) return std::nullopt;
  return Match{entries.front().referral_id, std::nullopt};
}

std::vector<Attachment> ListOf(const InboundMail& mail) {
  std::vector<Attachment> list;
  for (const AttachedFile& file : mail.files) list.push_back(file.about);
  return list;
}

Mail ToEntry(const UnmatchedMail& mail) {
  Mail entry;
  entry.direction = Mail::Direction::kIn;
  entry.state = Mail::State::kAccepted;
  entry.message_id = mail.message_id;
  entry.subject = mail.subject;
  entry.text = mail.text;
  entry.address = mail.from_address;
  entry.attachments = mail.attachments;
  return entry;
}

void KeepUnmatched(pg::Session& session, const UnmatchedMail& unmatched, const Settings& settings) {
  mail_store::InsertUnmatched(session, unmatched);
  tasks::NewTask task;
  task.kind = kUnmatchedMailKind;
  task.subject = unmatched.name();
  task.dedupe_key = UnmatchedKey(unmatched.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(unmatched.receive_time);
  task.hall = settings.desk_hall;
  task.summary = "收到一封对不上协查的来信，请归档到协查，或注明不需要办理";
  tasks::Enqueue(session, std::move(task));
}

// The directory's address is dead: whoever keeps the directory verifies it.
void AskToVerify(pg::Session& session, const Chased& chased, const std::string& address, const Settings& settings,
                 absl::Time now) {
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  // It may have been put right already.
  if (point == nullptr || !SameAddress(point->address, address)) return;
  bounced_store::Note(session, chased.body.id, unit->id, address, now);
  tasks::NewTask task;
  task.kind = kVerifyContactKind;
  task.subject = chased.body.name();
  task.payload = WritePayload(ContactPayload{chased.body.id, unit->id, address});
  task.dedupe_key =
      absl::StrCat(kVerifyContactKind, "/", chased.body.id, "/", unit->id, "/", absl::AsciiStrToLower(address));
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(now);
  task.hall = settings.desk_hall;
  task.summary = absl::StrCat("发给", Whom(chased), "的邮件被退回，请核实名录中的电子邮箱，改正或确认后登记");
  tasks::Enqueue(session, std::move(task));
}

// Whether a mail of ours came back for good. It may come back before the ledger
// has it; then the address tells.
bool IsDead(const Chased& chased, const InboundMail& mail, const Match& match) {
  if (!mail.bounce.has_value() || !mail.bounce->permanent) return false;
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  return match.returned.has_value() || (point != nullptr && SameAddress(point->address, mail.bounce->recipient));
}

// People speak with the body from now on.
absl::Status TakeBounce(pg::Session& session, Chased* chased, const Match& match, const Actor& actor) {
  Referral& referral = chased->referral;
  Tell(session, referral, "mail_bounced", absl::StrCat("给", chased->body.title, "的邮件被退回"), actor);
  if (referral.connector != Connector::kEmail) return absl::OkStatus();
  const bool reminder =
      match.returned.has_value() && std::get<Mail>(match.returned->content).direction == Mail::Direction::kReminder;
  XXT_RETURN_IF_ERROR(Advance(session, chased, Undelivered{!reminder}, actor));
  Save(session, chased, actor);
  return absl::OkStatus();
}

// Stores what is new.
absl::Status Keep(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const std::optional<Match> match, FindMatch(session, mail));
  const UnmatchedMail kept{
      identifiers::NewUuid(now), mail.from_address, mail.subject, mail.text, mail.message_id, now, ListOf(mail), false};
  if (!match.has_value()) {
    if (mail.history) return absl::OkStatus();
    KeepUnmatched(session, kept, settings);
    attachment_store::Insert(session, kept.id, mail.files);
    return absl::OkStatus();
  }
  XXT_CRASH_POINT("referral.mail_matched");
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, match->referral_id));
  const Actor actor{kMachine, now};
  Mail content = ToEntry(kept);
  if (mail.bounce.has_value()) content.bounce_status = mail.bounce->status;
  if (match->returned.has_value()) content.bounced_mail = match->returned->name();
  const Entry entry = WriteEntry(session, chased.referral, std::move(content), actor, std::nullopt, kept.id);
  attachment_store::Insert(session, entry.id, mail.files);
  const bool dead = IsDead(chased, mail, *match);
  if (dead) AskToVerify(session, chased, mail.bounce->recipient, settings, now);
  if (dead && !chased.referral.ended()) return TakeBounce(session, &chased, *match, actor);
  return TakeMail(session, &chased, entry, mail.automatic, actor);
}

// The mail has come after all: nobody need look for it.
absl::Status SetNoteAside(pg::Session& session, const std::string& id, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail note, mail_store::GetUnmatchedForChange(session, id));
  if (note.filed) return absl::OkStatus();
  mail_store::FileUnmatched(session, id, kMachine, now, std::nullopt, "这封来信后来读到了");
  tasks::Cancel(session, UnmatchedKey(id));
  return absl::OkStatus();
}

}  // namespace

absl::Status ReceiveMail(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const mail_store::Arrival arrival, mail_store::RecordArrival(session, mail, now));
  if (arrival.is_new) {
    XXT_CRASH_POINT("referral.mail_recorded");
    XXT_RETURN_IF_ERROR(Keep(session, mail, settings, now));
  }
  // After the referral: one order of locks everywhere.
  return arrival.note.has_value() ? SetNoteAside(session, *arrival.note, now) : absl::OkStatus();
}

void TellOfUnread(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now) {
  const InboundMail told = Unreadable(mail);
  const std::string id = identifiers::NewUuid(now);
  KeepUnmatched(session, {id, "", told.subject, told.text, "", now, {}, false}, settings);
  mail_store::NoteTold(session, mail, id);
}

absl::StatusOr<std::optional<Entry>> FileUnmatchedMail(pg::Session& session, const identity::Caller& caller,
                                                       absl::string_view id,
                                                       const std::optional<std::string>& referral_id,
                                                       const std::optional<std::string>& set_aside_reason,
                                                       const Settings& settings, absl::Time now) {
  XXT_RETURN_IF_ERROR(CheckDesk(caller, settings, absl::StrCat("unmatchedMails/", id)));
  // The referral first: one order of locks everywhere.
  std::optional<Chased> chased;
  if (referral_id.has_value()) {
    XXT_ASSIGN_OR_RETURN(chased, LoadForChange(session, *referral_id));
  }
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail mail, mail_store::GetUnmatchedForChange(session, id));
  if (mail.filed) return errors::StateForbids(mail.name(), "这封来信已经处理过了", "the mail has been filed");
  mail_store::FileUnmatched(session, mail.id, caller.subject, now, referral_id, set_aside_reason);
  tasks::Cancel(session, UnmatchedKey(mail.id));
  if (!chased.has_value()) return std::nullopt;
  const Actor actor{caller.subject, now};
  Entry entry = WriteEntry(session, chased->referral, ToEntry(mail), actor, mail.receive_time, mail.id);
  XXT_RETURN_IF_ERROR(TakeMail(session, &*chased, entry, false, actor));
  return entry;
}

absl::Status CheckDesk(const identity::Caller& caller, const Settings& settings, absl::string_view name) {
  return identity::CheckHall(caller, settings.desk_hall, name);
}

}  // namespace xxt::referral::app
