#include "tools/xxt-store/access.h"

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/config/config.h"
#include "common/status/macros.h"

namespace xxt::store_tool {
namespace {

// 2 s, as a service: who waits longer for a lock comes back later.
constexpr char kOptions[] =
    "-c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c lock_timeout=2000 -c client_min_messages=error "
    "-c idle_in_transaction_session_timeout=60000";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string Pair(absl::string_view key, absl::string_view value) {
  return absl::StrCat(key, "='", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "' ");
}

}  // namespace

absl::StatusOr<Access> ReadAccess(const std::string& service, const std::string& config_file) {
  XXT_ASSIGN_OR_RETURN(const std::vector<config::Given> values, config::Read(service, config_file));
  Access access;
  for (const config::Given& one : values) {
    if (one.path == "postgres.dsn") access.dsn = one.text;
    if (one.path == "postgres.password_file") access.service_password = one.text;
    if (one.path == "seal.key_file") access.key_file = one.text;
    if (one.path != "cell") continue;
    const std::optional<identifiers::Cell> cell = identifiers::ParseCell(one.text);
    if (!cell.has_value()) return absl::InvalidArgumentError(absl::StrCat(one.source, ": cell is none"));
    access.cell = *cell;
  }
  if (access.dsn.empty()) return absl::InvalidArgumentError(absl::StrCat(config_file, ": has no postgres.dsn"));
  return access;
}

absl::StatusOr<std::string> Conninfo(const std::string& dsn, const std::string& role, const std::string& password) {
  char* said = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(dsn.c_str(), &said));
  if (options == nullptr) {
    // What libpq says may repeat the whole text.
    PQfreemem(said);
    return absl::InvalidArgumentError("postgres.dsn: is no connection string of libpq");
  }
  // Of one key the last counts.
  std::string conninfo = Pair("connect_timeout", "10");
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) conninfo += Pair(option->keyword, option->val);
  }
  if (!role.empty()) conninfo += Pair("user", role);
  if (!password.empty()) conninfo += Pair("password", password);
  conninfo += Pair("options", kOptions);
  conninfo += Pair("client_encoding", "UTF8");
  // Not read-write: sessions of the tool's role are read-only until they say otherwise.
  conninfo += Pair("target_session_attrs", "primary");
  conninfo += Pair("application_name", "xxt-store");
  return conninfo;
}

}  // namespace xxt::store_tool
