#include "services/referral/storage/attachment_store.h"

#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::referral::attachment_store {
namespace {

constexpr pg::Statement kInsert{"attachment.insert", R"sql(
  INSERT INTO referral.attachments (mail, number, content) VALUES ($1, $2, $3))sql"};

constexpr pg::Statement kRead{"attachment.read", R"sql(
  SELECT substr(content, $3::int + 1, $4::int) FROM referral.attachments WHERE mail = $1 AND number = $2)sql"};

}  // namespace

void Insert(pg::Session& session, absl::string_view mail_id, const std::vector<AttachedFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].about.state != Attachment::State::kKept) continue;
    session.Queue(kInsert, mail_id, static_cast<int>(i) + 1, pg::Param::Bytes(files[i].content));
  }
}

absl::StatusOr<std::string> Read(pg::Session& session, absl::string_view mail_id, int number, std::int64_t offset,
                                 std::int64_t limit, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRead, mail_id, number, offset, limit));
  if (rows.empty()) return errors::NotFound("referral.xixinting/Attachment", name);
  return rows[0].Bytes(0);
}

}  // namespace xxt::referral::attachment_store
