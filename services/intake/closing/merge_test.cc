#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/testing/tokens.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/escalation.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/handover.pb.h"
#include "xixinting/intake/v1/kin_scope.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/progress.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.pb.h"
#include "xixinting/intake/v1/term.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// The fixture's case is the one that is kept.
class MergeTest : public IntakeTest {
 protected:
  static constexpr char kSame[] = "resident_id: '11010519491231002X'";

  v1::Case Opened(absl::string_view applicant = kSame, const char* hall = "halls/110102016",
                  const std::string& token = Officer()) {
    return Must<v1::Case>("CreateCase",
                          absl::StrCat("request_id: '$id' case: {title: '丧葬费' hall: '", hall,
                                       "' service_item: '丧葬费申领' parties: {role: ROLE_APPLICANT display_name: "
                                       "'沈玉兰' phone_number: '13800138000' ",
                                       applicant, "}}"),
                          token);
  }
  v1::Case Kept() { return Must<v1::Case>("GetCase", "name: '$case'"); }
  static std::string Into(const std::string& name, const std::string& into = "$case", absl::string_view more = "") {
    return absl::StrCat("name: '", name, "' into: '", into, "' reason: '同一件事来了两次' request_id: '$id' ", more);
  }
  std::string Merged(const std::string& name, const std::string& into = "$case", absl::string_view more = "",
                     const std::string& token = Leader()) {
    return ReasonFor("MergeCase", Into(name, into, more), token);
  }
  // What the refusal names; "" if it is not refused so.
  std::string Open(const std::string& name) {
    const auto merged = Call<v1::Case>("MergeCase", Into(name), Leader());
    return errors::ReasonOf(merged.status()) == "CLOSURE_INCOMPLETE" ? std::string(merged.status().ToString()) : "";
  }
  static std::string District() { return test::Token("staff/qu", "", {"district"}); }
  // "kind assignee" of the desk tasks about a case.
  static std::string DeskOf(const std::string& name) {
    return Sql(
        absl::StrCat("SELECT coalesce(string_agg(kind || ' ' || coalesce(assignee, ''), ', '), '') FROM "
                     "backbone.desk_task WHERE starts_with(subject, '",
                     name, "')"));
  }
};

TEST_F(MergeTest, EndsTheDuplicateAndLosesNothingOfIt) {
  const v1::Case other = Opened();
  const std::string& name = other.name();
  const auto paper = Must<v1::Paper>(
      "RecordGap", absl::StrCat("parent: '", name, "' request_id: '$id' paper: {title: '银行卡' source: '办事指南'}"));
  Must<v1::Case>("GrantPriority",
                 absl::StrCat("name: '", name, "' request_id: '$id' level: LEVEL_URGENT reason: '重病'"), Leader());
  Must<v1::Case>("SetNextAction",
                 absl::StrCat("name: '$case' request_id: '$id' next_action: {summary: '等' due_time: {seconds: ",
                              absl::ToUnixSeconds(now() + absl::Hours(72)), "}}"));
  const auto merged = Must<v1::Case>("MergeCase", Into(name), Leader());
  EXPECT_THAT(merged, Partially("state: STATE_CLOSED closure: {resolution: RESOLUTION_MERGED explanation: "
                                "'同一件事来了两次' proposer: 'staff/li-min'}"));
  EXPECT_EQ(merged.merged_into(), Kept().name());
  EXPECT_FALSE(merged.has_next_action());
  EXPECT_THAT(Kept().merged_cases(), ElementsAre(name));
  EXPECT_EQ(Kept().next_action().summary(), absl::StrCat("查看并入的诉求 ", other.display_code(), "，再定下一步"));
  EXPECT_EQ(Kept().next_action().due_time().seconds(), other.next_action().due_time().seconds());
  EXPECT_EQ(Kept().priority().level(), v1::Priority::LEVEL_URGENT);
  EXPECT_EQ(Must<v1::Paper>("GetPaper", absl::StrCat("name: '", paper.name(), "'")).title(), "银行卡");
  EXPECT_EQ(DeskOf(name), "");
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act 查看并入的诉求")));
  EXPECT_EQ(Sql(absl::StrCat("SELECT string_agg(type, ' ' ORDER BY row_number) FROM backbone.event WHERE subject = '",
                             name, "' AND type LIKE '%merged%'")),
            "case.merged.v1");
  EXPECT_EQ(Merged(name), "STATE_FORBIDS") << "it is merged";
  EXPECT_EQ(
      ReasonFor("FileDispute",
                absl::StrCat("parent: '", name, "' request_id: '$id' dispute: {ground: GROUND_OUR_ERROR text: '错'}")),
      "STATE_FORBIDS");
}

