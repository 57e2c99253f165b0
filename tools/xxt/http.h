#ifndef XXT_TOOLS_XXT_HTTP_H_
#define XXT_TOOLS_XXT_HTTP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace xxt::cli {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// One HTTP request; `body` is JSON, and makes it a POST unless empty.
// Errors: UNAVAILABLE if nobody answers in time.
absl::StatusOr<HttpAnswer> Fetch(const std::string& url, const std::string& body, absl::Duration timeout);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_HTTP_H_
