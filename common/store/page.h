#ifndef XXT_COMMON_STORE_PAGE_H_
#define XXT_COMMON_STORE_PAGE_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/hall_scope.h"
#include "common/paging/page_token.h"

namespace xxt::store {

// The page that a request asks for by its page_token and page_size.
struct Page {
  paging::Key after;  // empty: from the first row
  int size = 0;
  // What its tokens are bound to: the method, the caller's halls, and all that
  // the request asks for but which page and how long.
  std::string scope;
};

// Errors: PAGE_TOKEN_INVALID, also if the key is not of these parts; INTERNAL
// if the request has no such fields.
absl::StatusOr<Page> ReadPage(absl::string_view method, const identity::HallScope& halls,
                              const google::protobuf::Message& request, const std::vector<paging::Part>& parts);

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_PAGE_H_
