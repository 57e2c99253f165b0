#ifndef XXT_COMMON_PAGING_PAGE_TOKEN_H_
#define XXT_COMMON_PAGING_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::paging {

// Rows of a page: what the client asked for, 50 if 0, at most 500.
int PageSize(int requested);

// The key of a page's last row, and what its parts are.
using Key = std::vector<std::string>;
enum class Part { kTime, kUuid, kNumber, kText };

// Parts that are no text already, as a key holds them, and back: of a key that
// ReadToken let through.
std::string PartOf(absl::Time time);
std::string PartOf(std::int64_t number);
absl::Time TimeOf(const std::string& part);
std::int64_t NumberOf(const std::string& part);

// Makes an opaque token from the key of the last row, bound to the method and
// to everything else the request asked for (`scope`).
std::string MakeToken(absl::string_view scope, const Key& key);

// The key again, of just these parts; empty for an empty token. Errors:
// PAGE_TOKEN_INVALID if the token is damaged, was made for another scope, or
// holds anything that the store could not be asked with: tokens are not secret,
// anybody can make one, and they grant nothing.
absl::StatusOr<Key> ReadToken(absl::string_view scope, absl::string_view token, const std::vector<Part>& parts);

}  // namespace xxt::paging

#endif  // XXT_COMMON_PAGING_PAGE_TOKEN_H_
