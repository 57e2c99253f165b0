#include "services/referral/referrals/report.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>

#include "common/tasks/task.h"

namespace xxt::referral::referrals {

void TellCase(Tx& tx, v1::Referral& about, Report report, tasks::Lane lane) {
  about.set_report_count(about.report_count() + 1);
  report.set_version(about.report_count());
  report.set_body(about.body());
  report.set_hops(about.hops());
  tasks::NewTask task;
  task.kind = kReportCaseKind;
  task.subject = about.name();
  task.lane = lane;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // Fails for no text that the edge lets in, and there are no others in it.
  static_cast<void>(google::protobuf::util::MessageToJsonString(report, &task.payload, options));
  tasks::Enqueue(tx.session, std::move(task));
}

void TellCase(Tx& tx, v1::Referral& about, Report::Kind kind, absl::string_view summary) {
  Report report;
  report.set_kind(kind);
  report.set_summary(std::string(summary));
  TellCase(tx, about, std::move(report));
}

std::optional<Report> ReadReport(absl::string_view payload) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Report report;
  const auto read = google::protobuf::util::JsonStringToMessage(std::string(payload), &report, options);
  if (!read.ok() || report.kind() == Report::KIND_UNSPECIFIED) return std::nullopt;
  return report;
}

}  // namespace xxt::referral::referrals
