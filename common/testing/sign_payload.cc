#include "common/testing/sign_payload.h"

#include <jansson.h>

extern "C" {  // its headers leave that to the C++ caller
#include <jose/jose.h>
}

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace xxt::test {

std::string SignPayload(const std::string& key, const std::string& kid, absl::string_view payload) {
  json_t* jws = json_pack("{s:s}", "payload", absl::WebSafeBase64Escape(payload).c_str());
  json_t* header = json_pack("{s:{s:s, s:s}}", "protected", "alg", "ES256", "kid", kid.c_str());
  json_t* jwk = json_loads(key.c_str(), 0, nullptr);
  std::string token;
  if (jose_jws_sig(nullptr, jws, header, jwk)) {
    const auto part = [jws](const char* name) { return json_string_value(json_object_get(jws, name)); };
    token = absl::StrCat(part("protected"), ".", part("payload"), ".", part("signature"));
  }
  for (json_t* made : {jws, header, jwk}) json_decref(made);
  return token;
}

}  // namespace xxt::test
