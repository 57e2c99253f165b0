#ifndef XXT_COMMON_PAGING_PAGE_TOKEN_H_
#define XXT_COMMON_PAGING_PAGE_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::paging {

// Rows of a page: what the client asked for, 50 if 0, at most 500.
int PageSize(int requested);

// Makes an opaque token from the key of the last row, bound to the method and
// to everything else the request asked for (`scope`: the request serialized
// without its page token and size).
std::string MakeToken(absl::string_view scope, const std::vector<std::string>& key);

// The key again; empty for an empty token. Errors: PAGE_TOKEN_INVALID if the
// token is damaged or was made for another scope. Tokens are not secret and
// grant nothing.
absl::StatusOr<std::vector<std::string>> ReadToken(absl::string_view scope, absl::string_view token);

}  // namespace xxt::paging

#endif  // XXT_COMMON_PAGING_PAGE_TOKEN_H_
