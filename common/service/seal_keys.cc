#include "common/service/seal_keys.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

constexpr pg::Statement kNote{"seal_key.note", R"sql(
  INSERT INTO backbone.seal_key (id) VALUES ($1) ON CONFLICT (id) DO NOTHING)sql"};
constexpr pg::Statement kAll{"seal_key.all", "SELECT id FROM backbone.seal_key ORDER BY id"};

}  // namespace

absl::Status CheckSealKeys(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys) {
  XXT_ASSIGN_OR_RETURN(const std::vector<pg::Result> results,
                       pg::RunTogether(pool, deadline, [&](pg::Session& session) {
                         session.Queue(kNote, static_cast<std::int64_t>(keys.active()));
                         session.Queue(kAll);
                       }));
  const pg::Result& rows = results.back();
  std::vector<std::string> missing;
  for (int i = 0; i < rows.size(); ++i) {
    if (!keys.Knows(static_cast<std::uint32_t>(rows[i].Int(0)))) missing.push_back(rows[i].Text(0));
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("seal.key_file lacks the keys ", absl::StrJoin(missing, ", "),
                                                    ", which this database was sealed with"));
}

}  // namespace xxt::service
