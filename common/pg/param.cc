#include "common/pg/param.h"

#include <cstddef>
#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace xxt::pg {
namespace {

// pg_type.oid of the types that have a binary form here; the same in every
// PostgreSQL. wire_test.cc asks one.
constexpr unsigned kBool = 16;
constexpr unsigned kBytea = 17;
constexpr unsigned kInt8 = 20;
constexpr unsigned kInt2 = 21;
constexpr unsigned kInt4 = 23;
constexpr unsigned kText = 25;
constexpr unsigned kTimestamptz = 1184;
constexpr unsigned kUuid = 2950;
constexpr unsigned kJsonb = 3802;

// Of an array of `array`; 0 if that is none of these.
unsigned ElementOf(unsigned array) {
  switch (array) {
    case 1000:
      return kBool;
    case 1001:
      return kBytea;
    case 1005:
      return kInt2;
    case 1007:
      return kInt4;
    case 1009:
      return kText;
    case 1016:
      return kInt8;
    case 1185:
      return kTimestamptz;
    case 2951:
      return kUuid;
    case 3807:
      return kJsonb;
    default:
      return 0;
  }
}

// In the order of the network.
template <typename Int>
void AppendInt(Int value, std::string* out) {
  const auto bits = static_cast<std::make_unsigned_t<Int>>(value);
  for (int shift = 8 * (static_cast<int>(sizeof bits) - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>((bits >> shift) & 0xff));
  }
}

template <typename Int>
bool AppendIfIn(std::int64_t value, std::string* out) {
  if (value < std::numeric_limits<Int>::min() || value > std::numeric_limits<Int>::max()) return false;
  AppendInt(static_cast<Int>(value), out);
  return true;
}

bool AppendNumber(unsigned type, std::int64_t value, std::string* out) {
  switch (type) {
    case kInt2:
      return AppendIfIn<std::int16_t>(value, out);
    case kInt4:
      return AppendIfIn<std::int32_t>(value, out);
    case kInt8:
      return AppendIfIn<std::int64_t>(value, out);
    default:
      return false;
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// False if it is written in another way than PostgreSQL does.
bool AppendUuid(absl::string_view text, std::string* out) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return false;
      continue;
    }
    const int high = HexDigit(text[i++]);
    const int low = HexDigit(text[i++]);
    if (high < 0 || low < 0) return false;
    out->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

bool AppendWords(unsigned type, const std::string& text, std::string* out) {
  switch (type) {
    case kText:
      out->append(text);
      return true;
    case kUuid:
      return AppendUuid(text, out);
    case kJsonb:
      out->push_back('\1');  // the version of its form
      out->append(text);
      return true;
    default:
      return false;
  }
}

// Microseconds since 2000.
bool AppendTime(absl::Time time, std::string* out) {
  constexpr std::int64_t kBegin = 946'684'800'000'000;  // of 2000, since 1970
  using Limits = std::numeric_limits<std::int64_t>;
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    AppendInt(time == absl::InfinitePast() ? Limits::min() : Limits::max(), out);
    return true;
  }
  const std::int64_t micros = absl::ToUnixMicros(time);
  if (micros < Limits::min() + kBegin) return false;
  AppendInt(micros - kBegin, out);
  return true;
}

std::string TextOf(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "infinity";
  if (time == absl::InfinitePast()) return "-infinity";
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const std::int64_t micros = absl::ToInt64Microseconds(time - absl::FromCivil(second, absl::UTCTimeZone()));
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d+00", second.year(), second.month(), second.day(),
                         second.hour(), second.minute(), second.second(), micros);
}

