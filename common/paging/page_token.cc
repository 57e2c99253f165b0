#include "common/paging/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "openssl/sha.h"

namespace xxt::paging {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 500;
constexpr std::size_t kTagSize = 8;

// Detects damage and a token of another request; not a secret.
std::string Tag(absl::string_view scope, absl::string_view body) {
  const std::string text = absl::StrCat(scope, absl::string_view("\0", 1), body);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kTagSize);
}

}  // namespace

int PageSize(int requested) { return requested <= 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize); }

std::string MakeToken(absl::string_view scope, const std::vector<std::string>& key) {
  const std::string body = absl::StrJoin(key, "\x1f");
  return absl::WebSafeBase64Escape(absl::StrCat(Tag(scope, body), body));
}

absl::StatusOr<std::vector<std::string>> ReadToken(absl::string_view scope, absl::string_view token) {
  if (token.empty()) return std::vector<std::string>();
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(token, &decoded) || decoded.size() < kTagSize) return errors::PageTokenInvalid();
  const absl::string_view body = absl::string_view(decoded).substr(kTagSize);
  if (Tag(scope, body) != decoded.substr(0, kTagSize)) return errors::PageTokenInvalid();
  return std::vector<std::string>(absl::StrSplit(body, '\x1f'));
}

}  // namespace xxt::paging
