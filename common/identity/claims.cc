#include "common/identity/claims.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/resource_name.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::identity {
namespace {

using nlohmann::json;

constexpr absl::Duration kSkew = absl::Seconds(30);  // clocks of two machines
constexpr std::size_t kLongestToken = 8192;
constexpr absl::string_view kServiceKeys = "services-";

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The three parts of a compact JWS, base64url without padding (RFC 7515).
// Whatever else the bytes are ends here: nothing unverified goes further.
absl::StatusOr<std::vector<std::string>> Split(const std::string& token) {
  if (token.size() > kLongestToken) return errors::TokenInvalid("too long");
  std::vector<std::string> parts = absl::StrSplit(token, '.');
  const auto is_base64url = [](const std::string& part) {
    return std::all_of(part.begin(), part.end(),
                       [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
  };
  if (parts.size() != 3 || !std::all_of(parts.begin(), parts.end(), is_base64url)) {
    return errors::TokenInvalid("not a compact JWS");
  }
  return parts;
}

// A name that stands there twice is refused: of the two, others may read the first (RFC 7519, 4).
absl::StatusOr<json> ParseObject(absl::string_view text) {
  std::set<std::string> names;
  bool twice = false;
  const auto see = [&](int depth, json::parse_event_t event, const json& value) {
    if (depth == 1 && event == json::parse_event_t::key && !names.insert(value.get<std::string>()).second) twice = true;
    return true;
  };
  json value = json::parse(text.begin(), text.end(), see, false);
  if (!value.is_object() || twice) return errors::TokenInvalid("not a JSON object, or one with a name twice");
  return value;
}

bool IsServiceKey(absl::string_view kid) { return absl::StartsWith(kid, kServiceKeys); }

// Whether the key `kid` may speak for `caller`.
bool MaySpeakFor(absl::string_view kid, const Caller& caller) {
  if (IsServiceKey(kid)) {
    const absl::string_view whose = kid.substr(kServiceKeys.size());
    return caller.subject == absl::StrCat("services/", whose.substr(0, whose.find('.'))) &&
           caller.roles == std::vector<std::string>{"service"};
  }
  return identifiers::ParseName(caller.subject, "staff").ok() && !caller.Has("service");
}

// "aud" is a text or a list of texts (RFC 7519, 4.1.3).
bool IsFor(const std::string& audience, const json& claims) {
  const auto aud = claims.find("aud");
  if (aud == claims.end()) return false;
  if (!aud->is_array()) return TextOf(claims, "aud") == audience;
  return std::any_of(aud->begin(), aud->end(), [&](const json& one) { return one == audience; });
}

// A NumericDate: whole or with a fraction, as some providers write it.
absl::StatusOr<absl::Time> TimeOf(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return errors::TokenInvalid("times");
  return absl::UnixEpoch() + absl::Seconds(found->get<double>());  // no number is too large
}

// When the token ends, for this process to forget it.
absl::StatusOr<absl::Time> CheckTimes(const json& claims, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const absl::Time issued, TimeOf(claims, "iat"));
  XXT_ASSIGN_OR_RETURN(const absl::Time expires, TimeOf(claims, "exp"));
  absl::Time begins = issued;
  if (claims.contains("nbf")) {
    XXT_ASSIGN_OR_RETURN(begins, TimeOf(claims, "nbf"));
  }
  if (expires <= now - kSkew || std::max(issued, begins) > now + kSkew || expires - issued > kLongestLife) {
    return errors::TokenInvalid("expired, not yet valid, or too long-lived");
  }
  return expires + kSkew;
}

absl::StatusOr<Caller> CallerOf(const json& claims) {
  Caller caller{TextOf(claims, "sub"), TextOf(claims, "hall"), {}};
  if (!caller.hall.empty() && !identifiers::ParseName(caller.hall, "halls").ok()) return errors::TokenInvalid("hall");
  if (const auto roles = claims.find("roles"); roles != claims.end() && roles->is_array()) {
    for (const json& role : *roles) {
      if (role.is_string()) caller.roles.push_back(role.get<std::string>());
    }
  }
  return caller;
}

}  // namespace

absl::StatusOr<TokenParts> TakeApart(const std::string& token) {
  XXT_ASSIGN_OR_RETURN(std::vector<std::string> parts, Split(token));
  std::string text;
  if (!absl::WebSafeBase64Unescape(parts[0], &text)) return errors::TokenInvalid("not base64url");
  XXT_ASSIGN_OR_RETURN(const json header, ParseObject(text));
  if (TextOf(header, "alg") != "ES256" || header.contains("crit")) return errors::TokenInvalid("algorithm");
  return TokenParts{std::move(parts[0]), std::move(parts[1]), std::move(parts[2]), TextOf(header, "kid")};
}

absl::StatusOr<Granted> ReadClaims(absl::string_view text, const Expected& expected, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const json claims, ParseObject(text));
  const bool by_kid = IsServiceKey(expected.kid) || expected.staff_issuer.empty();
  if (TextOf(claims, "iss") != (by_kid ? expected.kid : expected.staff_issuer)) return errors::TokenInvalid("issuer");
  if (!IsFor(expected.audience, claims)) return errors::TokenInvalid("audience");
  XXT_ASSIGN_OR_RETURN(const absl::Time expires, CheckTimes(claims, now));
  XXT_ASSIGN_OR_RETURN(Caller caller, CallerOf(claims));
  if (!MaySpeakFor(expected.kid, caller)) return errors::TokenInvalid("the key may not speak for this subject");
  return Granted{std::move(caller), expires};
}

}  // namespace xxt::identity
