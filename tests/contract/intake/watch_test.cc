// WatchCases as its clients see it: what they hear, from where, and how it ends.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/watch_world.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// "case.created.v1 cases/…" of the next `count` events.
std::vector<std::string> Told(Watch& watch, std::size_t count) {
  std::vector<std::string> told;
  while (told.size() < count) {
    const std::optional<Event> event = watch.Next();
    if (!event.has_value()) break;
    told.push_back(event->type() + " " + event->subject());
  }
  return told;
}

TEST_F(WatchCases, WithoutATokenTellsWhatComesLaterInOrderAndNothingTwice) {
  // Earlier is what another watch was told: a commit alone is not, while any
  // transaction that began before it is open.
  Watch before(world(), Officer(), "");
  ASSERT_TRUE(before.Listens());
  const std::string earlier = "case.created.v1 " + Open();
  std::vector<std::string> told;
  while (told.empty() || told.back() != earlier) ASSERT_EQ((told = Told(before, 1)).size(), 1U);
  Watch watch(world(), Officer(), "");
  ASSERT_TRUE(watch.Listens());
  std::vector<std::string> done;
  for (int i = 0; i < 5; ++i) {
    const std::string name = Open();
    Change(name);
    done.push_back("case.created.v1 " + name);
    done.push_back("paper.gap_recorded.v1 " + name);
  }
  EXPECT_THAT(Told(watch, done.size()), ElementsAreArray(done));
}

TEST_F(WatchCases, FromATokenOfTheMiddleTellsExactlyTheRest) {
  Watch first(world(), Officer(), "");
  ASSERT_TRUE(first.Listens());
  Open();
  ASSERT_EQ(first.NextIds(1).size(), 1U);
  const std::string middle = first.token();
  for (int i = 0; i < 3; ++i) Change(Open());
  const std::vector<std::string> rest = first.NextIds(6);
  ASSERT_EQ(rest.size(), 6U);
  Watch again(world(), Officer(), middle);
  EXPECT_THAT(again.NextIds(6), ElementsAreArray(rest));
}

TEST_F(WatchCases, FromZeroTellsFromTheOldest) {
  TakeAnotherWorld();
  const std::string oldest = Open();
  const std::string second = Open();
  Change(oldest);
  Watch watch(world(), Officer(), "0");
  EXPECT_THAT(Told(watch, 3), ElementsAreArray({"case.created.v1 " + oldest, "case.created.v1 " + second,
                                                "paper.gap_recorded.v1 " + oldest}));
  Watch of_one(world(), Officer(), "0", oldest);
  EXPECT_THAT(Told(of_one, 2), ElementsAreArray({"case.created.v1 " + oldest, "paper.gap_recorded.v1 " + oldest}));
}

TEST_F(WatchCases, TellsAnotherHallsOfficerNothingOfThisHall) {
  Watch of_all(world(), District(), "");
  ASSERT_TRUE(of_all.Listens());
  const std::string ours = Open();
  const std::string theirs = Open(Stranger(), kOtherHall);
  EXPECT_THAT(Told(of_all, 2), ElementsAreArray({"case.created.v1 " + ours, "case.created.v1 " + theirs}));
  Watch watch(world(), Stranger(), "0");
  std::string last;
  while (last != theirs) {
    const std::optional<Event> event = watch.Next();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->hall(), kOtherHall);
    last = event->subject();
  }
}

TEST_F(WatchCases, RefusesATokenThatIsNone) {
  Watch watch(world(), Officer(), "");
  ASSERT_TRUE(watch.Listens());
  Open();
  ASSERT_TRUE(watch.Next().has_value());
  const std::string good = watch.token();
  ASSERT_TRUE(Watch(world(), Officer(), good).Listens());
  std::vector<std::string> forged = {"nonsense", "-",   "7",    "7-",      "-7", "7-x", "x-7", "7-1",
                                     "0-0",      "0-1", "1-42", "9999999", "00", "-0",  "+0",  " 0"};
  // Of another event; of the same, at another place; with what nobody wrote.
  for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
    forged.push_back(good);
    forged.back()[at] = good[at] == '0' ? '1' : '0';
  }
  forged.push_back(good + "0");
  forged.push_back(good.substr(0, good.size() - 1));
  forged.push_back("-" + good);
  // A time to come, and numbers that are too large.
  forged.push_back("4000000000000000000-1");
  forged.push_back("99999999999999999999999999-1");
  forged.push_back("1-99999999999999999999999999");
  for (const std::string& token : forged) {
    const absl::Status ended = Watch(world(), Officer(), token).End();
    EXPECT_EQ(ended.code(), absl::StatusCode::kOutOfRange) << token;
    EXPECT_EQ(contract::ReasonOf(ended), "RESUME_TOKEN_EXPIRED") << token;
  }
  for (const std::string& token : {std::string(101, '1'), std::string(100'000, '7'), std::string("0\n")}) {
    EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), token).End()), "FIELD_INVALID") << token.substr(0, 200);
  }
}

TEST_F(WatchCases, RefusesATokenOfAnotherLedger) {
  World other;
  Cases stub(other.channel());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  v1::Case created;
  Watch theirs(other, Officer(), "");
  ASSERT_TRUE(theirs.Listens());
  ASSERT_TRUE(stub.CreateCase(&context, CreateRequest(), &created).ok());
  ASSERT_TRUE(theirs.Next().has_value());
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), theirs.token()).End()), "RESUME_TOKEN_EXPIRED");
}

