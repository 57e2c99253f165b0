#include "services/referral/mail/imap_answers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The answers in `text`, which comes in pieces of `piece` bytes.
absl::StatusOr<std::vector<ImapAnswer>> Read(absl::string_view text, std::size_t piece = 3) {
  std::string buffer;
  return ReadImapAnswers("X1", &buffer, [&] {
    if (text.empty()) return absl::UnavailableError("the end");
    absl::StrAppend(&buffer, text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    return absl::OkStatus();
  });
}

TEST(ImapAnswers, EndWithTheTaggedLine) {
  EXPECT_THAT(*Read("X1 OK done\r\nX1 NO\r\n"), IsEmpty());
  EXPECT_TRUE(absl::IsFailedPrecondition(Read("* NO\r\nX1 NO\r\n").status()));
  EXPECT_TRUE(absl::IsUnavailable(Read("* OK\r\n").status()));
}

TEST(ImapAnswers, HoldLiteralsOfAnyBytes) {
  const auto answers = Read("* 1 FETCH (UID 7 BODY[]<0> {9}\r\nX1 OK\r\n{3 FLAGS {2}\r\n\r\n)\r\nX1 ok\r\n");
  ASSERT_TRUE(answers.ok());
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_THAT((*answers)[0].literals, ElementsAre("X1 OK\r\n{3", "\r\n"));
}

TEST(ImapAnswers, WithoutEndAreLeftOff) {
  std::string endless;
  while (endless.size() < kMostImapBytes) endless += "* 1 FETCH (FLAGS (\\Seen))\r\n";
  EXPECT_TRUE(absl::IsUnavailable(Read(endless + "X1 OK\r\n", 16384).status()));
  EXPECT_TRUE(absl::IsUnavailable(Read("* 1 FETCH {4194305}\r\n").status()));
}

TEST(ImapAnswers, TellOfTheMailbox) {
  const auto mailbox = MailboxIn({{"* 17 EXISTS", {}}, {"* OK [UIDVALIDITY 3857529045] UIDs valid", {}}});
  ASSERT_TRUE(mailbox.ok());
  EXPECT_EQ(mailbox->mails, 17);
  EXPECT_EQ(mailbox->uid_validity, 3857529045);
  EXPECT_FALSE(MailboxIn({{"* 17 EXISTS", {}}}).ok());
  EXPECT_FALSE(MailboxIn({{"* -17 EXISTS", {}}, {"* OK [UIDVALIDITY 1]", {}}}).ok());
}

// Such a uid was stored as the last one; the next look then asked for what is above it.
TEST(ImapAnswers, HaveNoUidThatNoMailCanHave) {
  EXPECT_THAT(UidsIn({{"* SEARCH 4294967295 9223372036854775807 4294967296 0 -3 2", {}}, {"* 9 EXISTS", {}}}),
              ElementsAre(4294967295, 2));
}

TEST(ImapAnswers, GiveThePartOfTheMailAskedFor) {
  const std::vector<ImapAnswer> answers = {
      {"* 3 FETCH (UID 8 FLAGS (\\Seen))", {}},
      {"* 2 FETCH (UID 7 BODY[] NIL)", {}},
      {"* 2 FETCH (UID 7 INTERNALDATE \"26-Nov-2026 04:30:00 +0000\" BODY[]<0> {3})", {"abc"}},
      {"* 4 FETCH (UID 9 BODY[] \"a\\\"b\")", {}}};
  ASSERT_TRUE(PartIn(answers, 7).has_value());
  EXPECT_EQ(PartIn(answers, 7)->bytes, "abc");
  EXPECT_EQ(PartIn(answers, 7)->arrive_time, absl::FromUnixSeconds(1795667400));
  EXPECT_EQ(PartIn(answers, 9)->bytes, "a\"b");
  EXPECT_EQ(PartIn(answers, 9)->arrive_time, absl::InfiniteFuture());
  EXPECT_FALSE(PartIn(answers, 8).has_value());
}

}  // namespace
}  // namespace xxt::referral
