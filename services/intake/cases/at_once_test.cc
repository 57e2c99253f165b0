#include <algorithm>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/handover.pb.h"
#include "xixinting/intake/v1/life_event.pb.h"
#include "xixinting/intake/v1/packet.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

// Two officers on one case at once: nothing is lost, nothing half done, and who came second is told.
namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct Asked {
  std::string method;
  std::string request;
  std::string token;
};

class AtOnceTest : public IntakeTest {
 protected:
  static std::string Colleague() { return test::Token("staff/zhao-li", "halls/110102016", {"officer"}); }
  v1::Case Read() { return Must<v1::Case>("GetCase", "name: '$case'"); }
  // What each of those who ask at the same time is told.
  std::vector<std::string> AtOnce(const std::vector<Asked>& all) {
    Read();  // the case is opened with its first use
    std::vector<std::string> reasons(all.size());
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < all.size(); ++i) {
      callers.emplace_back([&, i] { reasons[i] = ReasonFor(all[i].method, all[i].request, all[i].token); });
    }
    for (std::thread& caller : callers) caller.join();
    return reasons;
  }
  static std::string Events(const v1::Case& about, absl::string_view type) {
    return Sql(absl::StrCat("SELECT count(*) FROM backbone.event WHERE subject = '", about.name(), "' AND type = '",
                            type, "'"));
  }
};

TEST_F(AtOnceTest, WhoHasReadWhatTheOtherHasChangedMeanwhileIsTold) {
  for (int round = 0; round < 5; ++round) {
    const v1::Case read = Read();
    const auto decided = [&](const char* what, const std::string& token) {
      return Asked{"SetNextAction",
                   absl::StrCat("name: '$case' request_id: '$id' etag: '", read.etag(), "' next_action: {summary: '",
                                what, round, "' due_time: {seconds: ", absl::ToUnixSeconds(now()) + 3600, "}}"),
                   token};
    };
    const std::vector<std::string> told = AtOnce({decided("王", Officer()), decided("赵", Colleague())});
    EXPECT_THAT(told, UnorderedElementsAre("OK", "ETAG_MISMATCH"));
    const std::string won = absl::StrCat(told[0] == "OK" ? "王" : "赵", round);
    EXPECT_EQ(Read().next_action().summary(), won);
    EXPECT_THAT(DeskTasks(), ElementsAre("case.act " + won));
    EXPECT_EQ(std::stoi(Read().etag()), std::stoi(read.etag()) + 1);
  }
}

TEST_F(AtOnceTest, WhatEachAddsIsKept) {
  std::vector<Asked> adding;
  for (int i = 0; i < 8; ++i) {
    const std::string who = absl::StrCat("亲属", i);
    adding.push_back(
        {"AddParty",
         absl::StrCat("parent: '$case' request_id: '$id' party: {role: ROLE_KIN display_name: '", who, "'}"),
         i % 2 == 0 ? Officer() : Colleague()});
  }
  const auto before = static_cast<std::size_t>(Read().parties_size());
  EXPECT_THAT(AtOnce(adding), Each(Eq("OK")));
  EXPECT_THAT(Read().parties(), SizeIs(before + adding.size()));
}

TEST_F(AtOnceTest, AnOfferIsTakenOrWithdrawnNeverBoth) {
  for (int round = 0; round < 5; ++round) {
    const bool back = Read().owner() == "staff/zhao-li";
    const std::string owner = back ? Colleague() : Officer();
    const auto offered = Must<v1::Handover>("CreateHandover",
                                            absl::StrCat("parent: '$case' request_id: '$id' handover: {recipient: '",
                                                         back ? "staff/wang" : "staff/zhao-li", "' reason: '休假'}"),
                                            owner);
    const std::string of = absl::StrCat("name: '", offered.name(), "' request_id: '$id'");
    const std::vector<std::string> told =
        AtOnce({{"AcceptHandover", of, back ? Officer() : Colleague()}, {"WithdrawHandover", of, owner}});
    EXPECT_THAT(told, UnorderedElementsAre("OK", "STATE_FORBIDS"));
    EXPECT_EQ(Read().owner(), told[0] == "OK" ? offered.recipient() : offered.owner());
    EXPECT_EQ(Sql(absl::StrCat("SELECT assignee FROM backbone.task WHERE kind = 'case.act' AND subject = '",
                               Read().name(), "'")),
              Read().owner());
  }
}

TEST_F(AtOnceTest, APacketIsHandedOverOnce) {
  std::string papers;
  for (const char* title : {"存档证明", "在职证明"}) {
    const auto paper = Must<v1::Paper>("RecordGap", absl::StrCat("parent: '$case' request_id: '$id' paper: {title: '",
                                                                 title, "' source: '办事指南'}"));
    Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper.name(), "' request_id: '$id'"));
    absl::StrAppend(&papers, "papers: '", paper.name(), "' ");
  }
  const auto packet = Must<v1::Packet>(
      "CreatePacket", absl::StrCat("parent: '$case' request_id: '$id' packet: {title: '申领材料' ", papers, "}"));
  std::vector<Asked> handing;
  for (int i = 0; i < 4; ++i) {
    handing.push_back({"HandOverPacket",
                       absl::StrCat("name: '", packet.name(),
                                    "' request_id: '$id' recipient: '$party' identity_check: "
                                    "IDENTITY_CHECK_RESIDENT_ID receipt: '",
                                    i, "'"),
                       i % 2 == 0 ? Officer() : Colleague()});
  }
  const std::vector<std::string> told = AtOnce(handing);
  EXPECT_EQ(std::count(told.begin(), told.end(), "OK"), 1);
  EXPECT_EQ(std::count(told.begin(), told.end(), "STATE_FORBIDS"), 3);
  const auto won = std::find(told.begin(), told.end(), "OK") - told.begin();
  EXPECT_EQ(Must<v1::Packet>("GetPacket", absl::StrCat("name: '", packet.name(), "'")).receipt(), absl::StrCat(won));
  EXPECT_EQ(Events(Read(), "packet.handed_over.v1"), "1");
}

// Both know of it, and each writes it down.
TEST_F(AtOnceTest, ADeathIsRecordedOnce) {
  const std::string gone =
      "parent: '$case' request_id: '$id' life_event: {kind: KIND_DEATH party: '$party' occur_date: {year: 2026 month: "
      "1 day: 20} source: '女儿来电'}";
  EXPECT_THAT(AtOnce({{"RecordLifeEvent", gone, Officer()}, {"RecordLifeEvent", gone, Colleague()}}),
              UnorderedElementsAre("OK", "STATE_FORBIDS"));
  EXPECT_EQ(Read().corrections_size(), 1);
  EXPECT_THAT(Must<v1::ListLifeEventsResponse>("ListLifeEvents", "parent: '$case'").life_events(), SizeIs(1));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("life_event.successor_sought")).Times(1));
}

}  // namespace
}  // namespace xxt::intake
