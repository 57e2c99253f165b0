#include "services/referral/storage/mail_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::referral::mail_store {
namespace {

// The identity leaves out what transport adds: the same mail delivered twice
// has other Received lines. Message-ID alone would not do: mail programs that
// use one for all they send exist, and no mail is dropped. Two processes that
// record one identity at a time: the later one inserts nothing, and records
// the repeat at its next look.
constexpr pg::Statement kRecordArrival{"mail_inbox.insert", R"sql(
  WITH new AS (
    SELECT sha256(convert_to(concat_ws(E'\n', $4::text, $6::text, $7::text, $8::text), 'UTF8')) AS identity
  )
  INSERT INTO referral.mail_inbox (mailbox, uid_validity, uid, message_id, thread, identity, receive_time)
  SELECT $1, $2, $3, $4, $5,
         CASE WHEN NOT EXISTS (SELECT FROM referral.mail_inbox seen WHERE seen.identity = new.identity)
              THEN new.identity END,
         $9
    FROM new
      ON CONFLICT DO NOTHING
  RETURNING identity IS NOT NULL)sql"};

constexpr pg::Statement kLastUid{"mail_inbox.last_uid", R"sql(
  SELECT coalesce((SELECT uid FROM referral.mail_inbox WHERE mailbox = $1 AND uid_validity = $2
                    ORDER BY uid DESC LIMIT 1), 0))sql"};

constexpr pg::Statement kInsertUnmatched{"unmatched_mail.insert", R"sql(
  INSERT INTO referral.unmatched_mails (id, from_address, subject, text, message_id, receive_time)
  VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::Statement kGetUnmatchedForChange{"unmatched_mail.get_for_change", R"sql(
  SELECT id, from_address, subject, text, message_id, receive_time, filed_by IS NOT NULL
    FROM referral.unmatched_mails
   WHERE id = $1
     FOR UPDATE)sql"};

constexpr pg::Statement kFileUnmatched{"unmatched_mail.file", R"sql(
  UPDATE referral.unmatched_mails
     SET filed_by = $2, filed_time = $3, filed_referral = $4, set_aside_reason = $5
   WHERE id = $1)sql"};

constexpr pg::Statement kListUnmatched{"unmatched_mail.list", R"sql(
  SELECT id, from_address, subject, text, message_id, receive_time, filed_by IS NOT NULL
    FROM referral.unmatched_mails
   WHERE filed_by IS NULL
     AND (receive_time, id) > ($1::timestamptz, $2::uuid)
   ORDER BY receive_time, id
   LIMIT $3)sql"};

UnmatchedMail ReadUnmatched(const pg::Row& row) {
  return {row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Time(5), row.Bool(6)};
}

}  // namespace

absl::StatusOr<bool> RecordArrival(pg::Session& session, const InboundMail& mail, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kRecordArrival, mail.mailbox, mail.uid_validity, mail.uid, mail.message_id,
                                   mail.thread, mail.from_address, mail.subject, mail.text, now));
  return !rows.empty() && rows[0].Bool(0);
}

absl::StatusOr<std::int64_t> LastUid(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLastUid, mailbox, uid_validity));
  return rows[0].Int(0);
}

void InsertUnmatched(pg::Session& session, const UnmatchedMail& mail) {
  session.Queue(kInsertUnmatched, mail.id, mail.from_address, mail.subject, mail.text, mail.message_id,
                mail.receive_time);
}

absl::StatusOr<UnmatchedMail> GetUnmatchedForChange(pg::Session& session, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGetUnmatchedForChange, id));
  if (rows.empty()) return errors::NotFound("referral.xixinting/UnmatchedMail", absl::StrCat("unmatchedMails/", id));
  return ReadUnmatched(rows[0]);
}

void FileUnmatched(pg::Session& session, absl::string_view id, absl::string_view staff, absl::Time now,
                   const std::optional<std::string>& referral_id, const std::optional<std::string>& set_aside_reason) {
  session.Queue(kFileUnmatched, id, staff, now, referral_id, set_aside_reason);
}

absl::StatusOr<std::vector<UnmatchedMail>> ListUnmatched(pg::Session& session, std::optional<absl::Time> after_time,
                                                         absl::string_view after_id, int limit) {
  const std::string id = after_time.has_value() ? std::string(after_id) : "00000000-0000-0000-0000-000000000000";
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kListUnmatched, after_time.value_or(absl::InfinitePast()), id, limit));
  std::vector<UnmatchedMail> mails;
  for (int i = 0; i < rows.size(); ++i) mails.push_back(ReadUnmatched(rows[i]));
  return mails;
}

}  // namespace xxt::referral::mail_store