// What the person agreed to of the one case says nothing of the other.
TEST_F(MergeTest, KinOfTheDuplicateDoNotFollowTheKeptCaseByTheirCode) {
  const std::string name = Opened().name();
  const auto with_kin = Must<v1::Case>(
      "AddParty", absl::StrCat("parent: '", name, "' request_id: '$id' party: {role: ROLE_KIN display_name: '女儿' ",
                               "phone_number: '13800138099'}"));
  const std::string kin = with_kin.parties(with_kin.parties_size() - 1).name();
  const auto said = Must<v1::Contact>(
      "LogContact", absl::StrCat("parent: '", name, "' request_id: '$id' contact: {channel: CHANNEL_PHONE ",
                                 "counterpart: COUNTERPART_APPLICANT direction: DIRECTION_INBOUND ",
                                 "result: RESULT_REACHED summary: '可以告诉女儿'}"));
  Must<v1::KinScope>("AgreeKinScope", absl::StrCat("parent: '", name, "' request_id: '$id' kin_scope: {kin: '", kin,
                                                   "' topics: TOPIC_PROGRESS agreed_in: '", said.name(), "'}"));
  const auto issued = Must<v1::IssueProgressCodeResponse>(
      "IssueProgressCode", absl::StrCat("parent: '", name, "' request_id: '$id' party: '", kin, "'"));
  const auto asked = [&] {
    return Must<v1::Progress>("LookupProgress", absl::StrCat("code: '", issued.code(), "' proof: '8099'"),
                              test::Token("staff/portal", "", {"portal"}));
  };
  EXPECT_EQ(asked().finding(), v1::Progress::FINDING_FOUND);
  ASSERT_EQ(Merged(name), "OK");
  EXPECT_EQ(asked().finding(), v1::Progress::FINDING_NO_MATCH);
  EXPECT_EQ(asked().items_size(), 0);
}

// Also by the way of two: the kept one may turn out to be a duplicate itself.
TEST_F(MergeTest, ItsProgressIsThatOfTheKeptCase) {
  const v1::Case other = Opened();
  const auto issued = Must<v1::IssueProgressCodeResponse>(
      "IssueProgressCode",
      absl::StrCat("parent: '", other.name(), "' request_id: '$id' party: '", other.parties(0).name(), "'"));
  const auto asks_for = [&](const std::string& paper) {
    const auto progress =
        Must<v1::Progress>("LookupProgress", absl::StrCat("code: '", issued.code(), "' proof: '8000'"),
                           test::Token("staff/portal", "", {"portal"}));
    return std::any_of(progress.items().begin(), progress.items().end(),
                       [&](const v1::ProgressItem& item) { return item.text() == "请您准备：" + paper; });
  };
  Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '户口本' source: '办事指南'}");
  EXPECT_FALSE(asks_for("户口本"));
  EXPECT_EQ(Merged(other.name()), "OK");
  EXPECT_TRUE(asks_for("户口本"));
  const v1::Case third = Opened();
  Must<v1::Paper>("RecordGap", absl::StrCat("parent: '", third.name(),
                                            "' request_id: '$id' paper: {title: '死亡证明' source: '办事指南'}"));
  EXPECT_EQ(Merged("$case", third.name()), "OK");
  EXPECT_TRUE(asks_for("死亡证明"));
}

// It is neither resolved nor refused.
TEST_F(MergeTest, IsNoClosingInTheReport) {
  const std::string today = absl::FormatTime("%Y month: %m day: %d", now(), absl::FixedTimeZone(8 * 3600));
  const std::string tomorrow =
      absl::FormatTime("%Y month: %m day: %d", now() + absl::Hours(24), absl::FixedTimeZone(8 * 3600));
  const auto closed = [&] {
    return Must<v1::Report>("LookupReport",
                            absl::StrCat("first_day: {year: ", today, "} end_day: {year: ", tomorrow, "}"))
        .closed_count();
  };
  const int before = closed();
  EXPECT_EQ(Merged(Opened().name()), "OK");
  EXPECT_EQ(closed(), before);
}

