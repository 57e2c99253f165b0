#include "services/referral/mail/inbox.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace xxt::referral::inbox {
namespace {

// The identity leaves out what transport adds: the same mail delivered twice
// has other Received lines. Message-ID alone would not do: mail programs that
// use one for all they send exist. Without one, equal mails of one UIDVALIDITY
// are several mails: the first, the second, ... which are the same again under
// another UIDVALIDITY. Two processes that record one identity at a time: the
// later one returns nothing, and must look again.
constexpr pg::Statement kRecordArrival{"mail_inbox.insert", R"sql(
  WITH words AS (
    SELECT sha256(convert_to(concat_ws(E'\n', $4::text, $6::text, $7::text, $8::text, $9::text), 'UTF8')) AS words
  ), new AS (
    SELECT words,
           CASE WHEN $4::text <> '' THEN words
                ELSE sha256(words || convert_to((SELECT count(*) FROM referral.mail_inbox AS before
                                                  WHERE before.mailbox = $1 AND before.uid_validity = $2
                                                    AND before.uid <> $3 AND before.message_id = ''
                                                    AND before.words = words.words)::text, 'UTF8'))
           END AS identity
      FROM words
  )
  , mine AS (
  INSERT INTO referral.mail_inbox (mailbox, uid_validity, uid, message_id, thread, words, identity, receive_time)
  SELECT $1, $2, $3, $4, $5, words,
         CASE WHEN NOT EXISTS (SELECT FROM referral.mail_inbox AS seen WHERE seen.identity = new.identity)
              THEN new.identity END,
         $10
    FROM new
      ON CONFLICT DO NOTHING
  RETURNING identity IS NOT NULL AS is_new)
  SELECT is_new FROM mine
   UNION ALL
  SELECT false FROM referral.mail_inbox WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3)sql"};

constexpr pg::Statement kStartTime{"mailbox.start_time", R"sql(
  WITH new AS (
    INSERT INTO referral.mailboxes (mailbox) VALUES ($1) ON CONFLICT DO NOTHING RETURNING start_time
  )
  SELECT start_time FROM new UNION ALL SELECT start_time FROM referral.mailboxes WHERE mailbox = $1)sql"};

constexpr pg::Statement kLastUid{"mail_cursor.get", R"sql(
  SELECT last_uid FROM referral.mail_cursors WHERE mailbox = $1 AND uid_validity = $2)sql"};

constexpr pg::Statement kFound{"mail_pending.insert", R"sql(
  INSERT INTO referral.mail_pending (mailbox, uid_validity, uid)
  SELECT $1, $2, unnest($3::bigint[]) ON CONFLICT DO NOTHING)sql"};

constexpr pg::Statement kMoveCursor{"mail_cursor.move", R"sql(
  INSERT INTO referral.mail_cursors AS old (mailbox, uid_validity, last_uid) VALUES ($1, $2, $3)
      ON CONFLICT (mailbox, uid_validity) DO UPDATE SET last_uid = greatest(old.last_uid, excluded.last_uid))sql"};

constexpr pg::Statement kDue{"mail_pending.due", R"sql(
  SELECT uid FROM referral.mail_pending
   WHERE mailbox = $1 AND uid_validity = $2 AND due_time <= now()
   ORDER BY uid
   LIMIT 500)sql"};

// A try that nobody ended was ended by a crash, most likely not the mail's
// fault: the pause grows with failures alone. The first four may be connections
// that were lost for other reasons. It is also how long the mail is this
// reader's alone.
constexpr pg::Statement kBegin{"mail_pending.begin", R"sql(
  UPDATE referral.mail_pending
     SET tries = tries + 1,
         due_time = now() + (ARRAY['30 s', '30 s', '30 s', '30 s', '2 min', '10 min'])[least(failures + 1, 6)]::interval
   WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3 AND due_time <= now()
  RETURNING tries - 1 - failures >= 5,
            failures >= 5 AND found_time < now() - interval '1 hour' AND note IS NULL)sql"};

constexpr pg::Statement kNoteTold{"mail_pending.note", R"sql(
  UPDATE referral.mail_pending SET note = $4
   WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3)sql"};

constexpr pg::Statement kFailed{"mail_pending.failed", R"sql(
  UPDATE referral.mail_pending SET failures = failures + 1
   WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3)sql"};

constexpr pg::Statement kPutBack{"mail_pending.put_back", R"sql(
  UPDATE referral.mail_pending SET tries = tries - 1, due_time = now()
   WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3)sql"};

constexpr pg::Statement kForget{"mail_pending.delete", R"sql(
  DELETE FROM referral.mail_pending WHERE mailbox = $1 AND uid_validity = $2 AND uid = $3
  RETURNING note)sql"};

}  // namespace

