#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/progress.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

constexpr int kPage = 500;

// Null if the row cannot be read.
std::optional<std::string> LineOf(const Surroundings& around, const store::TableBase& table, const Row& row) {
  Opened opened = Open(table, row, around.keys);
  if (opened.message == nullptr) {
    for (const Text& fault : opened.faults) {
      around.Complain({absl::StrCat(row.name, "：", fault.zh), absl::StrCat(row.name, ": ", fault.en)});
    }
    return std::nullopt;
  }
  Mask(&opened);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  if (!google::protobuf::util::MessageToJsonString(*opened.message, &line, options).ok()) {
    around.Complain({absl::StrCat(row.name, "：不能写成 JSON"), absl::StrCat(row.name, ": is no JSON")});
    return std::nullopt;
  }
  return line;
}

}  // namespace

ExitCode Export(const Surroundings& around, const store::TableBase& table) {
  Progress progress(around.err, around.live, table.name(), Count(around.db, table));
  std::int64_t failed = 0;
  Walk(around.db, table, {}, kPage, [&](const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      const std::optional<std::string> line = LineOf(around, table, row);
      if (line.has_value()) {
        around.out << *line << "\n";
      } else {
        ++failed;
      }
    }
    progress.Add(static_cast<std::int64_t>(rows.size()), rows.back().name);
  });
  const std::int64_t written = progress.done() - failed;
  progress.End(Text{absl::StrCat("导出 ", written, " 条，", failed, " 条读不出来"),
                    absl::StrCat(written, " exported, ", failed, " cannot be read")}
                   .In(around.language));
  return failed == 0 ? kDone : kFailed;
}

}  // namespace xxt::store_tool
