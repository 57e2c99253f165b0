#include "services/referral/domain/disclosure.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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

// Full-width digits, dashes and spaces as people type them, in ASCII.
std::string Plain(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"０", "0"},
                                    {"１", "1"},
                                    {"２", "2"},
                                    {"３", "3"},
                                    {"４", "4"},
                                    {"５", "5"},
                                    {"６", "6"},
                                    {"７", "7"},
                                    {"８", "8"},
                                    {"９", "9"},
                                    {"－", "-"},
                                    {"—", "-"},
                                    {"–", "-"},
                                    {"　", " "}});
}

// What is left of `text` without the disclosed data; nothing joins over a gap.
std::string Undisclosed(absl::string_view text, const std::vector<DisclosedField>& disclosed) {
  std::string rest = Plain(text);
  for (const DisclosedField& field : disclosed) {
    const std::string value = Plain(field.value);
    if (!value.empty()) rest = absl::StrReplaceAll(rest, {{value, "·"}});
  }
  return rest;
}

// "2014-06-12" at the front of `text`, which ends there or goes on with no digit.
bool BeginsWithDate(absl::string_view text) {
  constexpr absl::string_view kForm = "dddd-dd-dd";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd' ? !IsDigit(text[i]) : text[i] != kForm[i]) return false;
  }
  absl::CivilDay day;
  const bool ends = text.size() == kForm.size() || (!IsDigit(text[kForm.size()]) && text[kForm.size()] != '-');
  return ends && absl::ParseCivilTime(text.substr(0, kForm.size()), &day);
}

bool HasLongNumber(absl::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (digits == 0 && BeginsWithDate(text.substr(i))) {
      i += 9;
      continue;
    }
    if (IsDigit(text[i])) {
      if (++digits >= kLongNumber) return true;
    } else if (text[i] != ' ' && text[i] != '-') {
      digits = 0;
    }
  }
  return false;
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
      return CharsOf(value) <= 50 && !HasLongNumber(value);
    case DataKind::kRelationship:
      return CharsOf(value) <= 20 && !HasLongNumber(value);
    case DataKind::kSubjectResidentId:
      return IsResidentId(value, today);
    case DataKind::kEventDate:
      return IsDateThatHasBeen(value, today);
    case DataKind::kDocumentNumber:
      return CharsOf(value) <= 60 && std::any_of(value.begin(), value.end(), IsDigit) && !IsResidentId(value, today) &&
             !IsMobileNumber(value);
    case DataKind::kApplicantPhone:
      return identifiers::PhoneNumber::Parse(value).ok();
  }
  return false;
}

bool HoldsLongNumber(absl::string_view text, const std::vector<DisclosedField>& disclosed) {
  return HasLongNumber(Undisclosed(text, disclosed));
}

bool HoldsName(absl::string_view text, const std::vector<DisclosedField>& disclosed,
               const std::vector<std::string>& names) {
  const std::string rest = Undisclosed(text, disclosed);
  return std::any_of(names.begin(), names.end(),
                     [&rest](const std::string& name) { return CharsOf(name) >= 2 && absl::StrContains(rest, name); });
}

}  // namespace xxt::referral
