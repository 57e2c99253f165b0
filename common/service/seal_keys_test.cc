#include "common/service/seal_keys.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/scratch_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::service {
namespace {

using test::KeysOf;
using ::testing::HasSubstr;

class SealKeysTest : public ::testing::Test {
 protected:
  absl::Status Check(const seal::Keyring& keys) {
    return CheckSealKeys(db_.pool(), SteadyTime::Now() + absl::Seconds(10), keys);
  }
  // Why it is refused.
  std::string Refused(const seal::Keyring& keys) {
    const absl::Status refused = Check(keys);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(refused.message());
  }
  std::string UsedJustNow(int id) {
    return db_.Sql(
        absl::StrCat("SELECT use_time > now() - interval '1 minute' FROM backbone.seal_key WHERE id = ", id));
  }
  test::Database db_{"intake"};
};

TEST_F(SealKeysTest, OfAnotherDatabaseAreRefusedByTheIdsThatTheyLack) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_THAT(Refused(KeysOf({2})), HasSubstr("keys 1,"));
  EXPECT_TRUE(Check(KeysOf({1})).ok()) << "the wrong file was noted";
}

TEST_F(SealKeysTest, OfAnotherDatabaseAreRefusedThoughTheyAreNumberedAlike) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_THAT(Refused(KeysOf({1}, 7)), HasSubstr("keys 1 of seal.key_file are not those"));
  EXPECT_TRUE(Check(KeysOf({1})).ok());
}

// It would know no request again, and find nothing by a value.
TEST_F(SealKeysTest, OfAnotherDatabaseAreRefusedThoughOnlyTheirSearchKeyIsAnother) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  const absl::StatusOr<seal::Keyring> other =
      seal::Keyring::Parse("of a test", absl::StrCat("1 ", absl::Base64Escape(std::string(32, '\1')), "\nsearch ",
                                                     absl::Base64Escape(std::string(32, 't')), "\n"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_THAT(Refused(*other), HasSubstr("keys search of seal.key_file are not those"));
  EXPECT_FALSE(other->checked());
  EXPECT_TRUE(Check(KeysOf({1})).ok()) << "the wrong one was noted";
}

TEST_F(SealKeysTest, AreExchangedByKnowingTheNewOneBeforeItWraps) {
  EXPECT_TRUE(Check(KeysOf({1, 2})).ok());
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok());
  EXPECT_TRUE(Check(KeysOf({1, 2})).ok()) << "a replica that still wraps with the old one";
  EXPECT_FALSE(Check(KeysOf({1})).ok()) << "one that has never heard of the new one";
}

TEST_F(SealKeysTest, MayLackOneThatWasRetired) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok());
  EXPECT_FALSE(Check(KeysOf({2})).ok());
  db_.Sql("UPDATE backbone.seal_key SET retire_time = now() WHERE id = 1");
  EXPECT_TRUE(Check(KeysOf({2})).ok());
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok()) << "a file from which it was not taken out yet";
}

TEST_F(SealKeysTest, MayNotBeginWithOneThatWasRetiredNorUseItsNumberAgain) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  db_.Sql("UPDATE backbone.seal_key SET retire_time = now(), use_time = now() - interval '1 hour' WHERE id = 1");
  EXPECT_THAT(Refused(KeysOf({1, 2})), HasSubstr("key 1, the first of seal.key_file, was retired"));
  EXPECT_THAT(Refused(KeysOf({2, 1}, 7)), HasSubstr("keys 1 of seal.key_file are not those"));
  EXPECT_EQ(UsedJustNow(1), "f");
}

// By which is told that no replica wraps with it any more.
TEST_F(SealKeysTest, AreNotedAnewAsLongAsTheyWrap) {
  EXPECT_TRUE(Check(KeysOf({1})).ok());
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok());
  db_.Sql("UPDATE backbone.seal_key SET use_time = now() - interval '2 minutes'");
  EXPECT_TRUE(Check(KeysOf({2, 1})).ok());
  EXPECT_EQ(UsedJustNow(1), "f");
  EXPECT_EQ(UsedJustNow(2), "t");
}