TEST_F(MergeTest, NeverJoinsWhatIsOfTwoPeopleOrTwoHalls) {
  Kept();
  const v1::Case stranger = Opened("resident_id: '110101199003070011'");
  EXPECT_EQ(Merged(stranger.name()), "FIELD_INVALID");
  EXPECT_EQ(Merged(stranger.name(), "$case", "same_person: '她说的'"), "FIELD_INVALID");
  const v1::Case organisation = Opened("credit_code: '91350100M000100Y43'");
  EXPECT_EQ(Merged(organisation.name()), "FIELD_INVALID");
  const v1::Case nameless = Opened("");
  EXPECT_EQ(Merged(nameless.name()), "FIELD_INVALID") << "nobody says that it is the same person";
  const auto merged =
      Must<v1::Case>("MergeCase", Into(nameless.name(), "$case", "same_person: '当面核对了身份证'"), Leader());
  EXPECT_EQ(merged.closure().review_comment(), "当面核对了身份证");
  const v1::Case elsewhere = Opened(kSame, "halls/110102014", Stranger());
  EXPECT_EQ(Merged(elsewhere.name()), "OTHER_HALL");
  EXPECT_EQ(Merged(Opened().name(), elsewhere.name()), "OTHER_HALL");
  const absl::Status refused = Call<v1::Case>("MergeCase", Into(elsewhere.name()), District()).status();
  EXPECT_EQ(errors::ReasonOf(refused), "FIELD_INVALID");
  EXPECT_THAT(Kept().merged_cases(), ElementsAre(nameless.name()));
}

TEST_F(MergeTest, IsForSomebodyElseThanWhoOwnsItAndForTwoThatGoOn) {
  const v1::Case other = Opened();
  EXPECT_EQ(Merged(other.name(), "$case", "", Officer()), "ROLE_MISSING");
  const std::string leads_too = test::Token("staff/wang", "halls/110102016", {"officer", "leader"});
  EXPECT_EQ(Merged(other.name(), "$case", "", leads_too), "SECOND_REVIEWER_NEEDED");
  EXPECT_EQ(Merged(other.name(), other.name()), "FIELD_INVALID");
  EXPECT_EQ(Merged(other.name(), "$case", "etag: '7'"), "ETAG_MISMATCH");
  EXPECT_EQ(Merged(other.name(), "$case", "", District()), "OK");
  const v1::Case third = Opened();
  EXPECT_EQ(Merged(third.name(), other.name()), "STATE_FORBIDS") << "into one that is merged";
  EXPECT_EQ(Merged("$case", other.name()), "STATE_FORBIDS") << "back";
  const auto said = Must<v1::Contact>(
      "LogContact", absl::StrCat("parent: '", third.name(),
                                 "' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
                                 "COUNTERPART_APPLICANT direction: DIRECTION_INBOUND result: RESULT_REACHED summary: "
                                 "'不办了'}"));
  Must<v1::Case>("ProposeClosure", absl::StrCat("name: '", third.name(),
                                                "' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN "
                                                "explanation: '撤回' told_in: '",
                                                said.name(), "'}"));
  EXPECT_EQ(Merged(third.name()), "STATE_FORBIDS") << "a closure waits";
  EXPECT_EQ(Merged("$case", third.name()), "STATE_FORBIDS");
  Must<v1::Case>("ReviewClosure",
                 absl::StrCat("name: '", third.name(), "' request_id: '$id' decision: DECISION_APPROVE"), Leader());
  EXPECT_EQ(Merged(third.name()), "STATE_FORBIDS") << "it is closed";
  EXPECT_EQ(Merged("$case", third.name()), "STATE_FORBIDS");
}

TEST_F(MergeTest, IsRefusedAsLongAsAPromiseIsNotKept) {
  const v1::Case other = Opened();
  const auto promise = Must<v1::Promise>(
      "CreatePromise", absl::StrCat("parent: '", other.name(),
                                    "' request_id: '$id' promise: {text: '查到就打电话' channel: CHANNEL_PHONE "
                                    "recipient: '",
                                    other.parties(0).name(),
                                    "' due_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(30)), "}}"));
  EXPECT_THAT(Open(other.name()), HasSubstr("a promise is not kept"));
  EXPECT_EQ(Merged(other.name()), "CLOSURE_INCOMPLETE");
  Must<v1::Promise>("KeepPromise", absl::StrCat("name: '", promise.name(), "' request_id: '$id'"));
  EXPECT_EQ(Merged(other.name()), "OK");
}

