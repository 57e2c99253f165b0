#ifndef XXT_SERVICES_REFERRAL_API_PAGE_H_
#define XXT_SERVICES_REFERRAL_API_PAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/paging/page_token.h"
#include "services/referral/app/lookups.h"

namespace xxt::referral {

// What a page token is bound to: the method and all that the request asks for
// but page and size.
template <typename Request>
std::string ScopeOf(const Request& request) {
  Request rest = request;
  rest.clear_page_token();
  rest.clear_page_size();
  return absl::StrCat(Request::descriptor()->full_name(), "\n", rest.SerializeAsString());
}

// The key that the request's page token holds. Errors: PAGE_TOKEN_INVALID.
template <typename Request>
absl::StatusOr<app::PageKey> KeyOf(const Request& request) {
  return paging::ReadToken(ScopeOf(request), request.page_token());
}

// The token of the next page; empty if there is none.
template <typename Request, typename T>
std::string NextToken(const Request& request, const app::Page<T>& page) {
  return page.next.empty() ? std::string() : paging::MakeToken(ScopeOf(request), page.next);
}

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_PAGE_H_
