#ifndef XXT_COMMON_SERVICE_SCHEMA_H_
#define XXT_COMMON_SERVICE_SCHEMA_H_

#include <string>

namespace xxt::service {

// The last migration that there was for a service when this was built, as dbmate
// notes it: "20261127000001". Its database must have had it; it may have had later
// ones, for tables are widened before the next release comes, and stay so when it
// goes. Empty for any other name.
std::string LastMigration(const std::string& service);

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_SCHEMA_H_
