#ifndef XXT_COMMON_SEAL_SEAL_H_
#define XXT_COMMON_SEAL_SEAL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/concurrency/mutex.h"

// Personal data at rest. Each root (a case, a referral's own question, a
// message) has a data key, stored with its row, wrapped by a key of the file
// `seal.key_file`. What is personal in the root and in all that hangs on it is
// one blob per row under that data key; without the key it is noise. Erasing
// a person's data is setting the root's key to NULL.
//
//   wrapped key  1 version | 4 key id | 24 nonce | 32 key + 16 tag    bound to: version, key id, the root's name
//   blob         1 version | 24 nonce | text + 16 tag                 bound to: version, the row's name
//
// XChaCha20-Poly1305 (libsodium): nonces are random, so that replicas need
// not agree on anything. `version` 1 names it; 2 is free for SM4.
namespace xxt::seal {

// 32 secret bytes. Never stored, logged or copied into a closure; wiped when
// they go.
class Secret {
 public:
  static constexpr std::size_t kSize = 32;

  // Random ones.
  static Secret Make();
  // nullopt if `bytes` are not 32.
  static std::optional<Secret> Of(absl::string_view bytes);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();

  absl::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), kSize}; }

 private:
  Secret() = default;
  std::array<unsigned char, kSize> bytes_{};
};

// Of one root, open.
class DataKey {
 public:
  // Closes `plain` for the row called `name`: what was moved to another row
  // does not open. The same twice gives different bytes.
  std::string Seal(absl::string_view name, absl::string_view plain) const;
  // What Seal closed; nullopt if it is damaged, of another key or another row.
  std::optional<std::string> Open(absl::string_view name, absl::string_view sealed) const;

 private:
  friend class Keyring;
  explicit DataKey(const Secret& secret) : secret_(secret) {}
  Secret secret_;
};

// The keys that wrap, from the key file. Its lines are
//
//   ID BASE64       a number from 1 on and 32 bytes: wraps data keys. The first
//                   one wraps what is new, all of them unwrap
//   search BASE64   one, for SearchHash and KeyFor; it stays as long as what was
//                   made with it
//   # anything      and empty lines say nothing
//
// Immutable, but for what is known of them (checked) and that others may be taken
// in their place; thread-safe. A call sees them as they are at one moment.
class Keyring {
 public:
  // Errors, each of which names the file, the line and what to do, and never
  // repeats what is there: INVALID_ARGUMENT (no such file, more than its owner may read or
  // write it, it is no key file).
  static absl::StatusOr<Keyring> Load(const std::string& file);
  // What the file holds, with the errors of Load.
  static absl::StatusOr<std::string> ReadFile(const std::string& file);
  // The keys of such a text; `file` is what errors call it.
  static absl::StatusOr<Keyring> Parse(absl::string_view file, absl::string_view text);

  struct Made {
    DataKey key;
    std::string wrapped;  // for the root's row
  };
  // A key for a new root.
  Made Make(absl::string_view root) const;
  // nullopt if `wrapped` is of an unknown id, of another root, or damaged.
  std::optional<DataKey> Unwrap(absl::string_view root, absl::string_view wrapped) const;
  // The same data key, wrapped by the active id; nullopt as Unwrap.
  std::optional<std::string> Rewrap(absl::string_view root, absl::string_view wrapped) const;

  // What the search key is known by where keys are noted: no other has this id.
  static constexpr std::uint32_t kSearchId = 0;

  // The id that wraps new keys, and whether what `id` wrapped can be unwrapped:
  // readiness compares this with what the database has noted (service/seal_keys.h).
  std::uint32_t active() const { return keys()->active; }
  bool Knows(std::uint32_t id) const { return id == kSearchId || keys()->wrapping.count(id) > 0; }
  // 8 bytes that tell the key of a known `id` from others of that number, and
  // nothing else of it.
  std::string MarkOf(std::uint32_t id) const;
  // The id that wrapped it; nullopt if it is no wrapped key of a version known here.
  static std::optional<std::uint32_t> IdOf(absl::string_view wrapped);

  // Whether they are known to be the keys of the database that they are used
  // with: no Tx works with others. Of a service they are not until it has looked,
  // nor once it finds that they are others' (service/seal_keys.h); where nobody
  // looks, in tests and tools, they are. One answer for all copies.
  bool checked() const { return state_->checked; }
  void SetChecked(bool checked) const { state_->checked = checked; }

  // Exchanges the keys of this and all copies for those of `next`. What was wrapped opens only with a key that `next`
  // has, too: service/seal_keys.h sees to that.
  void Take(const Keyring& next) const;
  // The same keys, which nobody exchanges.
  Keyring Fixed() const;
  // Whether these are the keys of `other`, and the same one wraps.
  bool SameAs(const Keyring& other) const;

  // 16 bytes to find an exact value by, in a column of its own: HMAC-SHA256
  // under the search key, with the field's full name, so that equal texts of two
  // fields do not look equal.
  std::string SearchHash(absl::string_view field, absl::string_view normalised) const;
  // The key of what has no root, one for each purpose, made of the search key:
  // who has the file opens it, who has the database alone does not.
  DataKey KeyFor(absl::string_view purpose) const;
  // 32 bytes that only who has the key of a known `id` can make of `text`, for one purpose.
  std::string Vouch(std::uint32_t id, absl::string_view purpose, absl::string_view text) const;

 private:
  friend class KeyFile;
  struct Keys {
    std::map<std::uint32_t, Secret> wrapping;
    std::uint32_t active = 0;
    std::optional<Secret> search;
  };
  struct State {
    Mutex mu;
    std::shared_ptr<const Keys> keys XXT_GUARDED_BY(mu);
    std::atomic<bool> checked{true};
  };
  explicit Keyring(std::shared_ptr<const Keys> keys) { Set(std::move(keys)); }
  std::shared_ptr<const Keys> keys() const;
  void Set(std::shared_ptr<const Keys> keys) const;
  std::string Wrap(absl::string_view root, const Secret& secret) const;

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace xxt::seal

#endif  // XXT_COMMON_SEAL_SEAL_H_
