// WatchCases as its clients see it: what they hear, from where, and how it ends.

#include <grpcpp/grpcpp.h>

#include <deque>
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
#include "common/rpc/wire_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using Event = ::xixinting::common::v1::Event;
using Cases = v1::CaseService::Stub;

// One stream.
class Watch {
 public:
  Watch(World& world, const std::string& caller, const std::string& resume_token, const std::string& name = "")
      : Watch(world.channel(), caller, resume_token, name) {}
  Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& caller, const std::string& resume_token,
        const std::string& name = "")
      : stub_(channel) {
    contract::Prepare(context_, caller);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    v1::WatchCasesRequest request;
    request.set_name(name);
    request.set_resume_token(resume_token);
    stream_ = stub_.WatchCases(&context_, request);
  }
  ~Watch() { context_.TryCancel(); }

  // Waits until the server listens for a stream that starts now.
  bool Listens() { return Receive(); }

  // Waits for the next event; nothing if the stream ended or a minute has passed.
  std::optional<Event> Next() {
    while (heard_.empty()) {
      if (!Receive()) return std::nullopt;
    }
    const Event event = heard_.front();
    heard_.pop_front();
    return event;
  }

  // The ids of the next `count` events, fewer if the stream ends before.
  std::vector<std::string> NextIds(std::size_t count) {
    std::vector<std::string> ids;
    while (ids.size() < count) {
      const std::optional<Event> event = Next();
      if (!event.has_value()) break;
      ids.push_back(event->id());
    }
    return ids;
  }

  // Behind all that Next answered. Only where no event is left of what was received.
  std::string token() const {
    EXPECT_THAT(heard_, IsEmpty());
    return token_;
  }

  // The status of a stream that the server ends.
  absl::Status End() {
    while (Receive()) {
    }
    return rpc::FromGrpcStatus(stream_->Finish());
  }

 private:
  bool Receive() {
    v1::WatchCasesResponse response;
    if (!stream_->Read(&response)) return false;
    heard_.insert(heard_.end(), response.events().begin(), response.events().end());
    token_ = response.resume_token();
    return true;
  }

  Cases stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCasesResponse>> stream_;
  std::deque<Event> heard_;
  std::string token_;
};

class WatchCases : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new World(); }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  // For a test that needs an empty ledger, or ends the service.
  void TakeAnotherWorld() {
    own_ = std::make_unique<World>();
    world_ = own_.get();
  }
  World& world() { return *world_; }

  // Opens a case; answers its name.
  std::string Open(const std::string& caller = Officer(), const std::string& hall = kHall) {
    v1::CreateCaseRequest request = CreateRequest();
    request.mutable_case_()->set_hall(hall);
    Cases stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, caller);
    v1::Case created;
    const absl::Status status = rpc::FromGrpcStatus(stub.CreateCase(&context, request, &created));
    EXPECT_TRUE(status.ok()) << status;
    return created.name();
  }

  // Changes something in a case once.
  void Change(const std::string& name) {
    v1::RecordGapRequest request;
    request.set_parent(name);
    request.mutable_paper()->set_title("火化证明");
    request.mutable_paper()->set_source("丧葬费申领办事指南");
    request.set_request_id(NewId());
    v1::PaperService::Stub stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, Officer());
    v1::Paper missing;
    const absl::Status status = rpc::FromGrpcStatus(stub.RecordGap(&context, request, &missing));
    EXPECT_TRUE(status.ok()) << status;
  }

  v1::ListCasesResponse List() {
    v1::ListCasesRequest request;
    request.set_page_size(500);
    Cases stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, Officer());
    v1::ListCasesResponse listed;
    const absl::Status status = rpc::FromGrpcStatus(stub.ListCases(&context, request, &listed));
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(listed.next_page_token(), "");
    return listed;
  }

 private:
  static World* shared_;
  std::unique_ptr<World> own_;
  World* world_ = shared_;
};
World* WatchCases::shared_ = nullptr;

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

TEST_F(WatchCases, AThousandOnOneConnectionLeaveRoomForCalls) {
  TakeAnotherWorld();
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 1000; ++i) watches.push_back(std::make_unique<Watch>(world(), Officer(), ""));
  std::vector<Watch*> listening;
  for (const auto& watch : watches) {
    if (watch->Listens()) listening.push_back(watch.get());
  }
  EXPECT_GE(listening.size(), 500U);
  const std::string name = Open();
  for (Watch* watch : listening) {
    const std::optional<Event> event = watch->Next();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->subject(), name);
  }
}

TEST_F(WatchCases, OfOneCallerAreAThousandHoweverManyConnectionsHoldThem) {
  TakeAnotherWorld();
  const std::vector<std::shared_ptr<grpc::Channel>> connections = {world().Connect(), world().Connect(),
                                                                   world().Connect()};
  std::vector<std::unique_ptr<Watch>> watches;
  for (std::size_t hundred = 0; hundred < 10; ++hundred) {
    // No more at once than may wait to be opened.
    for (int i = 0; i < 100; ++i) {
      watches.push_back(std::make_unique<Watch>(connections[hundred % connections.size()], Officer(), ""));
    }
    for (auto watch = watches.end() - 100; watch != watches.end(); ++watch) ASSERT_TRUE((*watch)->Listens());
  }
  // The last connection holds no more than 300.
  EXPECT_EQ(contract::ReasonOf(Watch(connections.back(), Officer(), "").End()), "AT_CAPACITY");
  EXPECT_TRUE(Watch(connections.back(), District(), "").Listens());
  watches.pop_back();
  EXPECT_TRUE(contract::Eventually([&] { return Watch(connections.back(), Officer(), "").Listens(); }));
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

// --- Readiness --------------------------------------------------------------

// Whether the service says SERVING (grpc.health.v1, field 1 is 1) in time. It
// looks at once when it starts, and then every second.
bool SaysServing(const World& world, absl::Duration within) {
  const absl::Time give_up = absl::Now() + within;
  while (absl::Now() < give_up) {
    if (contract::Send(world.channel(), "/grpc.health.v1.Health/Check", "", "").bytes == "\x08\x01") return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(Readiness, AServiceWithoutItsTablesNeverServes) {
  World world;
  ASSERT_TRUE(SaysServing(world, absl::Seconds(20)));
  world.RestartWithoutTables();
  EXPECT_FALSE(SaysServing(world, absl::Seconds(3)));
}

}  // namespace
}  // namespace xxt::intake
