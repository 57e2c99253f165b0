#include "services/referral/mail/inbound.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/events/events.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/status/macros.h"
#include "common/store/row.h"
#include "services/referral/chase/steps.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/mail/inbox.h"
#include "services/referral/mail/unmatched.h"
#include "services/referral/referrals/bounced.h"
#include "services/referral/referrals/referrals.h"

namespace xxt::referral::mail {
namespace {

using chase::Chased;

// What a mail is about.
struct Match {
  std::string referral;   // its name
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

// The same, but for a referral whose data are erased: nothing about somebody may
// be added to it, so people look where the mail belongs.
absl::StatusOr<std::optional<Match>> FindOpenMatch(Tx& tx, const seal::Keyring& keys, const InboundMail& mail) {
  XXT_ASSIGN_OR_RETURN(std::optional<Match> match, FindMatch(tx, mail));
  if (!match.has_value()) return match;
  XXT_ASSIGN_OR_RETURN(const store::RootKey key, KeyOf(tx.session, keys, match->referral));
  if (key.erased()) match.reset();
  return match;
}

// Whether a mail of ours came back for good. It may come back before the ledger
// has it; then the address tells.
bool IsDead(const Chased& chased, const InboundMail& mail, const Match& match) {
  if (!mail.bounce.has_value() || !mail.bounce->permanent) return false;
  const std::string* address = chased.mail_address();
  return !match.returned.empty() || (address != nullptr && SameAddress(*address, mail.bounce->recipient));
}

// The directory's address is dead: whoever keeps the directory verifies it, unless
// it has been put right already.
void AskToVerify(Tx& tx, const Chased& chased, const std::string& dead, const Settings& settings) {
  const std::string* address = chased.mail_address();
  if (address == nullptr || !SameAddress(*address, dead)) return;
  bounced::Note(tx, chased.body, *chased.unit(), dead, settings.desk_hall);
}

// People speak with the body from now on.
absl::Status TakeBounce(Tx& tx, Chased* chased, const Match& match) {
  tx.Tell(chased->referral, "referral.mail_bounced.v1", absl::StrCat("给", chased->body.title(), "的邮件被退回"));
  if (chased->referral.connector() != v1::Referral::CONNECTOR_EMAIL) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(chase::Advance(tx, chased, Undelivered{!match.reminder}));
  chase::Save(tx, chased);
  return absl::OkStatus();
}

// Stores what is new.
absl::Status Keep(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const std::optional<Match>& match,
                  const Settings& settings) {
  v1::UnmatchedMail kept = UnmatchedOf(mail, tx.now);
  if (!match.has_value()) {
    if (mail.history) return absl::OkStatus();
    KeepUnmatched(tx, kept, settings);
    return KeepFiles(tx.session, keys, kept.name(), mail.files);
  }
  XXT_CRASH_POINT("referral.mail_matched");
  XXT_ASSIGN_OR_RETURN(Chased chased, chase::LoadForChange(tx, match->referral));
  v1::Entry came = EntryOf(kept, match->referral);
  if (mail.bounce.has_value()) came.mutable_mail()->set_bounce_status(mail.bounce->status);
  came.mutable_mail()->set_bounced_mail(match->returned);
  entry::Add(tx, match->referral, came);
  XXT_RETURN_IF_ERROR(KeepFiles(tx.session, keys, came.name(), mail.files));
  const bool dead = IsDead(chased, mail, *match);
  if (dead) AskToVerify(tx, chased, mail.bounce->recipient, settings);
  if (dead && !referrals::HasEnded(chased.referral)) return TakeBounce(tx, &chased, *match);
  return chase::TakeMail(tx, &chased, came.name(), mail.automatic);
}

}  // namespace

absl::Status Receive(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const Settings& settings) {
  // Before anything is written: what this waits for has not got its place among events then.
  XXT_ASSIGN_OR_RETURN(const std::optional<Match> match, FindOpenMatch(tx, keys, mail));
  if (match.has_value()) events::QueueTurn(tx.session, match->referral);
  XXT_ASSIGN_OR_RETURN(const inbox::Arrival arrival, inbox::RecordArrival(tx.session, mail, tx.now));
  if (arrival.is_new) {
    XXT_CRASH_POINT("referral.mail_recorded");
    XXT_RETURN_IF_ERROR(Keep(tx, keys, mail, match, settings));
  }
  if (!arrival.note.has_value()) return absl::OkStatus();
  // The mail has come after all. After the referral: one order of locks everywhere.
  return SetAside(tx, absl::StrCat("unmatchedMails/", *arrival.note), "这封来信后来读到了");
}

void TellOfUnread(Tx& tx, const InboundMail& mail, const Settings& settings) {
  v1::UnmatchedMail note = UnmatchedOf(Unreadable(mail), tx.now);
  KeepUnmatched(tx, note, settings);
  inbox::NoteTold(tx.session, mail, referrals::IdOf(note.name()));
}

}  // namespace xxt::referral::mail
