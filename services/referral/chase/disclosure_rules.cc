#include "services/referral/chase/disclosure_rules.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/phone_number.h"
#include "common/identifiers/resident_id.h"

namespace xxt::referral {
namespace {

constexpr std::size_t kLongNumber = 7;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

std::size_t CharsOf(absl::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Full-width digits and what people type between them, in ASCII.
std::string Plain(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"０", "0"}, {"１", "1"}, {"２", "2"}, {"３", "3"}, {"４", "4"}, {"５", "5"},     {"６", "6"},
             {"７", "7"}, {"８", "8"}, {"９", "9"}, {"－", "-"}, {"—", "-"},  {"–", "-"},      {"‐", "-"},
             {"．", "."}, {"·", "."},  {"•", "."},  {"・", "."}, {"／", "/"}, {"\u00a0", " "}, {"　", " "}});
}

// What may stand inside a number without ending it.
bool IsGap(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

// A number as it stands in a text: "138-0013 8010" has three parts.
struct Number {
  std::vector<std::string> parts;
  std::vector<std::string> gaps;  // before each part but the first
  std::string whole() const { return absl::StrJoin(parts, ""); }
};

std::vector<Number> NumbersIn(absl::string_view text) {
  const std::string plain = Plain(text);
  std::vector<Number> numbers;
  std::string gap;
  bool inside = false;  // a number that a gap does not end
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (IsDigit(c)) {
      if (!inside) numbers.emplace_back();
      Number& number = numbers.back();
      if (!inside || !gap.empty()) number.parts.emplace_back();
      if (!gap.empty()) number.gaps.push_back(gap);
      number.parts.back().push_back(c);
      gap.clear();
      inside = true;
    } else if (inside && IsGap(c)) {
      gap.push_back(c);
    } else {
      // The last character of an identity number.
      if (inside && absl::ascii_toupper(static_cast<unsigned char>(c)) == 'X' && numbers.back().whole().size() == 17) {
        numbers.back().parts.back().push_back('X');
      }
      gap.clear();
      inside = false;
    }
  }
  return numbers;
}

// Whether three parts from `at` on are "2014-06-12" or "2014.6.12", and nothing
// but a space comes after them.
bool IsDateAt(const Number& number, std::size_t at) {
  if (number.parts.size() < at + 3) return false;
  const std::string& gap = number.gaps[at];
  if (gap.size() != 1 || gap == " " || gap != number.gaps[at + 1]) return false;
  if (number.parts.size() > at + 3 && number.gaps[at + 2] != " ") return false;
  int year = 0;
  int month = 0;
  int day = 0;
  const auto read = [&number](std::size_t part, std::size_t most, int* value) {
    return number.parts[part].size() <= most && absl::SimpleAtoi(number.parts[part], value);
  };
  if (!read(at, 4, &year) || !read(at + 1, 2, &month) || !read(at + 2, 2, &day)) return false;
  const absl::CivilDay civil(year, month, day);
  return year >= 1900 && year <= 2100 && civil.month() == month && civil.day() == day;
}

// The numbers of seven digits and more that are no dates. Two more digits may
// stand behind a date ("2014-06-12 2楼"); three would make a mobile number of it.
std::vector<std::string> LongNumbersIn(absl::string_view text) {
  std::vector<std::string> found;
  for (const Number& number : NumbersIn(text)) {
    std::size_t at = 0;
    while (IsDateAt(number, at)) at += 3;
    const std::string rest =
        absl::StrJoin(number.parts.begin() + static_cast<std::ptrdiff_t>(at), number.parts.end(), "");
    if (rest.size() > (at == 0 ? kLongNumber - 1 : 2)) found.push_back(number.whole());
  }
  return found;
}

// Whether `number` is one of `known`, or several of them one after the other.
bool IsMadeOf(absl::string_view number, const std::vector<std::string>& known) {
  if (number.empty()) return true;
  return std::any_of(known.begin(), known.end(), [number, &known](const std::string& one) {
    return absl::StartsWith(number, one) && IsMadeOf(number.substr(one.size()), known);
  });
}

// As names are compared: nothing between the characters, and no case.
std::string Joined(absl::string_view text) {
  std::string joined = Plain(text);
  joined.erase(std::remove_if(joined.begin(), joined.end(),
                              [](char c) { return IsGap(c) || absl::ascii_isspace(static_cast<unsigned char>(c)); }),
               joined.end());
  return absl::AsciiStrToLower(joined);
}

