#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/ledger.h"
#include "tools/xxt-store/progress.h"

namespace xxt::store_tool {
namespace {

std::string Time(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

std::string LineOf(const SealedRecord& sealed) {
  const events::Record& record = sealed.record;
  nlohmann::ordered_json line = {{"position", NameOf(record.position)},
                                 {"id", record.event.id},
                                 {"type", record.event.type},
                                 {"subject", record.event.subject},
                                 {"hall", record.event.hall},
                                 {"actor", record.event.actor},
                                 {"summary", record.event.summary},
                                 {"time", Time(record.event.time)},
                                 {"record_time", Time(record.record_time)},
                                 {"leaf", absl::BytesToHexString(events::LeafOf(record))}};
  if (sealed.block > 0) {
    line["block"] = sealed.block;
    line["block_hash"] = sealed.block_hash;
  }
  return line.dump();
}

}  // namespace

ExitCode ExportEvents(const Surroundings& around, const std::string& subject) {
  Progress progress(around.err, around.live, "backbone.event", 0);
  const auto next = ExportedEvents(around.db, subject);
  while (const std::optional<SealedRecord> sealed = next()) {
    around.out << LineOf(*sealed) << "\n";
    progress.Add(1, NameOf(sealed->record.position));
  }
  progress.End(Text{absl::StrCat("导出 ", progress.done(), " 件"), absl::StrCat(progress.done(), " exported")}.In(
      around.language));
  return kDone;
}

}  // namespace xxt::store_tool
