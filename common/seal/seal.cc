#include "common/seal/seal.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace xxt::seal {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kId = 4;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHash = 16;
constexpr std::size_t kMark = 8;
constexpr char kMarked[] = "xixinting.seal_key";
constexpr char kDerived[] = "xixinting.key_for";
constexpr char kVouching[] = "xixinting.vouch";
static_assert(Secret::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(Secret::kSize == crypto_auth_hmacsha256_KEYBYTES);

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Before libsodium is used at all.
void Ready() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();  // no random numbers: nothing would be safe
}

// nonce | text + tag
std::string Close(const Secret& key, absl::string_view bound_to, absl::string_view plain) {
  Ready();
  std::string closed(kNonce + plain.size() + kTag, '\0');
  randombytes_buf(closed.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(closed) + kNonce, nullptr, Bytes(plain), plain.size(),
                                             Bytes(bound_to), bound_to.size(), nullptr, Bytes(closed),
                                             Bytes(key.view()));
  return closed;
}

std::optional<std::string> Reopen(const Secret& key, absl::string_view bound_to, absl::string_view closed) {
  if (closed.size() < kNonce + kTag) return std::nullopt;
  Ready();
  std::string plain(closed.size() - kNonce - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(plain), nullptr, nullptr, Bytes(closed) + kNonce,
                                                 closed.size() - kNonce, Bytes(bound_to), bound_to.size(),
                                                 Bytes(closed), Bytes(key.view())) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::string Hmac(const Secret& key, absl::string_view text) {
  Ready();
  std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(Bytes(hash), Bytes(text), text.size(), Bytes(key.view()));
  return hash;
}

// What a blob and a wrapped key begin with.
std::string Head() { return std::string(1, kVersion); }

std::string Head(std::uint32_t id) {
  std::string head = Head();
  for (int shift = 24; shift >= 0; shift -= 8) head.push_back(static_cast<char>((id >> shift) & 0xff));
  return head;
}

}  // namespace

Secret Secret::Make() {
  Ready();
  Secret made;
  randombytes_buf(made.bytes_.data(), kSize);
  return made;
}

std::optional<Secret> Secret::Of(absl::string_view bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  Secret made;
  std::memcpy(made.bytes_.data(), bytes.data(), kSize);
  return made;
}

Secret::~Secret() { sodium_memzero(bytes_.data(), kSize); }

std::string DataKey::Seal(absl::string_view name, absl::string_view plain) const {
  return absl::StrCat(Head(), Close(secret_, absl::StrCat(Head(), name), plain));
}

std::optional<std::string> DataKey::Open(absl::string_view name, absl::string_view sealed) const {
  if (sealed.empty() || sealed[0] != kVersion) return std::nullopt;
  return Reopen(secret_, absl::StrCat(Head(), name), sealed.substr(1));
}

std::shared_ptr<const Keyring::Keys> Keyring::keys() const {
  const MutexLock lock(state_->mu);
  return state_->keys;
}

void Keyring::Set(std::shared_ptr<const Keys> keys) const {
  const MutexLock lock(state_->mu);
  state_->keys = std::move(keys);
}

void Keyring::Take(const Keyring& next) const { Set(next.keys()); }

Keyring Keyring::Fixed() const {
  Keyring fixed(keys());
  fixed.SetChecked(checked());
  return fixed;
}

bool Keyring::SameAs(const Keyring& other) const {
  const std::shared_ptr<const Keys> ours = keys();
  const std::shared_ptr<const Keys> theirs = other.keys();
  return ours->active == theirs->active && ours->search->view() == theirs->search->view() &&
         std::equal(
             ours->wrapping.begin(), ours->wrapping.end(), theirs->wrapping.begin(), theirs->wrapping.end(),
             [](const auto& a, const auto& b) { return a.first == b.first && a.second.view() == b.second.view(); });
}

Keyring::Made Keyring::Make(absl::string_view root) const {
  const Secret secret = Secret::Make();
  return {DataKey(secret), Wrap(root, secret)};
}

std::string Keyring::Wrap(absl::string_view root, const Secret& secret) const {
  const std::shared_ptr<const Keys> now = keys();
  const std::string head = Head(now->active);
  return absl::StrCat(head, Close(now->wrapping.at(now->active), absl::StrCat(head, root), secret.view()));
}

std::optional<std::string> Keyring::Rewrap(absl::string_view root, absl::string_view wrapped) const {
  const std::optional<DataKey> key = Unwrap(root, wrapped);
  if (!key.has_value()) return std::nullopt;
  return Wrap(root, key->secret_);
}

std::string Keyring::MarkOf(std::uint32_t id) const {
  const std::shared_ptr<const Keys> now = keys();
  return Hmac(id == kSearchId ? *now->search : now->wrapping.at(id), kMarked).substr(0, kMark);
}

std::optional<std::uint32_t> Keyring::IdOf(absl::string_view wrapped) {
  if (wrapped.size() != 1 + kId + kNonce + Secret::kSize + kTag || wrapped[0] != kVersion) return std::nullopt;
  std::uint32_t id = 0;
  for (const char c : wrapped.substr(1, kId)) id = (id << 8) | static_cast<unsigned char>(c);
  return id;
}

std::optional<DataKey> Keyring::Unwrap(absl::string_view root, absl::string_view wrapped) const {
  const std::optional<std::uint32_t> id = IdOf(wrapped);
  if (!id.has_value()) return std::nullopt;
  const std::shared_ptr<const Keys> now = keys();
  const auto key = now->wrapping.find(*id);
  if (key == now->wrapping.end()) return std::nullopt;
  std::optional<std::string> bytes = Reopen(key->second, absl::StrCat(Head(*id), root), wrapped.substr(1 + kId));
  if (!bytes.has_value()) return std::nullopt;
  const std::optional<Secret> secret = Secret::Of(*bytes);
  sodium_memzero(bytes->data(), bytes->size());
  return DataKey(*secret);
}

std::string Keyring::SearchHash(absl::string_view field, absl::string_view normalised) const {
  return Hmac(*keys()->search, absl::StrCat(field, absl::string_view("\0", 1), normalised)).substr(0, kHash);
}

DataKey Keyring::KeyFor(absl::string_view purpose) const {
  std::string bytes = Hmac(*keys()->search, absl::StrCat(kDerived, absl::string_view("\0", 1), purpose));
  const std::optional<Secret> secret = Secret::Of(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return DataKey(*secret);
}

std::string Keyring::Vouch(std::uint32_t id, absl::string_view purpose, absl::string_view text) const {
  constexpr absl::string_view kEnd("\0", 1);
  return Hmac(keys()->wrapping.at(id), absl::StrCat(kVouching, kEnd, purpose, kEnd, text));
}

}  // namespace xxt::seal
