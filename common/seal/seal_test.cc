#include "common/seal/seal.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::seal {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

constexpr char kCase[] = "cases/0191f8a0-0000-7000-8000-000000000001";
constexpr char kOther[] = "cases/0191f8a0-0000-7000-8000-000000000002";
constexpr char kWords[] = "林玉霞，电话 138 0013 8000";

std::string KeyText(char fill) { return absl::Base64Escape(std::string(32, fill)); }

Keyring KeysOf(absl::string_view lines) {
  absl::StatusOr<Keyring> keys = Keyring::Parse("keys", absl::StrCat(lines, "search ", KeyText('s'), "\n"));
  EXPECT_TRUE(keys.ok()) << keys.status();
  return *std::move(keys);
}

class SealTest : public testing::Test {
 protected:
  const Keyring keys_ = KeysOf(absl::StrCat("7 ", KeyText('a'), "\n"));
  const Keyring::Made made_ = keys_.Make(kCase);
};

TEST_F(SealTest, WhatIsSealedOpensAgainForTheSameRowAndShowsNothing) {
  const std::string sealed = made_.key.Seal(kCase, kWords);
  EXPECT_THAT(sealed, Not(HasSubstr("138")));
  EXPECT_THAT(made_.key.Open(kCase, sealed), Optional(Eq(kWords)));
  EXPECT_NE(made_.key.Seal(kCase, kWords), sealed);
}

TEST_F(SealTest, ABlobThatWasMovedToAnotherRowDoesNotOpen) {
  EXPECT_EQ(made_.key.Open(kOther, made_.key.Seal(kCase, kWords)), std::nullopt);
}

TEST_F(SealTest, ABlobOfAnotherKeyDoesNotOpen) {
  EXPECT_EQ(keys_.Make(kCase).key.Open(kCase, made_.key.Seal(kCase, kWords)), std::nullopt);
}

TEST_F(SealTest, ABlobOfWhichAnyByteDiffersOrIsMissingDoesNotOpen) {
  const std::string sealed = made_.key.Seal(kCase, kWords);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string other = sealed;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_EQ(made_.key.Open(kCase, other), std::nullopt) << i;
    EXPECT_EQ(made_.key.Open(kCase, sealed.substr(0, i)), std::nullopt) << i;
  }
}

TEST_F(SealTest, NothingCanBeSealed) {
  EXPECT_THAT(made_.key.Open(kCase, made_.key.Seal(kCase, "")), Optional(Eq("")));
}

TEST_F(SealTest, AWrappedKeyUnwrapsForItsRoot) {
  const std::optional<DataKey> key = keys_.Unwrap(kCase, made_.wrapped);
  ASSERT_TRUE(key.has_value());
  EXPECT_THAT(key->Open(kCase, made_.key.Seal(kCase, kWords)), Optional(Eq(kWords)));
}

TEST_F(SealTest, AWrappedKeyThatWasMovedToAnotherRootDoesNotUnwrap) {
  EXPECT_FALSE(keys_.Unwrap(kOther, made_.wrapped).has_value());
}

TEST_F(SealTest, AWrappedKeyOfWhichAnyByteDiffersOrIsMissingDoesNotUnwrap) {
  const Keyring more = KeysOf(absl::StrCat("7 ", KeyText('a'), "\n6 ", KeyText('a'), "\n"));
  for (std::size_t i = 0; i < made_.wrapped.size(); ++i) {
    std::string other = made_.wrapped;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(more.Unwrap(kCase, other).has_value()) << i;
    EXPECT_FALSE(more.Unwrap(kCase, made_.wrapped.substr(0, i)).has_value()) << i;
  }
}

TEST_F(SealTest, KeysWrappedBeforeANewKeyCameUnwrapAfterIt) {
  const Keyring after = KeysOf(absl::StrCat("8 ", KeyText('b'), "\n7 ", KeyText('a'), "\n"));
  EXPECT_TRUE(after.Unwrap(kCase, made_.wrapped).has_value());
  EXPECT_EQ(after.active(), 8U);
  EXPECT_THAT(Keyring::IdOf(after.Make(kCase).wrapped), Optional(8U));
  // The first is taken away too early.
  EXPECT_FALSE(KeysOf(absl::StrCat("8 ", KeyText('b'), "\n")).Unwrap(kCase, made_.wrapped).has_value());
}

TEST_F(SealTest, AKeyThatIsWrappedAnewOpensWhatItSealedWithTheNewKeyAlone) {
  const std::string sealed = made_.key.Seal(kCase, kWords);
  const Keyring both = KeysOf(absl::StrCat("8 ", KeyText('b'), "\n7 ", KeyText('a'), "\n"));
  const std::optional<std::string> anew = both.Rewrap(kCase, made_.wrapped);
  ASSERT_TRUE(anew.has_value());
  EXPECT_THAT(Keyring::IdOf(*anew), Optional(8U));
  const std::optional<DataKey> key = KeysOf(absl::StrCat("8 ", KeyText('b'), "\n")).Unwrap(kCase, *anew);
  ASSERT_TRUE(key.has_value());
  EXPECT_THAT(key->Open(kCase, sealed), Optional(Eq(kWords)));
}