TEST_F(SealKeysTest, AreCheckedByWhatIsFoundAndStayWhatTheyAreWhereNothingCanBe) {
  const char* const exchange_or_mend = "UPDATE backbone.seal_key SET mark = set_byte(mark, 0, get_byte(mark, 0) # 1)";
  const seal::Keyring keys = KeysOf({1});
  const seal::Keyring copy = keys;
  keys.SetChecked(false);
  EXPECT_TRUE(Check(keys).ok());
  EXPECT_TRUE(copy.checked());
  db_.Sql("REVOKE SELECT ON backbone.seal_key FROM xxt_runtime");
  EXPECT_FALSE(Check(keys).ok());
  EXPECT_TRUE(copy.checked());
  db_.Sql("GRANT SELECT ON backbone.seal_key TO xxt_runtime");
  db_.Sql(exchange_or_mend);
  EXPECT_FALSE(Check(keys).ok());
  EXPECT_FALSE(copy.checked());
  db_.Sql("REVOKE SELECT ON backbone.seal_key FROM xxt_runtime");
  EXPECT_FALSE(Check(keys).ok());
  EXPECT_FALSE(copy.checked());
  db_.Sql("GRANT SELECT ON backbone.seal_key TO xxt_runtime");
  db_.Sql(exchange_or_mend);
  EXPECT_TRUE(Check(keys).ok());
  EXPECT_TRUE(copy.checked());
}

TEST_F(SealKeysTest, AreExchangedWhileTheyAreInUse) {
  const seal::Keyring keys = KeysOf({1});
  const seal::Keyring copy = keys;
  ASSERT_TRUE(Check(keys).ok());
  const seal::Keyring::Made old = keys.Make("cases/1");
  for (const seal::Keyring& next : {KeysOf({1, 2}), KeysOf({2, 1})}) {
    EXPECT_TRUE(TakeSealKeys(db_.pool(), next, keys).ok());
    EXPECT_TRUE(copy.SameAs(next));
    EXPECT_TRUE(copy.Unwrap("cases/1", old.wrapped).has_value());
  }
  EXPECT_EQ(UsedJustNow(2), "t");
  EXPECT_EQ(seal::Keyring::IdOf(copy.Make("cases/2").wrapped), 2U);
  EXPECT_TRUE(Check(keys).ok());
}

TEST_F(SealKeysTest, AreNotExchangedForThoseThatCannotReadWhatIsThere) {
  const seal::Keyring keys = KeysOf({1});
  ASSERT_TRUE(Check(keys).ok());
  const absl::StatusOr<seal::Keyring> other_search =
      seal::Keyring::Parse("of a test", absl::StrCat("1 ", absl::Base64Escape(std::string(32, '\1')), "\nsearch ",
                                                     absl::Base64Escape(std::string(32, 't')), "\n"));
  for (const seal::Keyring& wrong : {KeysOf({2}), KeysOf({1}, 7), *other_search}) {
    EXPECT_EQ(TakeSealKeys(db_.pool(), wrong, keys).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(keys.SameAs(KeysOf({1})));
  }
  pg::Pool nowhere({.dsn = "host=127.0.0.1 port=1 dbname=none", .password = {}, .connections = 1});
  EXPECT_FALSE(TakeSealKeys(nowhere, KeysOf({1, 2}), keys).ok());
  EXPECT_TRUE(TakeSealKeys(nowhere, KeysOf({1}), keys).ok()) << "there is nothing to be asked";
  EXPECT_TRUE(keys.SameAs(KeysOf({1})));
  EXPECT_TRUE(keys.checked());
}

TEST_F(SealKeysTest, OfAServiceThatBeginsAreCheckedAtOnceIfTheDatabaseAnswersAndKnowsThem) {
  const test::ScratchDir dir;
  const std::string file = test::WriteKeyFile(dir);
  pg::Pool nowhere({.dsn = "host=127.0.0.1 port=1 dbname=none", .password = {}, .connections = 1});
  EXPECT_FALSE(LoadSealKeys(file, nowhere)->checked());
  EXPECT_TRUE(LoadSealKeys(file, db_.pool())->checked());
  EXPECT_EQ(UsedJustNow(1), "t");
  db_.Sql("UPDATE backbone.seal_key SET mark = set_byte(mark, 0, get_byte(mark, 0) # 1)");
  EXPECT_FALSE(LoadSealKeys(file, db_.pool())->checked());
  EXPECT_EQ(LoadSealKeys(dir.File("none"), db_.pool()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace xxt::service
