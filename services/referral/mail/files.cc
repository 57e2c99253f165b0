#include "services/referral/mail/files.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/table.h"

namespace xxt::referral::mail {
namespace {

// By hand, all of them: a file is bytes in parts, and no resource. Whose key it is
// sealed with is asked here, for a mail may hang on either.
constexpr pg::Statement kKeyOfReferral{"attachment.key_of_referral",
                                       "SELECT key FROM referral.referrals WHERE id = $1"};
constexpr pg::Statement kKeyOfMail{"attachment.key_of_mail", "SELECT key FROM referral.unmatched_mails WHERE id = $1"};

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
  return key.erased() ? errors::PersonalDataErased(mail) : errors::Internal("attachments.key");
}

}  // namespace

absl::StatusOr<store::RootKey> KeyOf(pg::Session& session, const seal::Keyring& keys, absl::string_view name) {
  const absl::string_view root = store::RootNameOf(name);
  const bool unmatched = absl::StartsWith(root, "unmatchedMails/");
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(unmatched ? kKeyOfMail : kKeyOfReferral, IdOf(root)));
  if (rows.empty()) {
    return errors::NotFound(unmatched ? "referral.xixinting/UnmatchedMail" : "referral.xixinting/Referral", root);
  }
  return store::RootKey::Of(keys, root, rows[0].Bytes(0));
}

v1::Attachment AttachmentOf(const Attachment& file, absl::string_view mail, int number) {
  static_assert(static_cast<int>(Attachment::State::kKept) == v1::Attachment::STATE_KEPT);
  static_assert(static_cast<int>(Attachment::State::kTypeRefused) == v1::Attachment::STATE_TYPE_REFUSED);
  v1::Attachment attachment;
  attachment.set_name(FileName(mail, number));
  attachment.set_file_name(file.file_name);
  attachment.set_media_type(file.media_type);
  attachment.set_size(file.size);
  attachment.set_state(static_cast<v1::Attachment::State>(file.state));
  return attachment;
}

absl::Status KeepFiles(pg::Session& session, const seal::Keyring& keys, absl::string_view mail,
                       const std::vector<AttachedFile>& files) {
  const bool any = std::any_of(files.begin(), files.end(),
                               [](const AttachedFile& file) { return file.about.state == Attachment::State::kKept; });
  if (!any) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const store::RootKey key, KeyOf(session, keys, mail));
  XXT_RETURN_IF_ERROR(CheckSeals(key, mail));
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].about.state != Attachment::State::kKept) continue;
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

absl::StatusOr<std::string> ReadFile(pg::Session& session, const seal::Keyring& keys, absl::string_view mail,
                                     int number, std::int64_t offset, std::int64_t limit) {
  const std::int64_t first = offset / kPart;
  const std::int64_t last = std::max(first, (offset + limit - 1) / kPart);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRead, IdOf(mail), number, first, last));
  if (rows.empty()) return Gone(mail, number);
  XXT_ASSIGN_OR_RETURN(const store::RootKey key, KeyOf(session, keys, mail));
  std::string content;
  for (int i = 0; i < rows.size() && !rows[i].IsNull(0); ++i) {
    XXT_ASSIGN_OR_RETURN(const std::string bytes, Open(key, mail, number, rows[i].Int(0), rows[i].Bytes(1)));
    content += bytes;
  }
  const auto skipped = static_cast<std::size_t>(offset - first * kPart);
  return skipped >= content.size() ? "" : content.substr(skipped, static_cast<std::size_t>(limit));
}

absl::Status MoveFiles(pg::Session& session, const seal::Keyring& keys, absl::string_view unmatched,
                       absl::string_view entry) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kAll, IdOf(unmatched)));
  if (rows.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const store::RootKey from, KeyOf(session, keys, unmatched));
  XXT_ASSIGN_OR_RETURN(const store::RootKey to, KeyOf(session, keys, entry));
  XXT_RETURN_IF_ERROR(CheckSeals(to, entry));
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
