#include "tools/xxt/expect.h"

#include <re2/re2.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/xxt/failure.h"

namespace xxt::cli {
namespace {

using Lines = std::vector<std::string>;

bool IsUnset(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || (value.is_structured() && value.empty()) || value == 0 || value == false;
}

std::string TextOf(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Long answers are cut: the whole response is printed below the differences.
std::string Shown(const Json& value) {
  const std::string text = value.is_null() ? "nothing" : value.dump();
  return text.size() <= 300 ? text : text.substr(0, 300) + "…";
}

void Add(const std::string& path, const std::string& wanted, const Json& actual, Lines* lines) {
  lines->push_back(absl::StrCat(path.empty() ? "(all)" : path, ": expected ", wanted, ", got ", Shown(actual)));
}

void Compare(const Json& expected, const Json& actual, const std::string& path, Lines* lines);

bool Matches(const Json& expected, const Json& actual) {
  Lines lines;
  Compare(expected, actual, "", &lines);
  return lines.empty();
}

std::size_t SizeOf(const Json& value) { return value.is_string() ? value.get<std::string>().size() : value.size(); }

bool SizeMatches(const Json& wanted, const Json& actual) {
  const std::string text = TextOf(wanted);
  const std::size_t digits = text.find_first_of("0123456789");
  std::size_t number = 0;
  if (digits == std::string::npos || !absl::SimpleAtoi(text.substr(digits), &number)) return false;
  const std::string compare = text.substr(0, digits);
  const std::size_t size = SizeOf(actual);
  if (compare == ">=") return size >= number;
  if (compare == "<=") return size <= number;
  if (compare == ">") return size > number;
  return size == number;
}

// {$size: …}, {$any: …}, {$none: …}: all of them must hold.
void CompareOperators(const Json& expected, const Json& actual, const std::string& path, Lines* lines) {
  for (const auto& [name, wanted] : expected.items()) {
    const auto fits = [&item = wanted](const Json& candidate) { return Matches(item, candidate); };
    const bool some = actual.is_array() && std::any_of(actual.begin(), actual.end(), fits);
    if (name == "$size" && !SizeMatches(wanted, actual)) {
      Add(path, absl::StrCat("size ", TextOf(wanted)), SizeOf(actual), lines);
    } else if (name == "$any" && !some) {
      Add(path, absl::StrCat("an item like ", wanted.dump()), actual, lines);
    } else if (name == "$none" && some) {
      Add(path, absl::StrCat("no item like ", wanted.dump()), actual, lines);
    } else if (name != "$size" && name != "$any" && name != "$none") {
      Add(path, absl::StrCat("a known operator instead of ", name), actual, lines);
    }
  }
}

// Each expected item is found behind the one before.
void CompareList(const Json& expected, const Json& actual, const std::string& path, Lines* lines) {
  if (!actual.is_array() && !actual.is_null()) return Add(path, "a list", actual, lines);
  std::size_t at = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    while (at < actual.size() && !Matches(expected[i], actual[at])) ++at;
    if (at == actual.size()) {
      return Add(path, absl::StrCat("item ", i, " like ", expected[i].dump()), actual, lines);
    }
    ++at;
  }
}

void CompareText(const std::string& expected, const Json& actual, const std::string& path, Lines* lines) {
  if (expected == "*") {
    if (IsUnset(actual)) Add(path, "anything", actual, lines);
  } else if (expected == "!unset") {
    if (!IsUnset(actual)) Add(path, "nothing", actual, lines);
  } else if (absl::StartsWith(expected, "~")) {
    const re2::RE2 pattern(expected.substr(1), re2::RE2::Quiet);
    if (!pattern.ok()) return Add(path, absl::StrCat("a valid expression instead of ", expected), actual, lines);
    if (actual.is_null() || !re2::RE2::PartialMatch(TextOf(actual), pattern)) {
      Add(path, absl::StrCat("text like /", expected.substr(1), "/"), actual, lines);
    }
  } else if (absl::EndsWith(expected, "_UNSPECIFIED") && actual.is_null()) {
    return;
  } else if (actual.is_null() ? !expected.empty() : TextOf(actual) != expected) {
    Add(path, Json(expected).dump(), actual, lines);
  }
}

void Compare(const Json& expected, const Json& actual, const std::string& path, Lines* lines) {
  if (expected.is_object() && !expected.empty() && absl::StartsWith(expected.begin().key(), "$")) {
    CompareOperators(expected, actual, path, lines);
  } else if (expected.is_object()) {
    if (!actual.is_object() && !actual.is_null()) return Add(path, "an object", actual, lines);
    for (const auto& [key, value] : expected.items()) {
      const Json found = actual.is_object() && actual.contains(key) ? actual[key] : Json();
      Compare(value, found, path.empty() ? key : absl::StrCat(path, ".", key), lines);
    }
  } else if (expected.is_array()) {
    CompareList(expected, actual, path, lines);
  } else if (expected.is_string()) {
    CompareText(expected.get<std::string>(), actual, path, lines);
  } else if (IsUnset(expected) ? !IsUnset(actual) : TextOf(expected) != TextOf(actual)) {
    // int64 is text in proto3 JSON; so both are compared as text.
    Add(path, expected.dump(), actual, lines);
  }
}

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

}  // namespace

Lines Mismatches(const Json& expected, const Json& actual) {
  Lines lines;
  Compare(expected, actual, "", &lines);
  return lines;
}

Lines ErrorMismatches(const Json& expected, const absl::Status& status) {
  Json actual = {{"code", CodeName(status.code())}, {"reason", ReasonOf(status)}, {"fields", Json::array()}};
  actual["message"] = std::string(status.message().data(), status.message().size());
  for (const Fault& fault : FaultsOf(status)) actual["fields"].push_back(fault.field);
  Json wanted = expected;
  // Fields may come in any order.
  if (wanted.contains("fields") && wanted["fields"].is_array()) {
    Lines lines;
    for (const Json& field : wanted["fields"]) {
      Compare(Json{{"$any", field}}, actual["fields"], "fields", &lines);
    }
    wanted.erase("fields");
    if (!lines.empty()) return lines;
  }
  return Mismatches(wanted, actual);
}

}  // namespace xxt::cli