absl::StatusOr<Arrival> RecordArrival(pg::Session& session, const InboundMail& mail, absl::Time now) {
  std::vector<std::string> files;
  for (const AttachedFile& file : mail.files) files.push_back(file.about.sha256);
  Arrival arrival;
  XXT_ASSIGN_OR_RETURN(const pg::Result pending, session.Run(kForget, mail.mailbox, mail.uid_validity, mail.uid));
  if (!pending.empty() && !pending[0].IsNull(0)) arrival.note = pending[0].Text(0);
  while (true) {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRecordArrival, mail.mailbox, mail.uid_validity, mail.uid,
                                                            mail.message_id, mail.thread, mail.from_address,
                                                            mail.subject, mail.text, absl::StrJoin(files, " "), now));
    // Whose equal took the place has committed: the next look sees it.
    if (rows.empty()) continue;
    arrival.is_new = rows[0].Bool(0);
    return arrival;
  }
}

absl::StatusOr<absl::Time> StartTime(pg::Session& session, absl::string_view mailbox) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kStartTime, mailbox));
  if (rows.empty()) return absl::UnavailableError("mailbox.start_time");  // another is just writing it
  return rows[0].Time(0);
}

absl::StatusOr<std::optional<std::int64_t>> LastUid(pg::Session& session, absl::string_view mailbox,
                                                    std::int64_t uid_validity) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLastUid, mailbox, uid_validity));
  if (rows.empty()) return std::nullopt;
  return rows[0].Int(0);
}

void Found(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity,
           const std::vector<std::int64_t>& uids, std::int64_t last_uid) {
  session.Queue(kFound, mailbox, uid_validity, absl::StrCat("{", absl::StrJoin(uids, ","), "}"));
  session.Queue(kMoveCursor, mailbox, uid_validity, last_uid);
}

absl::StatusOr<std::vector<std::int64_t>> Due(pg::Session& session, absl::string_view mailbox,
                                              std::int64_t uid_validity) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kDue, mailbox, uid_validity));
  std::vector<std::int64_t> uids;
  for (int i = 0; i < rows.size(); ++i) uids.push_back(rows[i].Int(0));
  return uids;
}

absl::StatusOr<Begun> Begin(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity,
                            std::int64_t uid) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kBegin, mailbox, uid_validity, uid));
  if (rows.empty()) return Begun{};
  if (rows[0].Bool(0)) return Begun{Turn::kGiveUp, false};
  return Begun{Turn::kRead, rows[0].Bool(1)};
}

void NoteTold(pg::Session& session, const InboundMail& mail, absl::string_view id) {
  session.Queue(kNoteTold, mail.mailbox, mail.uid_validity, mail.uid, id);
}

void End(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity, std::int64_t uid, Ended ended) {
  const pg::Statement& statement = ended == Ended::kGone ? kForget : (ended == Ended::kFailed ? kFailed : kPutBack);
  session.Queue(statement, mailbox, uid_validity, uid);
}

}  // namespace xxt::referral::inbox
