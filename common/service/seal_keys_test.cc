#include "common/service/seal_keys.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::service {
namespace {

using ::testing::HasSubstr;

// The first of `ids` wraps.
seal::Keyring KeysOf(std::initializer_list<int> ids) {
  std::string text;
  for (const int id : ids) {
    absl::StrAppend(&text, id, " ", absl::Base64Escape(std::string(32, static_cast<char>(id))), "\n");
  }
  return *seal::Keyring::Parse("test", absl::StrCat(text, "search ", absl::Base64Escape(std::string(32, 's'))));
}

class SealKeysTest : public ::testing::Test {
 protected:
  absl::Status Check(const seal::Keyring& keys) {
    return CheckSealKeys(db_.pool(), SteadyTime::Now() + absl::Seconds(10), keys);
  }
  test::Database db_{"intake"};
};

TEST_F(SealKeysTest, OfAnotherDatabaseAreRefusedByTheIdsThatTheyLack) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  const absl::Status refused = Check(KeysOf({2}));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.ToString(), HasSubstr("keys 1,"));
}

TEST_F(SealKeysTest, AreExchangedByKnowingTheNewOneBeforeItWraps) {
  EXPECT_TRUE(Check(KeysOf({1, 2})).ok());
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok());
  EXPECT_TRUE(Check(KeysOf({1, 2})).ok()) << "a replica that still wraps with the old one";
  EXPECT_FALSE(Check(KeysOf({1})).ok()) << "one that has never heard of the new one";
}

}  // namespace
}  // namespace xxt::service