// Until 1999 identity numbers had fifteen digits: no century, no check digit.
bool IsOldResidentId(absl::string_view text) {
  if (text.size() != 15 || !std::all_of(text.begin(), text.end(), IsDigit)) return false;
  absl::CivilDay day;
  const std::string birth(text.substr(6, 6));
  return absl::ParseCivilTime("19" + birth.substr(0, 2) + "-" + birth.substr(2, 2) + "-" + birth.substr(4, 2), &day);
}

bool IsResidentId(absl::string_view text, absl::CivilDay today) {
  return identifiers::ResidentId::Parse(text, today).ok() || IsOldResidentId(absl::StripAsciiWhitespace(text));
}

bool IsMobileNumber(absl::string_view text) {
  const absl::StatusOr<identifiers::PhoneNumber> number = identifiers::PhoneNumber::Parse(text);
  return number.ok() && number->can_receive_sms();
}

// Whether an identity or mobile number stands in it, alone or with others.
bool HoldsSomebodysNumber(absl::string_view text, absl::CivilDay today) {
  const auto is_somebodys = [today](const std::string& digits) {
    return IsResidentId(digits, today) || IsMobileNumber(digits);
  };
  const std::vector<Number> numbers = NumbersIn(text);
  return std::any_of(numbers.begin(), numbers.end(), [&is_somebodys](const Number& number) {
    return is_somebodys(number.whole()) || std::any_of(number.parts.begin(), number.parts.end(), is_somebodys);
  });
}

// "2014", "2014-06", "2014-06-12", and the same with 年, 月 and 日.
bool IsDateThatHasBeen(absl::string_view text, absl::CivilDay today) {
  const std::string plain =
      absl::StrReplaceAll(Plain(text), {{"年", "-"}, {"月", "-"}, {"日", ""}, {"/", "-"}, {".", "-"}});
  absl::string_view form = absl::StripAsciiWhitespace(plain);
  while (absl::EndsWith(form, "-")) form.remove_suffix(1);
  const std::vector<absl::string_view> parts = absl::StrSplit(form, '-');
  int number[3] = {0, 1, 1};
  if (parts.size() > 3) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() > 4 || !absl::SimpleAtoi(parts[i], &number[i])) return false;
  }
  const absl::CivilDay day(number[0], number[1], number[2]);
  const bool is_one = day.year() == number[0] && day.month() == number[1] && day.day() == number[2];
  return is_one && number[0] >= 1900 && day <= today;
}

}  // namespace

bool IsOfItsKind(const DisclosedField& field, absl::CivilDay today) {
  const std::string value = Plain(absl::StripAsciiWhitespace(field.value));
  if (value.empty()) return false;
  switch (field.kind) {
    case DataKind::kSubjectName:
    case DataKind::kApplicantName:
      return CharsOf(value) <= 50 && LongNumbersIn(value).empty();
    case DataKind::kRelationship:
      return CharsOf(value) <= 20 && LongNumbersIn(value).empty();
    case DataKind::kSubjectResidentId:
      return IsResidentId(value, today);
    case DataKind::kEventDate:
      return IsDateThatHasBeen(value, today);
    case DataKind::kDocumentNumber:
      return CharsOf(value) <= 60 && std::any_of(value.begin(), value.end(), IsDigit) && !IsMobileNumber(value) &&
             !HoldsSomebodysNumber(value, today);
    case DataKind::kApplicantPhone:
      return identifiers::PhoneNumber::Parse(value).ok();
  }
  return false;
}

bool HoldsLongNumber(absl::string_view text, const std::vector<DisclosedField>& disclosed) {
  std::vector<std::string> known;
  for (const DisclosedField& field : disclosed) {
    for (std::string& number : LongNumbersIn(field.value)) known.push_back(std::move(number));
  }
  const std::vector<std::string> found = LongNumbersIn(text);
  return std::any_of(found.begin(), found.end(),
                     [&known](const std::string& number) { return !IsMadeOf(number, known); });
}

bool HoldsName(absl::string_view text, const std::vector<DisclosedField>& disclosed,
               const std::vector<std::string>& names) {
  const std::string joined = Joined(text);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const std::string wanted = Joined(name);
    const bool is_disclosed = std::any_of(disclosed.begin(), disclosed.end(), [&wanted](const DisclosedField& field) {
      return absl::StrContains(Joined(field.value), wanted);
    });
    return CharsOf(wanted) >= 2 && !is_disclosed && absl::StrContains(joined, wanted);
  });
}

}  // namespace xxt::referral