TEST_F(WatchCases, IsValidatedAsACallIs) {
  const std::string ours = Open();
  const std::string nobody = "cases/00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), "", "halls/1").End()), "FIELD_INVALID");
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), "", "cases/------------------------------------").End()),
            "FIELD_INVALID");
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), "", nobody).End()), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Stranger(), "", ours).End()), "OTHER_HALL");
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Clerk(), "").End()), "ROLE_MISSING");
  EXPECT_TRUE(Watch(world(), Officer(), "", ours).Listens());
}

// As after a promotion or a restore; tests/failover has real ones.
TEST_F(WatchCases, EndsWhenTheLedgersHistoryIsAnother) {
  TakeAnotherWorld();
  Watch watch(world(), Officer(), "");
  ASSERT_TRUE(watch.Listens());
  Open();
  ASSERT_TRUE(watch.Next().has_value());
  const std::string token = watch.token();
  world().database().Sql(
      "CREATE OR REPLACE FUNCTION backbone.history() RETURNS text LANGUAGE sql AS $$ SELECT 'another'::text $$");
  EXPECT_EQ(contract::ReasonOf(watch.End()), "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(contract::ReasonOf(Watch(world(), Officer(), token).End()), "RESUME_TOKEN_EXPIRED");
  Watch again(world(), Officer(), "");
  ASSERT_TRUE(again.Listens());
  const std::string name = Open();
  EXPECT_EQ(again.Next()->subject(), name);
}

TEST_F(WatchCases, ThatBeginsInAnotherHistoryLivesOnWhenThoseBeforeItEnd) {
  TakeAnotherWorld();
  auto before = std::make_unique<Watch>(world(), Officer(), "");
  ASSERT_TRUE(before->Listens());
  for (int history = 0; history < 10; ++history) {  // whether the tail has noticed yet when it begins is chance
    world().database().Sql(
        absl::StrCat("CREATE OR REPLACE FUNCTION backbone.history() RETURNS text LANGUAGE sql AS $$ SELECT '", history,
                     "'::text $$"));
    auto after = std::make_unique<Watch>(world(), Officer(), "");
    EXPECT_EQ(contract::ReasonOf(before->End()), "RESUME_TOKEN_EXPIRED");
    ASSERT_TRUE(after->Listens());
    const std::string name = Open();
    const std::optional<Event> heard = after->Next();
    ASSERT_TRUE(heard.has_value());
    EXPECT_EQ(heard->subject(), name);
    before = std::move(after);
  }
}

TEST_F(WatchCases, ThatStartsFarBackHoldsUpNobody) {
  TakeAnotherWorld();
  world().database().Sql(
      "INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time) "
      "SELECT gen_random_uuid(), 'case.created.v1', 'cases/' || i, CASE WHEN i % 1000 = 0 THEN 'halls/110102016' ELSE "
      "'halls/1' END, 'staff/wang', '', now() FROM generate_series(1, 20000) AS i");
  Watch far(world(), Officer(), "0");
  Watch near(world(), Officer(), "");
  ASSERT_TRUE(near.Listens());
  const std::string name = Open();
  // It may also hear what was written just before it listened.
  std::optional<Event> heard = near.Next();
  while (heard.has_value() && heard->subject() != name) heard = near.Next();
  ASSERT_TRUE(heard.has_value());
  std::vector<std::string> told;
  for (int i = 0; i < 21; ++i) {
    const std::optional<Event> event = far.Next();
    ASSERT_TRUE(event.has_value());
    told.push_back(event->subject());
  }
  EXPECT_EQ(told.front(), "cases/1000");
  EXPECT_EQ(told.back(), name);
}

TEST_F(WatchCases, RefusesWhoDoesNotSayWhoTheyAre) {
  EXPECT_EQ(Watch(world(), "", "").End().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(WatchCases, EndsWithOkWhenTheServerDrains) {
  TakeAnotherWorld();
  Watch watch(world(), Officer(), "");
  ASSERT_TRUE(watch.Listens());
  std::thread drain([this] { world().Drain(); });
  EXPECT_TRUE(watch.End().ok());
  drain.join();
}

TEST_F(WatchCases, FromAListMissesNothingWhileCasesAreOpened) {
  constexpr int kCounters = 4;
  constexpr int kEach = 15;
  Mutex mu;
  std::set<std::string> opened;
  std::vector<std::thread> counters;
  for (int i = 0; i < kCounters; ++i) {
    counters.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        const std::string name = Open();
        const MutexLock lock(mu);
        opened.insert(name);
      }
    });
  }
  std::vector<v1::ListCasesResponse> lists;
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  for (std::size_t listed = 0; listed < kCounters * kEach && absl::Now() < give_up;) {
    lists.push_back(List());
    listed = static_cast<std::size_t>(lists.back().cases_size());
  }
  for (std::thread& counter : counters) counter.join();
  EXPECT_GT(lists.size(), 1U) << "no list while cases were opened";
  for (const v1::ListCasesResponse& list : lists) {
    std::set<std::string> missing = opened;
    for (const v1::Case& found : list.cases()) missing.erase(found.name());
    Watch watch(world(), Officer(), list.resume_token());
    std::set<std::string> ids;
    while (!missing.empty()) {
      const std::optional<Event> event = watch.Next();
      if (!event.has_value()) break;
      EXPECT_TRUE(ids.insert(event->id()).second) << "twice";
      missing.erase(event->subject());
    }
    EXPECT_THAT(missing, IsEmpty());
  }
}

}  // namespace
}  // namespace xxt::intake
