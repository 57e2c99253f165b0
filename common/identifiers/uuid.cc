#include "common/identifiers/uuid.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/random_bytes.h"

namespace xxt::identifiers {
namespace {

constexpr absl::string_view kShape = "00000000-0000-0000-0000-000000000000";
constexpr std::size_t kVersionAt = 14;
constexpr std::uint64_t kMaxRandA = 0xFFF;
constexpr unsigned kCellBits = 16;
constexpr std::uint64_t kMaxRandB = (std::uint64_t{1} << (62U - kCellBits)) - 1;

std::atomic<Cell> own_cell{0};

// The free fields of a UUIDv7 before its cell: 48, 12 and 46 bits.
struct Fields {
  std::uint64_t milliseconds = 0;
  std::uint64_t rand_a = 0;
  std::uint64_t rand_b = 0;
};

std::uint64_t RandomBits() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
  FillWithRandomBytes(absl::MakeSpan(bytes));
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), sizeof(bits));
  return bits;
}

// Makes fields that grow with every call. Thread-safe.
class Sequence {
 public:
  Fields Next(std::uint64_t milliseconds) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (milliseconds > last_.milliseconds) {
      // The top bit of rand_a stays free, so that counting up has room.
      last_ = {milliseconds, RandomBits() & (kMaxRandA >> 1U), RandomBits() & kMaxRandB};
      return last_;
    }
    // A random step keeps the next id hard to guess.
    last_.rand_b += (RandomBits() & 0xFFFFFFFFU) + 1;
    if (last_.rand_b > kMaxRandB) {
      last_.rand_b &= kMaxRandB;
      ++last_.rand_a;
    }
    if (last_.rand_a > kMaxRandA) {
      last_.rand_a = 0;
      ++last_.milliseconds;
    }
    return last_;
  }

 private:
  std::mutex mutex_;
  Fields last_;  // guarded by mutex_
};

}  // namespace

Cell OwnCell() { return own_cell; }

void SetOwnCell(Cell cell) { own_cell = cell; }

std::string CellName(Cell cell) { return absl::StrFormat("%04x", cell); }

std::optional<Cell> ParseCell(absl::string_view text) {
  std::uint64_t cell = 0;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    cell = cell << 4U | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  if (text.size() != kCellBits / 4) return std::nullopt;
  return static_cast<Cell>(cell);
}

std::optional<Cell> CellOf(absl::string_view resource_name) {
  for (const absl::string_view part : absl::StrSplit(resource_name, '/')) {
    if (!IsUuid(part)) continue;
    return part[kVersionAt] == '7' ? ParseCell(part.substr(part.size() - kCellBits / 4)) : std::nullopt;
  }
  return std::nullopt;
}

std::string NewUuid(absl::Time now) {
  static Sequence* const kSequence = new Sequence;
  const std::int64_t since_epoch = std::max<std::int64_t>(absl::ToUnixMillis(now), 0);
  const Fields fields = kSequence->Next(static_cast<std::uint64_t>(since_epoch));
  const std::uint64_t rand_b = fields.rand_b << kCellBits | own_cell;
  return absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", (fields.milliseconds >> 16U) & 0xFFFFFFFFU,
                         fields.milliseconds & 0xFFFFU, fields.rand_a, 0x8000U | (rand_b >> 48U),
                         rand_b & 0xFFFFFFFFFFFFU);
}

bool IsUuid(absl::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (kShape[i] == '-' ? c != '-' : !is_hex) return false;
  }
  const absl::string_view variants = "89ab";
  return text[kVersionAt] >= '1' && text[kVersionAt] <= '8' && variants.find(text[19]) != absl::string_view::npos;
}

}  // namespace xxt::identifiers
