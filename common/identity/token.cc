#include "common/identity/token.h"

#include <jansson.h>

extern "C" {  // its headers leave that to the C++ caller
#include <jose/jose.h>
}

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/identity/claims.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::identity {
namespace {

using nlohmann::json;

constexpr std::size_t kRemembered = 10'000;
constexpr char kSignsNot[] = "the key does not sign ES256";

struct Release {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Release>;

Json Load(const std::string& text) { return Json(json_loads(text.c_str(), 0, nullptr)); }

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string Dump(const json_t* value) {
  char* text = json_dumps(value, JSON_COMPACT);
  std::string copy = text == nullptr ? "" : text;
  free(text);  // NOLINT(cppcoreguidelines-no-malloc): jansson's
  return copy;
}

}  // namespace

struct Verifier::Keys {
  std::map<std::string, Json> by_kid;

  bool HasAllOf(const Keys& others) const {
    return std::all_of(others.by_kid.begin(), others.by_kid.end(), [this](const auto& other) {
      const auto own = by_kid.find(other.first);
      return own != by_kid.end() && json_equal(own->second.get(), other.second.get()) != 0;
    });
  }
};

Verifier::Verifier(std::shared_ptr<const Keys> keys, std::string audience, std::string staff_issuer)
    : audience_(std::move(audience)), staff_issuer_(std::move(staff_issuer)), keys_(std::move(keys)) {}
Verifier::~Verifier() = default;

absl::StatusOr<std::unique_ptr<Verifier>> Verifier::Make(const std::string& jwks, std::string audience,
                                                         std::string staff_issuer) {
  XXT_ASSIGN_OR_RETURN(std::shared_ptr<const Keys> keys, Read(jwks));
  return std::unique_ptr<Verifier>(new Verifier(std::move(keys), std::move(audience), std::move(staff_issuer)));
}

absl::StatusOr<std::shared_ptr<const Verifier::Keys>> Verifier::Read(const std::string& jwks) {
  const json set = json::parse(jwks, nullptr, false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array() || set["keys"].empty()) {
    return absl::InvalidArgumentError("not a JWKS with keys");
  }
  auto keys = std::make_shared<Keys>();
  for (const json& key : set["keys"]) {
    const std::string kid = TextOf(key, "kid");
    if (kid.empty() || TextOf(key, "kty") != "EC" || TextOf(key, "crv") != "P-256" || key.contains("d")) {
      return absl::InvalidArgumentError("every key needs a kid and is a public P-256 key");
    }
    json pinned = key;
    pinned["alg"] = "ES256";
    if (!keys->by_kid.emplace(kid, Load(pinned.dump())).second) {
      return absl::InvalidArgumentError("two keys have the same kid");
    }
  }
  return keys;
}

absl::Status Verifier::Take(const std::string& jwks) {
  XXT_ASSIGN_OR_RETURN(std::shared_ptr<const Keys> keys, Read(jwks));
  const MutexLock lock(mu_);
  if (!keys->HasAllOf(*keys_)) ++removals_;
  keys_ = std::move(keys);
  known_.clear();
  return absl::OkStatus();
}

std::int64_t Verifier::removals() const {
  const MutexLock lock(mu_);
  return removals_;
}

absl::StatusOr<Verifier::Known> Verifier::Check(const Keys& keys, const std::string& token, absl::Time now) const {
  XXT_ASSIGN_OR_RETURN(const TokenParts parts, TakeApart(token));
  const auto key = keys.by_kid.find(parts.kid);
  if (key == keys.by_kid.end()) return errors::TokenInvalid("unknown key");
  const Json jws(json_pack("{s:s, s:s, s:s}", "protected", parts.header.c_str(), "payload", parts.payload.c_str(),
                           "signature", parts.signature.c_str()));
  if (!jose_jws_ver(nullptr, jws.get(), nullptr, key->second.get(), false)) return errors::TokenInvalid("signature");
  std::string claims;
  if (!absl::WebSafeBase64Unescape(parts.payload, &claims)) return errors::TokenInvalid("not base64url");
  XXT_ASSIGN_OR_RETURN(Granted granted, ReadClaims(claims, {parts.kid, audience_, staff_issuer_}, now));
  return Known{std::move(granted.caller), granted.expires};
}

absl::StatusOr<Caller> Verifier::Verify(const std::string& token, absl::Time now) const {
  std::shared_ptr<const Keys> keys;
  {
    const MutexLock lock(mu_);
    const auto found = known_.find(token);
    if (found != known_.end() && found->second.expires > now) return found->second.caller;
    keys = keys_;
  }
  absl::StatusOr<Known> known = Check(*keys, token, now);
  if (!known.ok()) return known.status();
  const MutexLock lock(mu_);
  if (keys_ != keys) return known->caller;  // other keys were taken meanwhile: nothing to be remembered
  if (known_.size() >= kRemembered) known_.clear();
  known_[token] = *known;
  return known->caller;
}

struct Signer::Key {
  Json jwk;
  std::string kid;
};

Signer::Signer(std::shared_ptr<const Key> key, Caller caller, std::string audience)
    : caller_(std::move(caller)), audience_(std::move(audience)), key_(std::move(key)) {}
Signer::~Signer() = default;

absl::StatusOr<std::shared_ptr<const Signer::Key>> Signer::Read(const std::string& key) {
  const json parsed = json::parse(key, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("d") || TextOf(parsed, "crv") != "P-256" ||
      TextOf(parsed, "kid").empty()) {
    return absl::InvalidArgumentError("not a private P-256 JWK with a kid");
  }
  auto owned = std::make_shared<Key>();
  owned->jwk = Load(key);
  owned->kid = TextOf(parsed, "kid");
  return owned;
}

absl::StatusOr<std::unique_ptr<Signer>> Signer::Make(const std::string& key, std::string subject, std::string hall,
                                                     std::vector<std::string> roles, std::string audience) {
  XXT_ASSIGN_OR_RETURN(const std::shared_ptr<const Key> owned, Read(key));
  auto signer = std::unique_ptr<Signer>(
      new Signer(owned, {std::move(subject), std::move(hall), std::move(roles)}, std::move(audience)));
  if (signer->Sign(*owned, absl::Now()).empty()) return absl::InvalidArgumentError(kSignsNot);
  return signer;
}

absl::Status Signer::Take(const std::string& key, const Verifier& verifier) {
  XXT_ASSIGN_OR_RETURN(std::shared_ptr<const Key> owned, Read(key));
  const absl::Time now = absl::Now();
  const std::string token = Sign(*owned, now);
  if (token.empty()) return absl::InvalidArgumentError(kSignsNot);
  if (!verifier.Verify(token, now).ok()) {
    return absl::FailedPreconditionError("the public keys do not let this one speak for the service");
  }
  const MutexLock lock(mu_);
  key_ = std::move(owned);
  reuse_until_ = absl::InfinitePast();
  return absl::OkStatus();
}

std::string Signer::Sign(const Key& key, absl::Time now) const {
  const json claims = {{"iss", key.kid},
                       {"aud", audience_},
                       {"sub", caller_.subject},
                       {"hall", caller_.hall},
                       {"roles", caller_.roles},
                       {"iat", absl::ToUnixSeconds(now)},
                       {"exp", absl::ToUnixSeconds(now + kLongestLife)},
                       {"jti", identifiers::NewUuid(now)}};
  const Json jws = Load(json{{"payload", absl::WebSafeBase64Escape(claims.dump())}}.dump());
  const Json signature = Load(json{{"protected", {{"alg", "ES256"}, {"kid", key.kid}, {"typ", "JWT"}}}}.dump());
  if (!jose_jws_sig(nullptr, jws.get(), signature.get(), key.jwk.get())) return "";
  const json made = json::parse(Dump(jws.get()));
  return absl::StrCat(TextOf(made, "protected"), ".", TextOf(made, "payload"), ".", TextOf(made, "signature"));
}

std::string Signer::Token(absl::Time now) const {
  const MutexLock lock(mu_);
  if (now >= reuse_until_ || now < reuse_until_ - kLongestLife / 2) {
    token_ = Sign(*key_, now);
    reuse_until_ = now + kLongestLife / 2;
  }
  return token_;
}

std::pair<std::string, std::string> NewKey(const std::string& kid) {
  const Json key = Load(json{{"alg", "ES256"}, {"kid", kid}}.dump());
  if (!jose_jwk_gen(nullptr, key.get())) return {};
  json_object_set_new(key.get(), "kid", json_string(kid.c_str()));
  std::string whole = Dump(key.get());
  jose_jwk_pub(nullptr, key.get());
  return {std::move(whole), Dump(key.get())};
}

}  // namespace xxt::identity
