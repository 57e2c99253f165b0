#include "common/identifiers/phone_number.h"

#include <array>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PhoneNumber Phone(absl::string_view text) {
  absl::StatusOr<PhoneNumber> parsed = PhoneNumber::Parse(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status();
  return parsed.value();
}

TEST(PhoneNumber, BecomesE164HoweverItIsWritten) {
  for (const char* text : {"13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "008613800138000",
                           "１３８００１３８０００"}) {
    EXPECT_EQ(Phone(text).value(), "+8613800138000") << text;
  }
  EXPECT_EQ(Phone("(010) 6000-1234").value(), "+861060001234");
  EXPECT_EQ(Phone("+852 2123 4567").value(), "+85221234567");
}

TEST(PhoneNumber, SplitsOffTheExtension) {
  for (const char* text :
       {"010-6000 1234 转 8", "010-60001234转8", "010-60001234 转分机 8", "010-60001234分机8", "01060001234 ext. 8",
        "01060001234 EXT 8", "010-60001234轉８", "010-60001234 转-8", "+86 10 6000 1234 x8", "010-60001234 #8"}) {
    const PhoneNumber phone = Phone(text);
    EXPECT_EQ(phone.value(), "+861060001234") << text;
    EXPECT_EQ(phone.extension(), "8") << text;
  }
  EXPECT_EQ(Phone("010-60001234").extension(), "");
}

TEST(PhoneNumber, RefusesAnExtensionThatIsNone) {
  for (const char* text : {"010-60001234 转", "010-60001234 转 abc", "010-60001234 转 123456789", "010-60001234转8转9",
                           "010-60001234 转 +8"}) {
    EXPECT_EQ(PhoneNumber::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(PhoneNumber, KnowsThePublicShortNumbers) {
  for (const char* text : {"114", "12345", "12333"}) {
    const PhoneNumber phone = Phone(text);
    EXPECT_EQ(phone.value(), text);
    EXPECT_TRUE(phone.is_short());
    EXPECT_FALSE(phone.can_receive_sms());
    EXPECT_EQ(phone.Masked(), text);
  }
  EXPECT_EQ(Phone("12345 转 3").extension(), "3");
}

TEST(PhoneNumber, RefusesWhatCannotBeRung) {
  for (const char* text : {"", "abc", "1", "12346", "110", "1234567", "99999999999", "010-1", "138001380001234567"}) {
    EXPECT_EQ(PhoneNumber::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(PhoneNumber::Parse(std::string(1000, '1')).ok());
}

TEST(PhoneNumber, KnowsWhichNumbersTakeTexts) {
  EXPECT_TRUE(Phone("13800138000").can_receive_sms());
  EXPECT_FALSE(Phone("010-60001234").can_receive_sms());
}

TEST(PhoneNumber, HidesTheMiddleWhenMasked) {
  EXPECT_EQ(Phone("13800138000").Masked(), "+86138****8000");
  EXPECT_EQ(Phone("010-60001234 转 8").Masked(), "+86106***1234");
}

// A number as a page of docs/api has it: as people write it, as it is kept (empty: it is refused), its extension.
using Sample = std::array<std::string, 3>;

std::vector<Sample> SamplesOf(const std::string& page) {
  const auto coded = [](const std::string& cell) {
    const std::vector<std::string> parts = absl::StrSplit(cell, '`');
    return parts.size() > 1 ? parts[1] : std::string();
  };
  std::ifstream file(XXT_SOURCE_DIR "/docs/api/" + page);
  std::vector<Sample> samples;
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    const bool is_row = cells.size() == 5;
    if (in_table && is_row && !coded(cells[1]).empty()) {
      samples.push_back({coded(cells[1]), coded(cells[2]), coded(cells[3])});
    }
    in_table = is_row && (in_table || absl::StrContains(cells[2], "E.164"));
  }
  return samples;
}

TEST(PhoneNumber, IsTakenAndRefusedAsThePagesSayInBothLanguages) {
  const std::vector<Sample> samples = SamplesOf("integration.md");
  EXPECT_EQ(SamplesOf("integration.zh-CN.md"), samples);
  std::size_t refused = 0;
  for (const auto& [written, kept, extension] : samples) {
    const absl::StatusOr<PhoneNumber> parsed = PhoneNumber::Parse(written);
    EXPECT_EQ(parsed.ok(), !kept.empty()) << written;
    if (kept.empty()) ++refused;
    if (kept.empty() || !parsed.ok()) continue;
    EXPECT_EQ(parsed->value(), kept) << written;
    EXPECT_EQ(parsed->extension(), extension) << written;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(samples.size(), refused);
}

TEST(PhoneNumber, NeverRepeatsTheNumberInAnError) {
  EXPECT_THAT(std::string(PhoneNumber::Parse("1380013800012345").status().message()), Not(HasSubstr("138")));
}

}  // namespace
}  // namespace xxt::identifiers
