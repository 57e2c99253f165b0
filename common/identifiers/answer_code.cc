#include "common/identifiers/answer_code.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/identifiers/check_character.h"
#include "common/identifiers/random_bytes.h"

namespace xxt::identifiers {
namespace {

constexpr absl::string_view kPrefix = "XXT";
constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kAlphabetSize = 32;
constexpr std::size_t kCodeLength = 9;  // eight characters and the check character

// A stretch of UTF-8 and the ASCII character it stands for.
struct Folded {
  char to;
  std::size_t length;
};

// Folds the character at the head of `text` to upper-case ASCII. Full-width forms
// (U+FF01..U+FF5E) and the ideographic space fold to theirs, dashes (U+2010..U+2015,
// U+2212) to '-', everything else outside ASCII to '\0', byte by byte.
Folded FoldHead(absl::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {absl::ascii_toupper(byte(0)), 1};
  if (text.size() < 3) return {'\0', 1};
  if (byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD)) {
    const unsigned code_point = 0xF000U | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    if (code_point >= 0xFF01 && code_point <= 0xFF5E) {
      return {absl::ascii_toupper(static_cast<unsigned char>(code_point - 0xFEE0)), 3};
    }
  }
  if (byte(0) == 0xE3 && byte(1) == 0x80 && byte(2) == 0x80) return {' ', 3};
  if (byte(0) == 0xE2 && byte(1) == 0x80 && byte(2) >= 0x90 && byte(2) <= 0x95) return {'-', 3};
  if (byte(0) == 0xE2 && byte(1) == 0x88 && byte(2) == 0x92) return {'-', 3};
  return {'\0', 1};
}

std::string Fold(absl::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    const Folded head = FoldHead(text);
    folded.push_back(head.to);
    text.remove_prefix(head.length);
  }
  return folded;
}

// Value of a code character; Crockford's look-alikes are forgiven.
std::optional<int> ValueOf(char c) {
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t index = kAlphabet.find(c);
  if (index == absl::string_view::npos) return std::nullopt;
  return static_cast<int>(index);
}

bool IsWordCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

std::string Spell(const std::vector<int>& values) {
  std::string text = absl::StrCat(kPrefix, "-");
  for (const int value : values) text.push_back(kAlphabet[static_cast<std::size_t>(value)]);
  return text;
}

// Reads nine code characters at the head of `rest`, ended by something else.
std::optional<std::vector<int>> ReadCode(absl::string_view rest) {
  if (rest.size() < kCodeLength) return std::nullopt;
  if (rest.size() > kCodeLength && IsWordCharacter(rest[kCodeLength])) return std::nullopt;
  std::vector<int> values;
  for (const char c : rest.substr(0, kCodeLength)) {
    const std::optional<int> value = ValueOf(c);
    if (!value.has_value()) return std::nullopt;
    values.push_back(*value);
  }
  const auto body = absl::MakeConstSpan(values).first(kCodeLength - 1);
  if (HybridCheckValue(body, kAlphabetSize) != values.back()) return std::nullopt;
  return values;
}

}  // namespace

AnswerCode AnswerCode::New() {
  std::array<std::uint8_t, 5> bytes;
  FillWithRandomBytes(absl::MakeSpan(bytes));
  return FromBytes(bytes);
}

AnswerCode AnswerCode::FromBytes(const std::array<std::uint8_t, 5>& bytes) {
  std::uint64_t bits = 0;
  for (const std::uint8_t byte : bytes) bits = (bits << 8U) | byte;
  std::vector<int> values;
  for (int shift = 35; shift >= 0; shift -= 5) values.push_back(static_cast<int>((bits >> shift) & 31U));
  values.push_back(HybridCheckValue(values, kAlphabetSize));
  return AnswerCode(Spell(values));
}

std::optional<AnswerCode> FindAnswerCode(absl::string_view text) {
  const std::string folded = Fold(text);
  const absl::string_view view = folded;
  for (std::size_t at = view.find(kPrefix); at != absl::string_view::npos; at = view.find(kPrefix, at + 1)) {
    if (at > 0 && IsWordCharacter(view[at - 1])) continue;
    absl::string_view rest = view.substr(at + kPrefix.size());
    const std::size_t code_at = std::min(rest.find_first_not_of(" \t\r\n-_"), rest.size());
    if (code_at == 0) continue;
    const std::optional<std::vector<int>> values = ReadCode(rest.substr(code_at));
    if (values.has_value()) return AnswerCode(Spell(*values));
  }
  return std::nullopt;
}

}  // namespace xxt::identifiers