TEST_F(SealTest, AKeyThatDoesNotUnwrapIsNotWrappedAnew) {
  EXPECT_EQ(keys_.Rewrap(kOther, made_.wrapped), std::nullopt);
  EXPECT_EQ(KeysOf(absl::StrCat("8 ", KeyText('b'), "\n")).Rewrap(kCase, made_.wrapped), std::nullopt);
  EXPECT_EQ(keys_.Rewrap(kCase, ""), std::nullopt);
}

TEST_F(SealTest, AMarkTellsAKeyFromAnotherOfItsNumber) {
  EXPECT_EQ(keys_.MarkOf(7), KeysOf(absl::StrCat("8 ", KeyText('b'), "\n7 ", KeyText('a'), "\n")).MarkOf(7));
  EXPECT_NE(keys_.MarkOf(7), KeysOf(absl::StrCat("7 ", KeyText('b'), "\n")).MarkOf(7));
  EXPECT_EQ(keys_.MarkOf(7).size(), 8U);
}

TEST_F(SealTest, AnIdIsReadFromWhatItWrappedAlsoWhereItIsUnknown) {
  const Keyring other = KeysOf(absl::StrCat("4000000000 ", KeyText('b'), "\n"));
  const std::string wrapped = other.Make(kCase).wrapped;
  EXPECT_THAT(Keyring::IdOf(wrapped), Optional(4'000'000'000U));
  EXPECT_FALSE(keys_.Knows(4'000'000'000U));
  EXPECT_EQ(Keyring::IdOf(""), std::nullopt);
}

TEST_F(SealTest, AValueIsFoundByItsHashOfTheSameFieldOnly) {
  EXPECT_EQ(keys_.SearchHash("a.Party.phone", "+8613800138000"), keys_.SearchHash("a.Party.phone", "+8613800138000"));
  EXPECT_NE(keys_.SearchHash("a.Party.phone", "+8613800138000"), keys_.SearchHash("a.Party.phone", "+8613800138001"));
  EXPECT_NE(keys_.SearchHash("a.Party.phone", "+8613800138000"), keys_.SearchHash("a.Body.phone", "+8613800138000"));
  EXPECT_EQ(keys_.SearchHash("a", "b").size(), 16U);
}

TEST_F(SealTest, WhatHasNoRootIsSealedForOnePurposeWithWhatOnlyTheFileHas) {
  const std::string sealed = keys_.KeyFor("answers").Seal(kCase, kWords);
  EXPECT_THAT(keys_.KeyFor("answers").Open(kCase, sealed), Optional(Eq(kWords)));
  EXPECT_EQ(keys_.KeyFor("letters").Open(kCase, sealed), std::nullopt);
  const Keyring exchanged = KeysOf(absl::StrCat("8 ", KeyText('b'), "\n"));
  EXPECT_THAT(exchanged.KeyFor("answers").Open(kCase, sealed), Optional(Eq(kWords))) << "it is the search key's";
  const absl::StatusOr<Keyring> other =
      Keyring::Parse("keys", absl::StrCat("7 ", KeyText('a'), "\nsearch ", KeyText('t'), "\n"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->KeyFor("answers").Open(kCase, sealed), std::nullopt);
}

// Stored for good: what this version wrote opens in every later one.
TEST(SealedBytes, StayReadable) {
  const Keyring keys = KeysOf(absl::StrCat("7 ", KeyText('a'), "\n"));
  const std::optional<DataKey> key = keys.Unwrap(
      kCase, absl::HexStringToBytes("01000000077da38c5f8b98cae0eb8de6ca07036112f6f73dd906a78f41420c8dee02fa7f00c1315887"
                                    "16380f2774c6c53c0586b1b395ded073ca6c3bc877b3afb3c02245f2cbf8dc562034a245"));
  ASSERT_TRUE(key.has_value());
  EXPECT_THAT(
      key->Open(kCase,
                absl::HexStringToBytes(
                    "010c85730651b20c235bfb8a983aa64d5a7fce1a318d319f886dad3b70c1eb559444f5c028e1d43364ce9d941aa8")),
      Optional(Eq("words")));
  EXPECT_EQ(absl::BytesToHexString(keys.SearchHash("a.Party.phone", "+8613800138000")),
            "8608e15293bd3135ef6ee5cd170f7b06");
}

}  // namespace
}  // namespace xxt::seal
