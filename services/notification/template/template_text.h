#ifndef XXT_SERVICES_NOTIFICATION_TEMPLATE_TEMPLATE_TEXT_H_
#define XXT_SERVICES_NOTIFICATION_TEMPLATE_TEMPLATE_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace xxt::notification {

// One value to put into a template. A text stands for itself: braces and apostrophes in
// it are never read as a pattern.
using ParameterValue = std::variant<std::string, std::int64_t, absl::CivilDay, absl::Time>;

// Values by argument name.
using Parameters = std::map<std::string, ParameterValue>;

// What an argument of a pattern takes.
enum class ArgumentKind {
  kText,    // {name}: string or integer
  kChoice,  // {name, select, ...}: string
  kNumber,  // {name, number|plural|selectordinal, ...}: integer
  kDate,    // {name, date, ...}: day or moment
  kTime,    // {name, time, ...}: moment
};

struct Argument {
  std::string name;
  ArgumentKind kind = ArgumentKind::kText;

  friend bool operator==(const Argument&, const Argument&) = default;
};

// A message pattern in ICU MessageFormat, checked once and rendered many times.
//
// Dates and times are written as in Asia/Shanghai, whatever the machine's zone. Arguments
// are named; only the forms in ArgumentKind are known. ICU keeps a space before a date
// pattern: write {at, time,HH:mm}, or a skeleton, {at, time, ::Hm}. Immutable, so
// thread-safe.
class TemplateText {
 public:
  // `language_code` is "zh-CN" or "en".
  // Errors: INVALID_ARGUMENT naming the position in the pattern, or the argument that is
  // numbered, of an unknown form, or used in two forms that no value fits; also for
  // another language or a pattern that is not UTF-8.
  static absl::StatusOr<TemplateText> Parse(absl::string_view pattern, absl::string_view language_code);

  // Every argument once, by name; arguments inside plural and select included. An
  // argument used in several forms has the strictest.
  const std::vector<Argument>& arguments() const { return arguments_; }

  // Writes the message.
  // Errors: INVALID_ARGUMENT naming the parameter that is missing, not in the pattern, of
  // the wrong type, not UTF-8, or holds a control character. Never repeats a value.
  absl::StatusOr<std::string> Render(const Parameters& parameters) const;

 private:
  TemplateText() = default;

  std::string pattern_;
  std::string locale_;
  std::vector<Argument> arguments_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_TEMPLATE_TEMPLATE_TEXT_H_
