#include "services/notification/template/template_text.h"

#include <unicode/fmtable.h>
#include <unicode/locid.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/parseerr.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/text/unicode.h"

namespace xxt::notification {
namespace {

// The time zone goes with the locale, so that formats made by MessageFormat itself get
// it too; the alternative would be to change the process's default zone.
constexpr absl::string_view kZoneSuffix = "-u-tz-cnsha";

icu::UnicodeString ToIcu(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string FromIcu(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

absl::Status Unfit(absl::string_view argument, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("parameter \"", argument, "\": ", why));
}

std::optional<ArgumentKind> KindOfSimple(absl::string_view type) {
  if (type == "number") return ArgumentKind::kNumber;
  if (type == "date") return ArgumentKind::kDate;
  if (type == "time") return ArgumentKind::kTime;
  return std::nullopt;
}

// Returns the kind of the argument that starts at part `start` of `pattern`.
std::optional<ArgumentKind> KindOf(const icu::MessagePattern& pattern, std::int32_t start) {
  switch (pattern.getPart(start).getArgType()) {
    case UMSGPAT_ARG_TYPE_NONE:
      return ArgumentKind::kText;
    case UMSGPAT_ARG_TYPE_SELECT:
      return ArgumentKind::kChoice;
    case UMSGPAT_ARG_TYPE_PLURAL:
    case UMSGPAT_ARG_TYPE_SELECTORDINAL:
      return ArgumentKind::kNumber;
    case UMSGPAT_ARG_TYPE_SIMPLE:
      // ARG_START, ARG_NAME, ARG_TYPE follow each other.
      return KindOfSimple(FromIcu(pattern.getSubstring(pattern.getPart(start + 2))));
    default:
      return std::nullopt;
  }
}

// Returns the kind that fits both uses of one argument, if there is one.
std::optional<ArgumentKind> StricterOf(ArgumentKind a, ArgumentKind b) {
  if (a == b) return a;
  const auto either = [a, b](ArgumentKind kind) { return a == kind || b == kind; };
  if (either(ArgumentKind::kDate) && either(ArgumentKind::kTime)) return ArgumentKind::kTime;
  if (either(ArgumentKind::kText) && either(ArgumentKind::kChoice)) return ArgumentKind::kChoice;
  if (either(ArgumentKind::kText) && either(ArgumentKind::kNumber)) return ArgumentKind::kNumber;
  return std::nullopt;
}

absl::StatusOr<std::vector<Argument>> ArgumentsOf(const icu::MessagePattern& pattern) {
  std::map<std::string, ArgumentKind> kinds;
  for (std::int32_t i = 0; i < pattern.countParts(); ++i) {
    if (pattern.getPartType(i) != UMSGPAT_PART_TYPE_ARG_START) continue;
    const icu::MessagePattern::Part& name_part = pattern.getPart(i + 1);
    const std::string name = FromIcu(pattern.getSubstring(name_part));
    if (name_part.getType() != UMSGPAT_PART_TYPE_ARG_NAME) return Unfit(name, "must be named, not numbered");
    const std::optional<ArgumentKind> kind = KindOf(pattern, i);
    if (!kind.has_value()) return Unfit(name, "must be text, select, number, plural, selectordinal, date or time");
    const auto [entry, is_new] = kinds.emplace(name, *kind);
    if (is_new) continue;
    const std::optional<ArgumentKind> both = StricterOf(entry->second, *kind);
    if (!both.has_value()) return Unfit(name, "is used in two forms that no value fits");
    entry->second = *both;
  }
  std::vector<Argument> arguments;
  arguments.reserve(kinds.size());
  for (const auto& [name, kind] : kinds) arguments.push_back({name, kind});
  return arguments;
}

absl::Status CheckText(absl::string_view name, const std::string& value) {
  const absl::StatusOr<std::u32string> decoded = text::DecodeUtf8(value);
  if (!decoded.ok()) return Unfit(name, decoded.status().message());
  if (std::any_of(decoded->begin(), decoded->end(), text::IsControl)) return Unfit(name, "holds a control character");
  return absl::OkStatus();
}

icu::Formattable ToIcuDate(absl::Time t) {
  return icu::Formattable(static_cast<UDate>(absl::ToUnixMillis(t)), icu::Formattable::kIsDate);
}

absl::StatusOr<icu::Formattable> ToFormattable(const Argument& argument, const ParameterValue& value) {
  const ArgumentKind kind = argument.kind;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (kind != ArgumentKind::kText && kind != ArgumentKind::kChoice) return Unfit(argument.name, "must not be a text");
    if (const absl::Status checked = CheckText(argument.name, *text); !checked.ok()) return checked;
    return icu::Formattable(ToIcu(*text));
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (kind != ArgumentKind::kText && kind != ArgumentKind::kNumber) {
      return Unfit(argument.name, "must not be an integer");
    }
    return icu::Formattable(*number);
  }
  if (const auto* day = std::get_if<absl::CivilDay>(&value)) {
    if (kind != ArgumentKind::kDate) return Unfit(argument.name, "must not be a day");
    return ToIcuDate(calendar::StartOfDay(*day));
  }
  if (kind != ArgumentKind::kDate && kind != ArgumentKind::kTime) return Unfit(argument.name, "must not be a moment");
  return ToIcuDate(std::get<absl::Time>(value));
}

absl::Status CheckNames(const std::vector<Argument>& arguments, const Parameters& parameters) {
  for (const Argument& argument : arguments) {
    if (parameters.find(argument.name) == parameters.end()) return Unfit(argument.name, "is missing");
  }
  for (const auto& [name, value] : parameters) {
    const bool known = std::any_of(arguments.begin(), arguments.end(),
                                   [&name = name](const Argument& argument) { return argument.name == name; });
    if (!known) return Unfit(name, "is not in the template");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TemplateText> TemplateText::Parse(absl::string_view pattern, absl::string_view language_code) {
  if (language_code != "zh-CN" && language_code != "en") {
    return absl::InvalidArgumentError("language_code: must be zh-CN or en");
  }
  if (const auto decoded = text::DecodeUtf8(pattern); !decoded.ok()) return decoded.status();
  TemplateText text;
  text.pattern_ = std::string(pattern);
  text.locale_ = absl::StrCat(language_code, kZoneSuffix);

  UErrorCode error = U_ZERO_ERROR;
  UParseError where;
  const icu::MessagePattern parsed(ToIcu(pattern), &where, error);
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(absl::StrCat("pattern: not a message format near character ", where.offset));
  }
  absl::StatusOr<std::vector<Argument>> arguments = ArgumentsOf(parsed);
  if (!arguments.ok()) return arguments.status();
  text.arguments_ = *std::move(arguments);

  // Finds what the pattern alone does not show, such as a malformed date skeleton.
  const icu::MessageFormat format(ToIcu(pattern), icu::Locale::forLanguageTag(text.locale_.c_str(), error), error);
  if (U_FAILURE(error)) return absl::InvalidArgumentError("pattern: a number, date or time style is malformed");
  return text;
}

absl::StatusOr<std::string> TemplateText::Render(const Parameters& parameters) const {
  if (const absl::Status names = CheckNames(arguments_, parameters); !names.ok()) return names;
  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;
  for (const Argument& argument : arguments_) {
    absl::StatusOr<icu::Formattable> value = ToFormattable(argument, parameters.at(argument.name));
    if (!value.ok()) return value.status();
    names.push_back(ToIcu(argument.name));
    values.push_back(*std::move(value));
  }
  // MessageFormat is not thread-safe, not even to read: make one for each message.
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale locale = icu::Locale::forLanguageTag(locale_.c_str(), error);
  const icu::MessageFormat format(ToIcu(pattern_), locale, error);
  icu::UnicodeString result;
  format.format(names.data(), values.data(), static_cast<std::int32_t>(names.size()), result, error);
  if (U_FAILURE(error)) return absl::InvalidArgumentError(absl::StrCat("pattern: ", u_errorName(error)));
  return FromIcu(result);
}

}  // namespace xxt::notification
