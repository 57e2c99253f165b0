#include "common/identifiers/answer_code.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/identifiers/check_character.h"
#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

AnswerCode Fixed() { return AnswerCode::FromBytes({0xDE, 0xAD, 0xBE, 0xEF, 0x42}); }

// Writes ASCII in full-width forms.
std::string FullWidth(absl::string_view text) {
  std::string wide;
  for (const char c : text) {
    const unsigned code_point = static_cast<unsigned char>(c) + 0xFEE0U;
    wide.push_back('\xEF');
    wide.push_back(static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU)));
    wide.push_back(static_cast<char>(0x80U | (code_point & 0x3FU)));
  }
  return wide;
}

TEST(HybridCheckValue, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(HybridCheckValue({0, 7, 9, 4}, 10), 5);  // ISO 7064 MOD 11,10: 0794-5
  // ISO 7064 MOD 37,36, as the Global Release Identifier prints it: A12425GABC1234002-M.
  const std::string body = "A12425GABC1234002";
  std::vector<int> values;
  for (const char c : body) values.push_back(c <= '9' ? c - '0' : c - 'A' + 10);
  EXPECT_EQ(HybridCheckValue(values, 36), 'M' - 'A' + 10);
}

TEST(AnswerCode, HasThePrefixAndNineCharactersWithoutLookAlikes) {
  for (int i = 0; i < 200; ++i) {
    const std::string text = AnswerCode::New().text();
    ASSERT_EQ(text.size(), 13U);
    EXPECT_EQ(text.substr(0, 4), "XXT-");
    EXPECT_EQ(text.find_first_of("ILOU", 4), std::string::npos) << text;
    EXPECT_EQ(FindAnswerCode(text)->text(), text);
  }
}

TEST(AnswerCode, DiffersFromTheOneBefore) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(AnswerCode::New().text());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(FindAnswerCode, FindsTheCodeInWhatMailProgramsMakeOfASubject) {
  const std::string code = Fixed().text();
  const std::string tail = code.substr(4);
  const std::string lower = absl::AsciiStrToLower(code);
  for (const std::string& subject :
       {code, absl::StrCat("Re: ", code), absl::StrCat("回复：", code), absl::StrCat("回复:", code, " 火化证明"),
        absl::StrCat("[", code, "] 查档"), absl::StrCat("【", code, "】查档"), absl::StrCat("（", code, "）"),
        absl::StrCat("关于查档", code, "的答复"), absl::StrCat("Fwd: Re: 转发：", lower), absl::StrCat("XXT - ", tail),
        absl::StrCat("XXT ", tail), absl::StrCat("XXT－", tail), absl::StrCat("XXT—", tail), absl::StrCat("XXT–", tail),
        absl::StrCat("XXT\xE3\x80\x80", tail), absl::StrCat("XXT-\r\n ", tail), FullWidth(code),
        absl::StrCat("【", FullWidth(lower), "】"), absl::StrCat("XXT XXT-WRONG0000 ", code)}) {
    const std::optional<AnswerCode> found = FindAnswerCode(subject);
    ASSERT_TRUE(found.has_value()) << subject;
    EXPECT_EQ(*found, Fixed()) << subject;
  }
}

TEST(FindAnswerCode, ForgivesLookAlikes) {
  const AnswerCode zeros = AnswerCode::FromBytes({0, 0, 0, 0, 1});
  const std::string& text = zeros.text();
  ASSERT_EQ(text.substr(4, 8), "00000001");
  EXPECT_EQ(FindAnswerCode(absl::StrCat("XXT-OOooO0Ol", text.substr(12))), zeros);
}

TEST(FindAnswerCode, FindsNothingWhereThereIsNoWholeCode) {
  const std::string code = Fixed().text();
  for (const std::string& subject :
       {std::string(), std::string("Re: 查档"), std::string("XXT"), std::string("XXT-"), std::string("XXT-1234"),
        code.substr(0, 12), code + "7", "A" + code, "XXT" + code.substr(4), std::string("\xEF\xBC"),
        std::string("XXT-\xEF\xBC\x91")}) {
    EXPECT_FALSE(FindAnswerCode(subject).has_value()) << subject;
  }
}

TEST(FindAnswerCode, RefusesEverySingleWrongCharacter) {
  const std::string code = Fixed().text();
  for (std::size_t i = 4; i < code.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
      if (c == code[i]) continue;
      std::string wrong = code;
      wrong[i] = c;
      EXPECT_FALSE(FindAnswerCode(wrong).has_value()) << wrong;
    }
  }
}

}  // namespace
}  // namespace xxt::identifiers