void AppendHex(absl::string_view bytes, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->append("\\x");
  for (const char c : bytes) {
    out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    out->push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

// One element of the text of an array.
void AppendElement(const Param& item, std::string* out) {
  const std::optional<std::string> text = item.AsText();
  if (!text.has_value()) {
    out->append("NULL");
    return;
  }
  out->push_back('"');
  for (const char c : *text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

void AppendArray(const std::vector<Param>& items, std::string* out) {
  out->push_back('{');
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendElement(items[i], out);
  }
  out->push_back('}');
}

// Over four bytes that are there.
void WriteLength(std::size_t length, char* out) {
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<char>((length >> shift) & 0xff);
}

// One dimension that counts from 1. False if an element has no binary form.
bool AppendBinaryArray(unsigned element, const std::vector<Param>& items, std::string* out) {
  if (element == 0) return false;
  AppendInt(std::int32_t{items.empty() ? 0 : 1}, out);
  const std::size_t nulls_at = out->size();
  AppendInt(std::int32_t{0}, out);
  AppendInt(static_cast<std::uint32_t>(element), out);
  if (items.empty()) return true;
  AppendInt(static_cast<std::int32_t>(items.size()), out);
  AppendInt(std::int32_t{1}, out);
  for (const Param& item : items) {
    const std::size_t length_at = out->size();
    AppendInt(std::int32_t{-1}, out);  // NULL
    if (item.is_null()) {
      (*out)[nulls_at + 3] = '\1';
      continue;
    }
    if (!item.AppendBinary(element, out)) return false;
    WriteLength(out->size() - length_at - 4, out->data() + length_at);
  }
  return true;
}

}  // namespace

Param::Param(absl::CivilDay day) : value_(absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day())) {}

Param::Param(const std::vector<std::string>& array) : value_(std::vector<Param>(array.begin(), array.end())) {}

Param Param::Bytes(absl::string_view bytes) {
  Param made(std::nullopt);
  made.value_ = Raw{std::string(bytes)};
  return made;
}

Param Param::Array(const std::vector<const Param*>& values) {
  std::vector<Param> items;
  items.reserve(values.size());
  for (const Param* value : values) items.push_back(*value);
  Param made(std::nullopt);
  made.value_ = std::move(items);
  return made;
}

std::optional<std::string> Param::AsText() const {
  if (is_null()) return std::nullopt;
  std::string text;
  AppendText(&text);
  return text;
}

void Param::AppendText(std::string* out) const {
  if (const auto* text = std::get_if<std::string>(&value_)) {
    out->append(*text);
  } else if (const auto* raw = std::get_if<Raw>(&value_)) {
    AppendHex(raw->bytes, out);
  } else if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    absl::StrAppend(out, *number);
  } else if (const auto* flag = std::get_if<bool>(&value_)) {
    out->push_back(*flag ? 't' : 'f');
  } else if (const auto* time = std::get_if<absl::Time>(&value_)) {
    out->append(TextOf(*time));
  } else if (const auto* items = std::get_if<std::vector<Param>>(&value_)) {
    AppendArray(*items, out);
  }
}

bool Param::AppendBinary(unsigned type, std::string* out) const {
  const std::size_t before = out->size();
  if (TryBinary(type, out)) return true;
  out->resize(before);
  return false;
}

bool Param::TryBinary(unsigned type, std::string* out) const {
  if (const auto* text = std::get_if<std::string>(&value_)) return AppendWords(type, *text, out);
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return AppendNumber(type, *number, out);
  if (const auto* items = std::get_if<std::vector<Param>>(&value_)) {
    return AppendBinaryArray(ElementOf(type), *items, out);
  }
  if (const auto* raw = std::get_if<Raw>(&value_); raw != nullptr && type == kBytea) {
    out->append(raw->bytes);
    return true;
  }
  if (const auto* flag = std::get_if<bool>(&value_); flag != nullptr && type == kBool) {
    out->push_back(*flag ? '\1' : '\0');
    return true;
  }
  const auto* time = std::get_if<absl::Time>(&value_);
  return time != nullptr && type == kTimestamptz && AppendTime(*time, out);
}

}  // namespace xxt::pg
