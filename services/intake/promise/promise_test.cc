#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/promise.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PromiseTest : public IntakeTest {
 protected:
  std::string Request(absl::Time due, const char* recipient = "$party") {
    return absl::StrCat(
        "parent: '$case' request_id: '$id' promise: {text: '查到就打电话' channel: CHANNEL_PHONE recipient: '",
        recipient, "' due_time: {seconds: ", absl::ToUnixSeconds(due), "}}");
  }
  // To be kept within an hour.
  v1::Promise Made() { return Must<v1::Promise>("CreatePromise", Request(now() + absl::Hours(1))); }
  static std::string Kept(const v1::Promise& it) { return absl::StrCat("name: '", it.name(), "' request_id: '$id'"); }
};

TEST_F(PromiseTest, IsKeptOnceAndTheMachineForgetsIt) {
  const v1::Promise made = Made();
  EXPECT_THAT(Must<v1::Promise>("KeepPromise", Kept(made)),
              Partially("state: STATE_KEPT author: 'staff/wang' etag: '2' text: '查到就打电话'"));
  Advance(absl::Hours(2));
  EXPECT_THAT(Must<v1::ListPromisesResponse>("ListPromises", "parent: '$case'"),
              Partially("promises: {state: STATE_KEPT text: '查到就打电话'}"));
  EXPECT_EQ(ReasonFor("KeepPromise", Kept(made)), "STATE_FORBIDS");
}

TEST_F(PromiseTest, IsBrokenWhenDueListedWithoutItsWordsAndMadeGoodLate) {
  const v1::Promise made = Made();
  Advance(absl::Hours(1));
  const auto broken = Must<v1::ListPromisesResponse>("ListPromises", "parent: 'cases/-'");
  EXPECT_THAT(broken, Partially("promises: {state: STATE_BROKEN etag: '2'}"));
  EXPECT_EQ(broken.promises(0).text(), "");
  EXPECT_EQ(Must<v1::ListPromisesResponse>("ListPromises", "parent: 'cases/-'", Stranger()).promises_size(), 0);
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("promise.broken")));
  EXPECT_THAT(Must<v1::Promise>("KeepPromise", Kept(made)), Partially("state: STATE_KEPT_LATE"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
}

TEST_F(PromiseTest, IsOfTheFutureAndToAPartyOfTheCase) {
  EXPECT_EQ(ReasonFor("CreatePromise", Request(now())), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreatePromise", Request(now() + absl::Hours(1), "$case/parties/$id")), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
