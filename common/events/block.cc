#include "common/events/block.h"

#include <openssl/sha.h>

#include "absl/strings/str_cat.h"

namespace xxt::events {
namespace {

// Other bytes, other names: what was hashed as one is no other.
constexpr char kEvent[] = "xixinting.event.1";
constexpr char kBlock[] = "xixinting.event_block.1";
constexpr char kPurpose[] = "xixinting.event_seal";

void Append(std::string* bytes, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xff));
  }
}

void Append(std::string* bytes, absl::Time time) { Append(bytes, absl::ToUnixMicros(time)); }

// With its length, so that no other texts look the same.
void Append(std::string* bytes, absl::string_view text) {
  Append(bytes, static_cast<std::int64_t>(text.size()));
  bytes->append(text.data(), text.size());
}

std::string Hash(const std::string& bytes) {
  std::string hash(kHash, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace

std::string LeafOf(const Record& record) {
  const Event& event = record.event;
  std::string bytes;
  for (const absl::string_view text :
       {absl::string_view(kEvent), absl::string_view(event.id), absl::string_view(event.type),
        absl::string_view(event.subject), absl::string_view(event.hall), absl::string_view(event.actor),
        absl::string_view(event.summary)}) {
    Append(&bytes, text);
  }
  Append(&bytes, event.time);
  Append(&bytes, record.record_time);
  return Hash(bytes);
}

std::string HashOf(const Block& block) {
  std::string bytes;
  Append(&bytes, absl::string_view(kBlock));
  Append(&bytes, block.number);
  Append(&bytes, block.seal_time);
  Append(&bytes, block.previous_time);
  Append(&bytes, absl::string_view(block.previous_hash));
  Append(&bytes, block.oldest_time);
  Append(&bytes, static_cast<std::int64_t>(block.key));
  Append(&bytes, absl::string_view(block.leaves));
  return Hash(bytes);
}

std::string MacOf(const Block& block, const seal::Keyring& keys) { return keys.Vouch(block.key, kPurpose, block.hash); }

}  // namespace xxt::events
