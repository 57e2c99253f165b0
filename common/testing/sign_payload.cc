#include "common/testing/sign_payload.h"

#include <jansson.h>

extern "C" {  // its headers leave that to the C++ caller
#include <jose/jose.h>
}

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace xxt::test {

std::string SignPayload(const std::string& key, const std::string& kid, absl::string_view payload) {
  return SignUnder(absl::StrCat(R"({"alg":"ES256","kid":")", kid, R"("})"), key, payload);
}

std::string SignUnder(absl::string_view header, const std::string& key, absl::string_view payload) {
  json_t* jws = json_pack("{s:s}", "payload", absl::WebSafeBase64Escape(payload).c_str());
  json_t* signature = json_pack("{s:s}", "protected", absl::WebSafeBase64Escape(header).c_str());
  json_t* jwk = json_loads(key.c_str(), 0, nullptr);
  std::string token;
  if (jose_jws_sig(nullptr, jws, signature, jwk)) {
    const auto part = [jws](const char* name) { return json_string_value(json_object_get(jws, name)); };
    token = absl::StrCat(part("protected"), ".", part("payload"), ".", part("signature"));
  }
  for (json_t* made : {jws, signature, jwk}) json_decref(made);
  return token;
}

std::string NewKeyFor(const std::string& alg) {
  json_t* jwk = json_pack("{s:s}", "alg", alg.c_str());
  std::string made;
  if (jose_jwk_gen(nullptr, jwk)) {
    char* text = json_dumps(jwk, JSON_COMPACT);
    made = text;
    std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): jansson's
  }
  json_decref(jwk);
  return made;
}

}  // namespace xxt::test
