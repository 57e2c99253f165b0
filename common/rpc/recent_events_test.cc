#include "common/rpc/recent_events.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

namespace xxt::rpc {
namespace {

constexpr char kOurs[] = "halls/110102016";
constexpr char kTheirs[] = "halls/110102014";
const WatchScope kAll{identity::HallScope::All(), ""};
const WatchScope kOurHall{identity::HallScope::One(kOurs), ""};

events::Place PlaceAt(std::uint64_t transaction) {
  return {"h", {transaction, 1}, absl::StrCat("event-", transaction)};
}

// Events of the transactions from `first` to `last`, each of `hall`.
events::Batch Events(std::uint64_t first, std::uint64_t last, const std::string& hall = kOurs) {
  events::Batch batch;
  for (std::uint64_t i = first; i <= last; ++i) {
    events::Entry entry;
    entry.event = {PlaceAt(i).event_id, "case.created.v1", absl::StrCat("cases/", i),           hall,
                   "staff/wang",        "新诉求",          absl::FromUnixSeconds(1'800'000'000)};
    entry.position = PlaceAt(i).position;
    batch.entries.push_back(entry);
  }
  batch.next = PlaceAt(last);
  return batch;
}

template <typename Response = xixinting::intake::v1::WatchCasesResponse>
Response Parse(grpc::ByteBuffer bytes) {
  Response response;
  EXPECT_TRUE(grpc::SerializationTraits<Response>::Deserialize(&bytes, &response).ok());
  return response;
}

std::vector<std::string> SubjectsOf(const WatchPage& page) {
  std::vector<std::string> subjects;
  if (page.events == 0) return subjects;
  const auto response = Parse(page.response);
  for (const auto& event : response.events()) subjects.push_back(event.subject());
  return subjects;
}

TEST(RecentEvents, TellsInTheFormThatBothServicesDeclare) {
  RecentEvents recent("xixinting.intake", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 2));
  const WatchPage& page = recent.After(PlaceAt(1), kAll);
  const auto response = Parse(page.response);
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.resume_token(), PlaceAt(2).ToToken());
  const auto& event = response.events(0);
  EXPECT_EQ(event.id(), "event-2");
  EXPECT_EQ(event.source(), "xixinting.intake");
  EXPECT_EQ(event.type(), "case.created.v1");
  EXPECT_EQ(event.subject(), "cases/2");
  EXPECT_EQ(event.hall(), kOurs);
  EXPECT_EQ(event.actor(), "staff/wang");
  EXPECT_EQ(event.summary(), "新诉求");
  EXPECT_EQ(event.event_time().seconds(), 1'800'000'000);
  const auto same = Parse<xixinting::referral::v1::WatchReferralsResponse>(page.response);
  EXPECT_EQ(same.SerializeAsString(), response.SerializeAsString());
  EXPECT_EQ(Parse(Heartbeat(PlaceAt(7))).resume_token(), PlaceAt(7).ToToken());
}

TEST(RecentEvents, MovesPastWhatAnotherHallDid) {
  RecentEvents recent("", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 5, kTheirs));
  const WatchPage& quiet = recent.After(PlaceAt(1), kOurHall);
  EXPECT_EQ(quiet.events, 0);
  EXPECT_EQ(quiet.next.position, PlaceAt(5).position);
  recent.Add(Events(6, 6));
  recent.Add(Events(7, 7, kTheirs));
  const WatchPage& busy = recent.After(PlaceAt(5), kOurHall);
  EXPECT_EQ(SubjectsOf(busy), std::vector<std::string>{"cases/6"});
  EXPECT_EQ(busy.next.position, PlaceAt(7).position);
}

TEST(RecentEvents, WhoWasToldBeyondItsEndIsNotTakenBack) {
  RecentEvents recent("", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 5));
  const WatchPage ahead = recent.After(PlaceAt(7), kAll);  // read from the ledger meanwhile
  EXPECT_EQ(ahead.events, 0);
  EXPECT_EQ(ahead.next.ToToken(), PlaceAt(7).ToToken());
  recent.Add(Events(6, 8));
  EXPECT_EQ(SubjectsOf(recent.After(ahead.next, kAll)), std::vector<std::string>{"cases/8"});
}

TEST(RecentEvents, ACallerWithoutAHallSeesNothing) {
  RecentEvents recent("", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 3));
  EXPECT_EQ(recent.After(PlaceAt(1), {identity::HallScope(), ""}).events, 0);
}

TEST(RecentEvents, TellsOfOneSubjectAlone) {
  RecentEvents recent("", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 5));
  EXPECT_EQ(SubjectsOf(recent.After(PlaceAt(1), {identity::HallScope::All(), "cases/4"})),
            std::vector<std::string>{"cases/4"});
}

TEST(RecentEvents, ManyAreToldPageByPageAndNoneTwice) {
  RecentEvents recent("", 1000);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 501));
  std::vector<std::string> told;
  events::Place at = PlaceAt(1);
  int pages = 0;
  while (at.position < recent.end().position) {
    const WatchPage& page = recent.After(at, kOurHall);
    for (const std::string& subject : SubjectsOf(page)) told.push_back(subject);
    at = page.next;
    ++pages;
  }
  ASSERT_EQ(told.size(), 500U);
  EXPECT_EQ(pages, 3);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], absl::StrCat("cases/", i + 2));
}

TEST(RecentEvents, ForgetsTheOldestAndSaysFromWhereItReaches) {
  RecentEvents recent("", 3);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 6));
  EXPECT_EQ(recent.begin().position, PlaceAt(3).position);
  EXPECT_EQ(SubjectsOf(recent.After(recent.begin(), kAll)),
            (std::vector<std::string>{"cases/4", "cases/5", "cases/6"}));
}

// What one serialization for all of them means.
TEST(RecentEvents, WatchesOfOneHallShareTheBytes) {
  RecentEvents recent("", 10);
  recent.BeginAt(PlaceAt(1));
  recent.Add(Events(2, 4));
  std::vector<grpc::Slice> one;
  std::vector<grpc::Slice> other;
  ASSERT_TRUE(grpc::ByteBuffer(recent.After(PlaceAt(1), kOurHall).response).Dump(&one).ok());
  ASSERT_TRUE(grpc::ByteBuffer(recent.After(PlaceAt(1), kOurHall).response).Dump(&other).ok());
  EXPECT_EQ(one[0].begin(), other[0].begin());
}

}  // namespace
}  // namespace xxt::rpc
