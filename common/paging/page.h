#ifndef XXT_COMMON_PAGING_PAGE_H_
#define XXT_COMMON_PAGING_PAGE_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/hall_scope.h"
#include "common/paging/page_token.h"

namespace xxt::paging {

// What a page token is bound to: the method, the caller's halls, and all that
// `request` asks for but which page and how long.
std::string ScopeOf(absl::string_view method, const identity::HallScope& halls,
                    const google::protobuf::Message& request);

// The page that a request asks for by its page_token and page_size.
struct Page {
  Key after;  // empty: from the first row
  int size = 0;
  std::string scope;
};

// Errors: PAGE_TOKEN_INVALID, also if the key is not of these parts; INTERNAL
// if the request has no such fields.
absl::StatusOr<Page> ReadPage(absl::string_view method, const identity::HallScope& halls,
                              const google::protobuf::Message& request, const std::vector<Part>& parts);

}  // namespace xxt::paging

#endif  // XXT_COMMON_PAGING_PAGE_H_
