#include "services/referral/mail/files.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/table.h"
#include "xixinting/referral/v1/referral.pb.h"

namespace xxt::referral::mail {
namespace {

// Says where the keys of unmatched mails are.
const store::TableBase kUnmatchedMails(&::xixinting::referral::v1::UnmatchedMail::descriptor,
                                       "referral.unmatched_mails", nullptr, {.foreign = true});

constexpr pg::Statement kInsert{"attachment.insert", R"sql(
  INSERT INTO referral.attachments (mail, number, part, sealed) VALUES ($1, $2, $3, $4))sql"};

// Whether there is such a file, and the parts from $3 to $4.
constexpr pg::Statement kRead{"attachment.read", R"sql(
  SELECT p.part, p.sealed
    FROM referral.attachments AS f
    LEFT JOIN referral.attachments AS p
      ON p.mail = f.mail AND p.number = f.number AND p.part BETWEEN $3 AND $4
   WHERE f.mail = $1 AND f.number = $2 AND f.part = 0
   ORDER BY p.part)sql"};

constexpr pg::Statement kAll{"attachment.all", R"sql(
  SELECT number, part, sealed FROM referral.attachments WHERE mail = $1 ORDER BY number, part)sql"};

constexpr pg::Statement kReseal{"attachment.reseal", R"sql(
  UPDATE referral.attachments SET sealed = $4 WHERE mail = $1 AND number = $2 AND part = $3)sql"};

absl::string_view IdOf(absl::string_view mail) { return mail.substr(mail.rfind('/') + 1); }

std::string FileName(absl::string_view mail, int number) { return absl::StrCat(mail, "/attachments/", number); }

// What a part is sealed for.
std::string PartName(absl::string_view mail, int number, std::int64_t part) {
  return absl::StrCat(FileName(mail, number), "/parts/", part);
}

absl::Status Gone(absl::string_view mail, int number) {
  return errors::NotFound("referral.xixinting/Attachment", FileName(mail, number));
}

// Errors: RESOURCE_NOT_FOUND if the key was erased; INTERNAL.
absl::StatusOr<std::string> Open(const store::RootKey& key, absl::string_view mail, int number, std::int64_t part,
                                 const std::string& sealed) {
  if (key.erased()) return Gone(mail, number);
  std::optional<std::string> opened;
  if (key.key() != nullptr) opened = key.key()->Open(PartName(mail, number, part), sealed);
  if (!opened.has_value()) return errors::Internal("attachments.sealed");
  return *std::move(opened);
}

absl::Status CheckSeals(const store::RootKey& key, absl::string_view mail) {
  if (key.key() != nullptr) return absl::OkStatus();
  if (!key.erased()) return errors::Internal("attachments.key");
  return errors::StateForbids(mail, "个人信息已删除，不能再写入",
                              "what was personal is erased, and nothing personal may be added");
}

}  // namespace

absl::Status KeepFiles(pg::Session& session, const store::RootKey& key, absl::string_view mail,
                       const std::vector<AttachedFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].about.state != Attachment::State::kKept) continue;
    XXT_RETURN_IF_ERROR(CheckSeals(key, mail));
    const int number = static_cast<int>(i) + 1;
    const absl::string_view content = files[i].content;
    std::int64_t part = 0;
    // An empty file has one part, too: that it is kept.
    do {
      const absl::string_view bytes =
          content.substr(static_cast<std::size_t>(part * kPart), static_cast<std::size_t>(kPart));
      session.Queue(kInsert, IdOf(mail), number, part,
                    pg::Param::Bytes(key.key()->Seal(PartName(mail, number, part), bytes)));
      ++part;
    } while (part * kPart < static_cast<std::int64_t>(content.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(pg::Session& session, const store::RootKey& key, absl::string_view mail,
                                     int number, std::int64_t offset, std::int64_t limit) {
  const std::int64_t first = offset / kPart;
  const std::int64_t last = std::max(first, (offset + limit - 1) / kPart);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRead, IdOf(mail), number, first, last));
  if (rows.empty()) return Gone(mail, number);
  std::string content;
  for (int i = 0; i < rows.size() && !rows[i].IsNull(0); ++i) {
    XXT_ASSIGN_OR_RETURN(const std::string bytes, Open(key, mail, number, rows[i].Int(0), rows[i].Bytes(1)));
    content += bytes;
  }
  const auto skipped = static_cast<std::size_t>(offset - first * kPart);
  return skipped >= content.size() ? "" : content.substr(skipped, static_cast<std::size_t>(limit));
}

absl::Status MoveFiles(pg::Session& session, const store::RootKey& from, absl::string_view unmatched,
                       const store::RootKey& to, absl::string_view entry) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kAll, IdOf(unmatched)));
  if (!rows.empty()) XXT_RETURN_IF_ERROR(CheckSeals(to, entry));
  for (int i = 0; i < rows.size(); ++i) {
    const int number = static_cast<int>(rows[i].Int(0));
    const std::int64_t part = rows[i].Int(1);
    XXT_ASSIGN_OR_RETURN(const std::string bytes, Open(from, unmatched, number, part, rows[i].Bytes(2)));
    session.Queue(kReseal, IdOf(entry), number, part,
                  pg::Param::Bytes(to.key()->Seal(PartName(entry, number, part), bytes)));
  }
  return absl::OkStatus();
}

}  // namespace xxt::referral::mail
