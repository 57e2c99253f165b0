#include "services/referral/app/lookups.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/app/mails.h"
#include "services/referral/app/referrals.h"
#include "services/referral/storage/attachment_store.h"
#include "services/referral/storage/entry_store.h"
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

absl::StatusOr<Page<Referral>> ListReferrals(pg::Session& session, const identity::Caller& caller,
                                             const std::string& case_id, bool include_ended, const paging::Key& after,
                                             int size) {
  referral_store::Filter filter;
  filter.halls = caller.halls;
  filter.case_id = case_id;
  filter.include_ended = include_ended;
  if (!after.empty()) {
    filter.after_time = paging::TimeOf(after[0]);
    filter.after_id = after[1];
  }
  filter.limit = size + 1;
  Page<Referral> page;
  XXT_ASSIGN_OR_RETURN(page.items, referral_store::List(session, filter));
  if (TrimToPage(&page.items, size)) {
    const Referral& last = page.items.back();
    page.next = {paging::PartOf(referral_store::PlaceOf(last)), last.id};
  }
  return page;
}

absl::StatusOr<Page<Entry>> ListEntries(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                        const paging::Key& after, int size) {
  XXT_RETURN_IF_ERROR(GetReferral(session, caller, id).status());
  const std::int64_t after_row = after.empty() ? 0 : paging::NumberOf(after[0]);
  Page<Entry> page;
  XXT_ASSIGN_OR_RETURN(page.items, entry_store::List(session, id, after_row, size + 1));
  if (TrimToPage(&page.items, size)) page.next = {paging::PartOf(page.items.back().row_number)};
  return page;
}

absl::StatusOr<Entry> GetEntry(pg::Session& session, const identity::Caller& caller, absl::string_view referral_id,
                               absl::string_view id) {
  XXT_RETURN_IF_ERROR(GetReferral(session, caller, referral_id).status());
  return entry_store::Get(session, referral_id, id);
}

absl::StatusOr<ReadFile> GetAttachment(pg::Session& session, const identity::Caller& caller, const Settings& settings,
                                       const FileName& file, std::int64_t offset, std::int64_t limit) {
  const bool unmatched = file.referral_id.empty();
  const std::string mail_name = unmatched ? absl::StrCat("unmatchedMails/", file.mail_id)
                                          : absl::StrCat("referrals/", file.referral_id, "/entries/", file.mail_id);
  const std::string name = absl::StrCat(mail_name, "/attachments/", file.number);
  std::vector<Attachment> list;
  if (unmatched) {
    XXT_RETURN_IF_ERROR(CheckDesk(caller, settings, mail_name));
    XXT_ASSIGN_OR_RETURN(UnmatchedMail mail, mail_store::GetUnmatched(session, file.mail_id));
    list = std::move(mail.attachments);
  } else {
    XXT_RETURN_IF_ERROR(GetReferral(session, caller, file.referral_id).status());
    XXT_ASSIGN_OR_RETURN(Entry entry, entry_store::Get(session, file.referral_id, file.mail_id));
    if (Mail* mail = std::get_if<Mail>(&entry.content)) list = std::move(mail->attachments);
  }
  if (static_cast<std::size_t>(file.number) > list.size()) {
    return errors::NotFound("referral.xixinting/Attachment", name);
  }
  ReadFile read{std::move(list[static_cast<std::size_t>(file.number) - 1]), ""};
  XXT_ASSIGN_OR_RETURN(read.content, attachment_store::Read(session, file.mail_id, file.number, offset, limit, name));
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
