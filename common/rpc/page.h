#ifndef XXT_COMMON_RPC_PAGE_H_
#define XXT_COMMON_RPC_PAGE_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/hall_scope.h"
#include "common/paging/page_token.h"
#include "common/rpc/edge.h"

namespace xxt::rpc {

// What a page token is bound to: the method, the caller's halls, and all that
// `request` asks for but which page and how long.
std::string PageScope(absl::string_view method, const identity::HallScope& halls,
                      const google::protobuf::Message& request);

// The page that a request asks for by its page_token and page_size.
struct Page {
  paging::Key after;  // empty: from the first row
  int size = 0;
  std::string scope;

  // The token of the page that begins after this row.
  std::string TokenAfter(const paging::Key& last) const { return paging::MakeToken(scope, last); }
};

// Errors: PAGE_TOKEN_INVALID, also if the key is not of these parts.
absl::StatusOr<Page> ReadPage(const Call& call, const google::protobuf::Message& request,
                              const std::vector<paging::Part>& parts);

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_PAGE_H_
