#include "common/paging/page_token.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/text/unicode.h"
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

// absl's words for the ends of time, in microseconds.
constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
// Microseconds from 1970 to where no row is any more; PostgreSQL's times go
// further, back to 4713 BC.
constexpr std::int64_t kFar = std::int64_t{6'000} * 365 * 86'400 * 1'000'000;

bool IsTime(const std::string& part) {
  std::int64_t micros = 0;
  if (!absl::SimpleAtoi(part, &micros)) return false;
  return micros == kEver || micros == kNever || (micros > -kFar && micros < kFar);
}

bool Is(Part kind, const std::string& part) {
  std::int64_t number = 0;
  switch (kind) {
    case Part::kTime:
      return IsTime(part);
    case Part::kUuid:
      return identifiers::IsUuid(part);
    case Part::kNumber:
      return absl::SimpleAtoi(part, &number);
    case Part::kText:
      return !absl::StrContains(part, '\0') && text::DecodeUtf8(part).ok();
  }
  return false;
}

}  // namespace

int PageSize(int requested) { return requested <= 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize); }

std::string PartOf(absl::Time time) { return PartOf(absl::ToUnixMicros(time)); }

std::string PartOf(std::int64_t number) { return std::to_string(number); }

absl::Time TimeOf(const std::string& part) {
  const std::int64_t micros = NumberOf(part);
  if (micros == kEver) return absl::InfiniteFuture();
  return micros == kNever ? absl::InfinitePast() : absl::FromUnixMicros(micros);
}

std::int64_t NumberOf(const std::string& part) {
  std::int64_t number = 0;
  return absl::SimpleAtoi(part, &number) ? number : 0;
}

std::string MakeToken(absl::string_view scope, const Key& key) {
  const std::string body = absl::StrJoin(key, "\x1f");
  return absl::WebSafeBase64Escape(absl::StrCat(Tag(scope, body), body));
}

absl::StatusOr<Key> ReadToken(absl::string_view scope, absl::string_view token, const std::vector<Part>& parts) {
  if (token.empty()) return Key();
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(token, &decoded) || decoded.size() < kTagSize) return errors::PageTokenInvalid();
  const absl::string_view body = absl::string_view(decoded).substr(kTagSize);
  if (Tag(scope, body) != decoded.substr(0, kTagSize)) return errors::PageTokenInvalid();
  Key key = absl::StrSplit(body, '\x1f');
  if (key.size() != parts.size()) return errors::PageTokenInvalid();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!Is(parts[i], key[i])) return errors::PageTokenInvalid();
  }
  return key;
}

}  // namespace xxt::paging
