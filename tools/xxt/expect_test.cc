#include "tools/xxt/expect.h"

#include <gtest/gtest.h>

#include "common/status/errors.h"

namespace xxt::cli {
namespace {

bool Matches(const char* expected, const char* actual) {
  return Mismatches(*ParseYaml(expected), *ParseYaml(actual)).empty();
}

TEST(Mismatches, LetsWhatIsNotMentionedBe) {
  EXPECT_TRUE(Matches("{a: 1}", "{a: 1, b: 2}"));
  EXPECT_FALSE(Matches("{a: 1, c: 3}", "{a: 1, b: 2}"));
}

TEST(Mismatches, NamesThePathAndBothSides) {
  const auto lines =
      Mismatches(*ParseYaml("{case: {state: STATE_CLOSED}}"), *ParseYaml("{case: {state: STATE_IN_PROGRESS}}"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "case.state: expected \"STATE_CLOSED\", got \"STATE_IN_PROGRESS\"");
}

TEST(Mismatches, StarIsAnythingSet) {
  EXPECT_TRUE(Matches("{a: '*'}", "{a: x}"));
  EXPECT_FALSE(Matches("{a: '*'}", "{}"));
  EXPECT_FALSE(Matches("{a: '*'}", "{a: ''}"));
}

TEST(Mismatches, UnsetIsAbsentOrEmpty) {
  EXPECT_TRUE(Matches("{a: '!unset'}", "{}"));
  EXPECT_TRUE(Matches("{a: '!unset'}", "{a: []}"));
  EXPECT_FALSE(Matches("{a: '!unset'}", "{a: x}"));
}

TEST(Mismatches, DefaultsMatchWhatProtoLeavesOut) {
  EXPECT_TRUE(Matches("{a: 0, b: false, c: '', d: [], e: STATE_UNSPECIFIED}", "{}"));
  EXPECT_FALSE(Matches("{a: 0}", "{a: 1}"));
}

TEST(Mismatches, TildeIsAnExpression) {
  EXPECT_TRUE(Matches("{a: '~编号 [0-9]+'}", "{a: 您的编号 12}"));
  EXPECT_FALSE(Matches("{a: '~^12'}", "{a: 您的编号 12}"));
  EXPECT_FALSE(Matches("{a: '~('}", "{a: x}"));
}

TEST(Mismatches, NumbersOfProtoJsonMayBeText) { EXPECT_TRUE(Matches("{a: 12}", "{a: '12'}")); }

TEST(Mismatches, ListsMatchInOrderWithOthersBetween) {
  EXPECT_TRUE(Matches("[{a: 1}, {a: 3}]", "[{a: 1}, {a: 2}, {a: 3}]"));
  EXPECT_FALSE(Matches("[{a: 3}, {a: 1}]", "[{a: 1}, {a: 2}, {a: 3}]"));
}

TEST(Mismatches, OperatorsLookAtSizeAndItems) {
  EXPECT_TRUE(Matches("{a: {$size: 2}}", "{a: [1, 2]}"));
  EXPECT_TRUE(Matches("{a: {$size: '>=1'}}", "{a: [1, 2]}"));
  EXPECT_FALSE(Matches("{a: {$size: 3}}", "{a: [1, 2]}"));
  EXPECT_TRUE(Matches("{a: {$any: {b: 2}}}", "{a: [{b: 1}, {b: 2}]}"));
  EXPECT_FALSE(Matches("{a: {$any: {b: 3}}}", "{a: [{b: 1}]}"));
  EXPECT_TRUE(Matches("{a: {$none: {b: 3}}}", "{}"));
  EXPECT_FALSE(Matches("{a: {$none: {b: 1}}}", "{a: [{b: 1}]}"));
}

TEST(Mismatches, AnUnknownOperatorNeverMatches) { EXPECT_FALSE(Matches("{a: {$some: 1}}", "{a: [1]}")); }

TEST(ErrorMismatches, ComparesCodeReasonAndFieldsInAnyOrder) {
  const absl::Status status = errors::FieldsInvalid({{"a.b", "甲", "x"}, {"c", "乙", "y"}});
  EXPECT_TRUE(
      ErrorMismatches(*ParseYaml("{code: INVALID_ARGUMENT, reason: FIELD_INVALID, fields: [c, a.b]}"), status).empty());
  EXPECT_FALSE(ErrorMismatches(*ParseYaml("{fields: [d]}"), status).empty());
  EXPECT_FALSE(ErrorMismatches(*ParseYaml("{code: NOT_FOUND}"), status).empty());
}

}  // namespace
}  // namespace xxt::cli
