#ifndef XXT_TOOLS_XXT_STORE_ACCESS_H_
#define XXT_TOOLS_XXT_STORE_ACCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/identifiers/uuid.h"

// How the tool reaches a service's database: where it is says the service's own
// configuration, as whom the operator says.
namespace xxt::store_tool {

// The role that deploy/db/roles.sql makes for this tool.
inline constexpr char kRole[] = "xxt_store";

struct Access {
  std::string dsn;               // as the service has it
  std::string service_password;  // file with the password of the service's own role, as which `rekey` and `seed` act
  std::string key_file;          // empty: the service seals nothing
  identifiers::Cell cell = 0;    // whose ids `seed` makes
};

// Of the YAML file of `service`, with the environment over it as the service
// reads it (common/config). All other keys are left alone, so that the operator
// needs to read none of their secrets. Errors: INVALID_ARGUMENT.
absl::StatusOr<Access> ReadAccess(const std::string& service, const std::string& config_file);

// Where `dsn` points, for `role` (empty: whom it names) and its password
// (empty: libpq looks for one itself, in ~/.pgpass for instance). Of several
// hosts the primary is taken. Sessions speak as row.h reads them: UTC, ISO
// dates. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::string> Conninfo(const std::string& dsn, const std::string& role, const std::string& password);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_ACCESS_H_
