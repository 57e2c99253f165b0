#include "services/notification/message/dead_task.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/notification/message/message.h"
#include "services/notification/message/report.h"

namespace xxt::notification::message {

absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view) {
  XXT_ASSIGN_OR_RETURN(const std::string hall, tx.HallOf(kMessages, dead.subject));
  v1::Message about;
  const absl::Status read = tx.Get(kMessages, dead.subject, &about);
  const char* what = dead.kind == kReportCaseKind ? "告知结果没能写入诉求台账，请查看：" : "告知任务没能办完，请查看：";
  edge::ShowDead(tx, dead,
                 {.kind = kDeadTaskKind,
                  .subject = dead.subject,
                  .hall = hall,
                  .summary = absl::StrCat(what, read.ok() ? about.headline() : "消息内容读不出来")});
  return absl::OkStatus();
}

tasks::DeskKind DeadTaskKind(const edge::Host& host) { return edge::Desk(host, kDeadTaskKind, {"SEEN"}, edge::Seen); }

}  // namespace xxt::notification::message