TEST_F(MergeTest, IsRefusedAsLongAsSomethingElseIsOpen) {
  const v1::Case other = Opened();
  const std::string of = absl::StrCat("parent: '", other.name(), "' request_id: '$id' ");
  const std::string due = absl::StrCat("{seconds: ", absl::ToUnixSeconds(now() + absl::Hours(48)), "}");
  const auto escalation = Must<v1::Escalation>(
      "CreateEscalation",
      absl::StrCat(of, "escalation: {level: LEVEL_DISTRICT question: '谁管' answer_due_time: ", due, "}"));
  EXPECT_EQ(Merged(other.name()), "CLOSURE_INCOMPLETE");
  Must<v1::Escalation>("WithdrawEscalation",
                       absl::StrCat("name: '", escalation.name(), "' request_id: '$id' reason: '不用了'"));
  const auto term = Must<v1::Term>("StartTerm", absl::StrCat(of,
                                                             "term: {kind: KIND_STATUTORY workdays: 20 "
                                                             "source: '《行政许可法》第四十二条'}"));
  EXPECT_EQ(Merged(other.name()), "CLOSURE_INCOMPLETE");
  Must<v1::Term>("WithdrawTerm", absl::StrCat("name: '", term.name(), "' request_id: '$id' reason: '起算有误'"));
  const auto offer =
      Must<v1::Handover>("CreateHandover", absl::StrCat(of, "handover: {recipient: 'staff/zhao-li' reason: '休假'}"));
  EXPECT_EQ(Merged(other.name()), "CLOSURE_INCOMPLETE");
  Must<v1::Handover>("WithdrawHandover", absl::StrCat("name: '", offer.name(), "' request_id: '$id'"));
  const auto report = [&](const char* kind) {
    return absl::StrCat("referral: 'referrals/0197a000-0000-7000-8000-0000000000d1' case_name: '", other.name(),
                        "' kind: ", kind, " summary: '档案室' body_title: '殡仪馆' request_id: '$id'");
  };
  Must<v1::ReportReferralResponse>("ReportReferral", report("KIND_OPENED"), Service());
  EXPECT_EQ(Merged(other.name()), "CLOSURE_INCOMPLETE");
  Must<v1::ReportReferralResponse>("ReportReferral", report("KIND_ENDED"), Service());
  EXPECT_EQ(Merged(other.name()), "OK");
}

TEST_F(MergeTest, WhatNobodyCouldTellOfTheDuplicateIsTheKeptOwners) {
  const v1::Case other = Opened(kSame, "halls/110102016", test::Token("staff/zhao-li", "halls/110102016", {"officer"}));
  EXPECT_EQ(Merged(other.name()), "OK");
  Must<v1::ReportMessageResponse>(
      "ReportMessage",
      absl::StrCat("message: 'messages/0197a000-0000-7000-8000-0000000000d2' case_name: '", other.name(),
                   "' kind: KIND_NOT_REACHED channel: CHANNEL_SMS text: '通知' occur_time: {seconds: ",
                   absl::ToUnixSeconds(now()), "} request_id: '$id'"),
      test::Token("services/notification", "", {"service"}));
  EXPECT_EQ(DeskOf(other.name()), "intake.dead_task staff/wang");
}

TEST_F(MergeTest, OfTwoWhoMergeEachIntoTheOtherOneIsTold) {
  for (int round = 0; round < 5; ++round) {
    const std::string one = Opened().name();
    const std::string two = Opened().name();
    std::string told[2];
    std::thread first([&] { told[0] = Merged(one, two); });
    std::thread second([&] { told[1] = Merged(two, one, "", District()); });
    first.join();
    second.join();
    EXPECT_THAT((std::vector<std::string>{told[0], told[1]}), UnorderedElementsAre("OK", "STATE_FORBIDS"));
    const auto merged = Must<v1::Case>("GetCase", absl::StrCat("name: '", told[0] == "OK" ? one : two, "'"));
    EXPECT_EQ(merged.merged_into(), told[0] == "OK" ? two : one);
  }
}

// Whoever comes first to the case of the lower id has the other one, too: nobody waits in a circle.
TEST_F(MergeTest, LocksBothInTheOrderOfTheirIds) {
  const auto id = [](const std::string& name) { return name.substr(name.find('/') + 1); };
  // Nobody of the service has this lock: it shows that the lower one is held.
  constexpr char kHeld[] = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711";
  for (const bool upwards : {true, false}) {
    std::vector<std::string> names = {Opened().name(), Opened().name()};
    std::sort(names.begin(), names.end());
    std::string told;
    std::thread merging([&] {
      while (Sql(kHeld) == "0") continue;
      told = Merged(names[upwards ? 0 : 1], names[upwards ? 1 : 0]);
    });
    // Holds the lower one until somebody waits for it, and looks whether the higher one is free then.
    const std::string free = Sql(absl::StrCat(
        "SELECT 1 FROM intake.cases WHERE id = '", id(names[0]), "' FOR UPDATE; SELECT pg_advisory_xact_lock(4711); ",
        "DO $$ BEGIN FOR i IN 1 .. 2000 LOOP EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = ",
        "'transactionid' AND transactionid = pg_current_xact_id()::xid); PERFORM pg_sleep(0.01); END LOOP; END $$; ",
        "SELECT count(*) FROM (SELECT FROM intake.cases WHERE id = '", id(names[1]),
        "' FOR UPDATE SKIP LOCKED) AS free"));
    merging.join();
    EXPECT_EQ(told, "OK");
    EXPECT_EQ(free, "1") << upwards;
  }
}

}  // namespace
}  // namespace xxt::intake
