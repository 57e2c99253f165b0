#include "common/idempotency/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"

namespace xxt::idempotency {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

unsigned char* Bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string KeyOf(absl::string_view secret) {
  const std::string text = absl::StrCat("xixinting answer", absl::string_view("\0", 1), secret);
  std::string key(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(text), text.size(), Bytes(key.data()));
  return key;
}

}  // namespace

std::string Seal(absl::string_view secret, absl::string_view plain) {
  const std::string key = KeyOf(secret);
  std::string sealed(kNonce + plain.size() + kTag, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool done =
      RAND_bytes(Bytes(sealed.data()), kNonce) == 1 &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(sealed)) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed.data() + kNonce), &written, Bytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(sealed.data() + kNonce + written), &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, sealed.data() + kNonce + plain.size()) == 1;
  if (!done) std::abort();  // no random numbers, or no cipher: nothing would be safe
  return sealed;
}

std::optional<std::string> Open(absl::string_view secret, absl::string_view sealed) {
  if (sealed.size() < kNonce + kTag) return std::nullopt;
  const std::string key = KeyOf(secret);
  std::string tag(sealed.substr(sealed.size() - kTag));
  const absl::string_view closed = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string plain(closed.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool done = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(sealed)) == 1 &&
                    EVP_DecryptUpdate(context.get(), Bytes(plain.data()), &written, Bytes(closed),
                                      static_cast<int>(closed.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
                    EVP_DecryptFinal_ex(context.get(), Bytes(plain.data() + written), &rest) == 1;
  if (!done) return std::nullopt;
  return plain;
}

}  // namespace xxt::idempotency
