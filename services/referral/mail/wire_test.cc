#include "services/referral/mail/wire.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EntryIdsIn, FindsOurMessageIdsAmongOthers) {
  const std::string ours = "01940000-0000-7000-8000-000000000001";
  EXPECT_THAT(EntryIdsIn({"abc@mail.example", ours + "@xixinting.example", ours, "@", ""}), ElementsAre(ours));
  EXPECT_THAT(EntryIdsIn({}), IsEmpty());
}

}  // namespace
}  // namespace xxt::referral
