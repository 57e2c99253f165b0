#include "common/pg/session.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace xxt::pg {
namespace {

// Adds one element to the array text "{...".
void AppendElement(absl::string_view item, std::string* text) {
  text->append(text->size() > 1 ? ",\"" : "\"");
  for (const char c : item) {
    if (c == '"' || c == '\\') text->push_back('\\');
    text->push_back(c);
  }
  text->push_back('"');
}

}  // namespace

Param::Param(absl::Time time) {
  if (time == absl::InfiniteFuture()) {
    text_ = "infinity";
  } else if (time == absl::InfinitePast()) {
    text_ = "-infinity";
  } else {
    const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
    const std::int64_t micros = absl::ToInt64Microseconds(time - absl::FromCivil(second, absl::UTCTimeZone()));
    text_ = absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d+00", second.year(), second.month(), second.day(),
                            second.hour(), second.minute(), second.second(), micros);
  }
}

Param::Param(absl::CivilDay day) : text_(absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day())) {}

Param::Param(const std::vector<std::string>& array) {
  std::string text = "{";
  for (const std::string& item : array) AppendElement(item, &text);
  text.push_back('}');
  text_ = std::move(text);
}

Param Param::Array(const std::vector<const Param*>& values) {
  std::string text = "{";
  for (const Param* value : values) {
    if (value->text_.has_value()) {
      AppendElement(*value->text_, &text);
    } else {
      text.append(text.size() > 1 ? ",NULL" : "NULL");
    }
  }
  text.push_back('}');
  return Param(std::move(text));
}

Param Param::Bytes(absl::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(2 + bytes.size() * 2);
  for (const char c : bytes) {
    text.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return Param(std::move(text));
}

}  // namespace xxt::pg
