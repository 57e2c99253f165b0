#include "services/referral/app/lookups.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/row.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/app/mails.h"
#include "services/referral/app/referrals.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/storage/mail_store.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

// Stores are asked for one row more than the page has. True, and that row
// dropped, if there is a next page.
template <typename T>
bool TrimToPage(std::vector<T>* items, int size) {
  if (items->size() <= static_cast<std::size_t>(size)) return false;
  items->resize(static_cast<std::size_t>(size));
  return true;
}

}  // namespace

absl::StatusOr<Page<Referral>> ListReferrals(Tx& tx, const std::string& case_id, bool include_ended,
                                             const paging::Key& after, int size) {
  referral_store::Filter filter;
  filter.halls = tx.caller.halls;
  filter.case_id = case_id;
  filter.include_ended = include_ended;
  if (!after.empty()) {
    filter.after_time = paging::TimeOf(after[0]);
    filter.after_id = after[1];
  }
  filter.limit = size + 1;
  Page<Referral> page;
  XXT_ASSIGN_OR_RETURN(page.items, referral_store::List(tx.session, filter));
  if (TrimToPage(&page.items, size)) {
    const Referral& last = page.items.back();
    page.next = {paging::PartOf(referral_store::PlaceOf(last)), last.id};
  }
  return page;
}

absl::StatusOr<ReadFile> GetAttachment(Tx& tx, const seal::Keyring& keys, const Settings& settings,
                                       absl::string_view mail, int number, std::int64_t offset, std::int64_t limit) {
  const std::string id = IdOf(mail);
  std::string root;
  std::string key;
  v1::Mail listed;
  if (absl::StartsWith(mail, "unmatchedMails/")) {
    XXT_RETURN_IF_ERROR(CheckDesk(tx.caller, settings, mail));
    XXT_ASSIGN_OR_RETURN(const UnmatchedMail unmatched, mail_store::GetUnmatched(tx.session, id));
    for (const Attachment& file : unmatched.attachments) {
      *listed.add_attachments() = entry::AttachmentOf(file, mail, listed.attachments_size() + 1);
    }
    root = unmatched.name();
    key = unmatched.key;
  } else {
    v1::Entry found;
    XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, mail, &found));
    listed = std::move(*found.mutable_mail());
    XXT_ASSIGN_OR_RETURN(const Referral referral, GetReferral(tx, IdOf(store::RootNameOf(mail))));
    root = referral.name();
    key = referral.key;
  }
  if (number > listed.attachments_size()) {
    return errors::NotFound("referral.xixinting/Attachment", absl::StrCat(mail, "/attachments/", number));
  }
  ReadFile read{std::move(*listed.mutable_attachments(number - 1)), ""};
  XXT_ASSIGN_OR_RETURN(read.content,
                       mail::ReadFile(tx.session, store::RootKey::Of(keys, root, key), mail, number, offset, limit));
  return read;
}

absl::StatusOr<Page<UnmatchedMail>> ListUnmatchedMails(pg::Session& session, const paging::Key& after, int size) {
  std::optional<absl::Time> after_time;
  if (!after.empty()) after_time = paging::TimeOf(after[0]);
  Page<UnmatchedMail> page;
  XXT_ASSIGN_OR_RETURN(page.items,
                       mail_store::ListUnmatched(session, after_time, after.empty() ? "" : after[1], size + 1));
  if (TrimToPage(&page.items, size)) page.next = {paging::PartOf(page.items.back().receive_time), page.items.back().id};
  return page;
}

}  // namespace xxt::referral::app
