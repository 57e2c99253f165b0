#include "services/intake/cases/cases.h"

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/cases/case_world.h"

namespace xxt::intake {
namespace {

using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class CasesTest : public ::testing::Test {
 protected:
  // Inserts a case of staff/wang whose next action is in an hour, and what `text` says otherwise.
  std::string Insert(const std::string& text = "", absl::Duration until_next = absl::Hours(1)) {
    auto made = test::Text<v1::Case>(
        "title: '标题' summary: '原话' hall: 'halls/110102016' owner: 'staff/wang' state: STATE_IN_PROGRESS "
        "parties: {role: ROLE_APPLICANT display_name: '某人'} corrections: {reason: '记错'} next_action: {summary: "
        "'去电'}");
    rpc::ToProto(world_.now + until_next, made.mutable_next_action()->mutable_due_time());
    made.set_name(cases::kCases.NewName("", absl::Now()));
    made.set_display_code(absl::StrCat("0102-26-", made.name().substr(30)));
    made.MergeFrom(test::Text<v1::Case>(text));
    if (!cases::IsOpen(made)) {
      made.clear_next_action();
      rpc::ToProto(world_.now, made.mutable_close_time());
    }
    const absl::Status status = world_.Change(CaseWorld::Officer(), [&](Tx& tx) {
      tx.Insert(cases::kCases, made);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return made.name();
  }
  v1::ListCasesResponse List(const std::string& request, const identity::Caller& caller = CaseWorld::Service("x")) {
    v1::ListCasesResponse response;
    const absl::Status status = world_.Change(caller, [&](Tx& tx) {
      response.Clear();
      return cases::List(tx, test::Text<v1::ListCasesRequest>(request), response);
    });
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  // All pages of two, in their order.
  std::vector<std::string> Names(const std::string& request) {
    std::vector<std::string> names;
    std::string token;
    do {
      const auto page = List(absl::StrCat(request, " page_size: 2 page_token: '", token, "'"));
      for (const v1::Case& found : page.cases()) names.push_back(found.name());
      token = page.next_page_token();
    } while (!token.empty());
    return names;
  }

  CaseWorld world_;
};

TEST_F(CasesTest, GivesBackWhatItWasGivenAndCountsItsChanges) {
  const std::string name = Insert("channel: CHANNEL_VISIT referrals: {key: 'referrals/x' value: {state: STATE_ENDED}}");
  EXPECT_THAT(world_.Read(name),
              Partially("summary: '原话' parties: {display_name: '某人'} channel: CHANNEL_VISIT etag: '1' "
                        "referrals: {key: 'referrals/x' value: {state: STATE_ENDED}}"));
  ASSERT_TRUE(world_
                  .Change(CaseWorld::Officer(),
                          [&](Tx& tx) -> absl::Status {
                            auto found = cases::Lock(tx, name, "1");
                            if (found.ok()) cases::Save(tx, *found, "case.trouble_seen.v1", "看过");
                            return found.status();
                          })
                  .ok());
  EXPECT_EQ(world_.Read(name).etag(), "2");
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.event WHERE subject = '" + name + "'"), "1");
}

TEST_F(CasesTest, RefusesAnOpenCaseWithoutNextAction) {
  const absl::Status status = world_.Change(CaseWorld::Officer(), [&](Tx& tx) {
    auto broken = test::Text<v1::Case>("title: 'x' hall: 'halls/110102016' owner: 'x' state: STATE_IN_PROGRESS");
    broken.set_name(cases::kCases.NewName("", world_.now));
    tx.Insert(cases::kCases, broken);
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
}

TEST_F(CasesTest, ListsTheMostUrgentFirstAndClosedOnesLastWithoutPeople) {
  const std::string closed = Insert("state: STATE_CLOSED");
  const std::string late = Insert("state: STATE_CLOSURE_PROPOSED", absl::Hours(5));
  const std::string urgent = Insert("state: STATE_CLOSURE_PROPOSED");
  EXPECT_THAT(Names("states: [STATE_CLOSURE_PROPOSED, STATE_CLOSED]"), ElementsAre(urgent, late, closed));
  const v1::Case found = List("").cases(0);
  EXPECT_EQ(found.summary(), "");
  EXPECT_THAT(found.parties(), IsEmpty());
  EXPECT_THAT(found.corrections(), IsEmpty());
}

TEST_F(CasesTest, ListsOfTheHallsThatTheCallerMaySeeAndNothingWhereThatIsNone) {
  const std::string one = Insert();
  const std::string code = world_.Read(one).display_code();
  for (const std::string& way :
       {std::string(), std::string("owner: 'staff/wang'"), absl::StrCat("display_code: '", code, "'"),
        std::string("order: ORDER_CREATE_TIME_DESC")}) {
    identity::Caller caller{"staff/x", "", {"officer"}};
    EXPECT_THAT(List(way, caller).cases(), IsEmpty()) << "nobody said which";
    caller.halls = identity::HallScope::One("halls/110102014");
    EXPECT_THAT(List(way, caller).cases(), IsEmpty()) << way;
    caller.halls = identity::HallScope::One(kHallOfCases);
    EXPECT_THAT(List(way, caller).cases(), SizeIs(1)) << way;
    EXPECT_THAT(List(way).cases(), SizeIs(1)) << way;
    EXPECT_THAT(List(way + " hall: 'halls/110102014'").cases(), IsEmpty()) << way;
  }
  EXPECT_THAT(List(absl::StrCat("owner: 'staff/zhao' display_code: '", code, "'")).cases(), IsEmpty());
}

// As a newer version, which knows the state and has changed the constraint, leaves it.
TEST_F(CasesTest, ShowsACaseOfAStateThatOnlyANewerVersionKnowsAmongTheOpenOnesAndLocksItForNobody) {
  world_.db.Sql("ALTER TABLE intake.cases DROP CONSTRAINT cases_state_check");
  const std::string newer = Insert("", absl::Hours(2));
  ASSERT_TRUE(world_
                  .Change(CaseWorld::Officer(),
                          [&](Tx& tx) -> absl::Status {
                            auto found = cases::Lock(tx, newer);
                            if (!found.ok()) return found.status();
                            found->set_state(static_cast<v1::Case::State>(77));
                            tx.Save(cases::kCases, *found);
                            return absl::OkStatus();
                          })
                  .ok());
  const std::string first = Insert();
  const std::string last = Insert("", absl::Hours(3));
  for (const char* way : {"", "owner: 'staff/wang'", "hall: 'halls/110102016'"}) {
    EXPECT_THAT(Names(way), ElementsAre(first, newer, last)) << way;
  }
  EXPECT_THAT(Names("order: ORDER_CREATE_TIME_DESC"), SizeIs(3));
  EXPECT_THAT(Names(absl::StrCat("display_code: '", world_.Read(newer).display_code(), "'")), ElementsAre(newer));
  EXPECT_THAT(Names("states: STATE_IN_PROGRESS"), ElementsAre(first, last));
  EXPECT_EQ(world_.Read(newer).state(), 77);
  const auto lock_open = [&](Tx& tx) { return cases::LockOpen(tx, newer).status(); };
  EXPECT_EQ(world_.Change(CaseWorld::Officer(), lock_open).code(), absl::StatusCode::kInternal);
}

TEST_F(CasesTest, ListsWorkByNextActionLessTheHeadStartOfThePriority) {
  const std::string third = Insert("", absl::Hours(3));
  const std::string urgent =
      Insert("state: STATE_CLOSURE_PROPOSED priority: {level: LEVEL_URGENT head_start_minutes: 180}", absl::Hours(5));
  const std::string first = Insert();
  const std::string granted_before = Insert("", absl::Hours(4));
  const std::string equal = Insert("priority: {level: LEVEL_HIGH head_start_minutes: 60}", absl::Hours(5));
  Insert("state: STATE_CLOSED");
  world_.db.Sql("UPDATE intake.cases SET head_start = NULL WHERE head_start = 0");
  for (const char* way : {"", "owner: 'staff/wang'", "hall: 'halls/110102016'"}) {
    EXPECT_THAT(Names(absl::StrCat(way, " order: ORDER_WORK")),
                ElementsAre(first, urgent, third, granted_before, equal))
        << way;
  }
  v1::ListCasesResponse none;
  EXPECT_EQ(errors::ReasonOf(world_.Change(
                CaseWorld::Officer(),
                [&](Tx& tx) {
                  return cases::List(tx, test::Text<v1::ListCasesRequest>("order: ORDER_WORK states: STATE_CLOSED"),
                                     none);
                })),
            "FIELD_INVALID");
}

class FindTest : public CasesTest {
 protected:
  absl::Status Ask(const std::string& text, const identity::Caller& caller, v1::FindCasesResponse& response) {
    return world_.Change(caller, [&](Tx& tx) {
      response.Clear();
      return cases::Find(world_.policy, tx, test::Text<v1::FindCasesRequest>(text), response);
    });
  }
  // The names of what is found, or the error's reason.
  std::vector<std::string> Find(const std::string& text, const identity::Caller& caller = CaseWorld::Officer()) {
    v1::FindCasesResponse response;
    const absl::Status status = Ask(text + " purpose: PURPOSE_CALL", caller, response);
    EXPECT_THAT(response.elsewhere(), IsEmpty()) << "before a case is opened alone";
    if (!status.ok()) return {errors::ReasonOf(status)};
    std::vector<std::string> names;
    for (const v1::Case& found : response.cases()) {
      EXPECT_THAT(found.parties(), IsEmpty());
      EXPECT_EQ(found.summary(), "");
      names.push_back(found.name());
    }
    return names;
  }
  // Lets `edit` change the case.
  void Edit(const std::string& name, absl::FunctionRef<void(v1::Case&)> edit) {
    const absl::Status status = world_.Change(CaseWorld::Officer(), [&](Tx& tx) -> absl::Status {
      auto found = cases::Lock(tx, name);
      if (!found.ok()) return found.status();
      edit(*found);
      tx.Save(cases::kCases, *found);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  static constexpr char kPhone[] = "phone_number: '+8613800138000'";
  static constexpr char kId[] = "resident_id: '11010519491231002X'";
  const std::string first_ = Insert(absl::StrCat("parties: {role: ROLE_KIN ", kPhone, "}"));
};

TEST_F(FindTest, FindsByAWholeNumberOfAnyPartyNewestFirstClosedOnesToo) {
  world_.now += absl::Minutes(1);
  const std::string closed =
      Insert(absl::StrCat("state: STATE_CLOSED parties: {role: ROLE_SUBJECT ", kPhone, " ", kId, "}"));
  EXPECT_THAT(Find(kPhone), ElementsAre(closed, first_));
  EXPECT_THAT(Find(absl::StrCat(kPhone, " page_size: 1")), ElementsAre(closed));
  EXPECT_THAT(Find(kId), ElementsAre(closed));
  EXPECT_THAT(Find("phone_number: '+861380013800'"), IsEmpty());
  EXPECT_THAT(Find("resident_id: '+8613800138000'"), IsEmpty()) << "a number of another kind";
  for (const char* nothing : {"", "phone_number: ''"}) EXPECT_THAT(Find(nothing), ElementsAre("FIELD_INVALID"));
}

TEST_F(FindTest, FindsInTheCallersHallsAlone) {
  identity::Caller caller{"staff/x", "", {"officer"}};
  EXPECT_THAT(Find(kPhone, caller), IsEmpty()) << "nobody said which";
  caller.halls = identity::HallScope::One("halls/110102014");
  EXPECT_THAT(Find(kPhone, caller), IsEmpty());
  EXPECT_THAT(Find(absl::StrCat(kPhone, " hall: 'halls/110102016'"), caller), ElementsAre("OTHER_HALL"));
  caller.halls = identity::HallScope::All();
  EXPECT_THAT(Find(kPhone, caller), ElementsAre(first_));
  EXPECT_THAT(Find(absl::StrCat(kPhone, " hall: 'halls/110102014'"), caller), IsEmpty());
}

// A case of the same person at Tianqiao, and who asks at Taoranting before opening one.
TEST_F(FindTest, BeforeACaseIsOpenedSaysWhichOtherHallsToAskAndNothingOfTheirCases) {
  const auto at_tianqiao = [&](const char* code, const std::string& text) {
    Insert(absl::StrCat("hall: 'halls/110102014' display_code: '", code, "' parties: {role: ROLE_SUBJECT ", kId, " ",
                        kPhone, "} ", text));
  };
  at_tianqiao("open", "");
  at_tianqiao("merged", "state: STATE_CLOSED closure: {resolution: RESOLUTION_MERGED}");
  at_tianqiao("closed", "state: STATE_CLOSED closure: {resolution: RESOLUTION_WITHDRAWN}");
  const auto asked = [&](const std::string& text, const identity::Caller& caller = CaseWorld::Officer()) {
    v1::FindCasesResponse response;
    const absl::Status status = Ask(absl::StrCat(text, " purpose: PURPOSE_INTAKE"), caller, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  };
  const auto codes = [](const v1::FindCasesResponse& response) {
    std::vector<std::string> found;
    for (const v1::CaseElsewhere& one : response.elsewhere()) found.push_back(one.display_code());
    return found;
  };
  EXPECT_THAT(asked(kId).cases(), IsEmpty());
  EXPECT_THAT(codes(asked(kId)), UnorderedElementsAre("open", "closed"));
  EXPECT_THAT(asked(absl::StrCat(kId, " hall: 'halls/110102016'")).elsewhere(0),
              Partially("hall: 'halls/110102014' hall_title: '天桥街道政务服务中心' phone_number: '010-6600 0014'"));
  EXPECT_THAT(codes(asked(kPhone)), IsEmpty()) << "families share a telephone";
  const identity::Caller district{"staff/qu", "", {"district"}, identity::HallScope::All()};
  EXPECT_THAT(asked(kId, district).cases(), SizeIs(3));
  EXPECT_THAT(codes(asked(kId, district)), IsEmpty()) << "it is shown the cases";
  EXPECT_EQ(world_.db.Sql("SELECT summary FROM backbone.event WHERE type = 'case.searched.v1' AND actor = 'staff/wang' "
                          "ORDER BY row_number LIMIT 1"),
            "按身份证号查诉求（受理前查重）：找到 0 件，其他大厅另有 2 件");
  world_.now += absl::Hours(24) * (world_.policy.dispute_days + 1);
  EXPECT_THAT(codes(asked(kId)), ElementsAre("open")) << "the other one can be disputed no more";
}

TEST_F(FindTest, FindsByWhatIsTrueNowAndNobodyWhoIsErased) {
  Edit(first_, [](v1::Case& found) { found.set_title("另一个标题"); });
  EXPECT_THAT(Find(kPhone), ElementsAre(first_));
  Edit(first_, [](v1::Case& found) { found.mutable_parties(1)->set_phone_number("+8613800138111"); });
  EXPECT_THAT(Find(kPhone), IsEmpty());
  EXPECT_THAT(Find("phone_number: '+8613800138111'"), ElementsAre(first_));
  world_.db.Sql("UPDATE intake.cases SET key = NULL");
  EXPECT_THAT(Find("phone_number: '+8613800138111'"), IsEmpty());
  EXPECT_EQ(world_.db.Sql("SELECT count(search) + (SELECT count(*) FROM intake.case_search) FROM intake.cases"), "0");
}

TEST_F(FindTest, TellsWhoLookedAndWhyButNotTheNumber) {
  Find(kPhone);
  Find(kId, {"staff/qu", "", {"district"}, identity::HallScope::All()});
  EXPECT_EQ(world_.db.Sql("SELECT string_agg(concat_ws('|', subject, hall, actor, summary), ' ' ORDER BY row_number) "
                          "FROM backbone.event WHERE type = 'case.searched.v1'"),
            "halls/110102016|halls/110102016|staff/wang|按电话查诉求（来电）：找到 1 件 "
            "staff/qu||staff/qu|按身份证号查诉求（来电）：找到 0 件");
}

TEST_F(CasesTest, WithAReferralInAStateThatOnlyANewerVersionKnowsIsLockedForNobody) {
  v1::Case news;
  (*news.mutable_referrals())["referrals/x"].set_state(static_cast<v1::ReferralNews::State>(77));
  const std::string name = Insert(news.DebugString());
  const absl::Status locked =
      world_.Change(CaseWorld::Officer(), [&](Tx& tx) { return cases::Lock(tx, name).status(); });
  EXPECT_EQ(locked.code(), absl::StatusCode::kInternal);
}

TEST_F(CasesTest, ListsSeveralStatesInOneOrderPageByPage) {
  std::vector<std::string> by_next_action;
  std::vector<std::string> newest;
  for (int hour = 1; hour <= 5; ++hour) {
    world_.now += absl::Minutes(1);
    const char* state = hour % 2 == 0 ? "state: STATE_CLOSURE_PROPOSED" : "";
    by_next_action.push_back(Insert(state, absl::Hours(hour)));
    newest.insert(newest.begin(), by_next_action.back());
  }
  for (const char* owner : {"", "owner: 'staff/wang'"}) {
    EXPECT_EQ(Names(owner), by_next_action) << owner;
    EXPECT_EQ(Names(absl::StrCat(owner, " order: ORDER_CREATE_TIME_DESC")), newest) << owner;
  }
  EXPECT_THAT(Names("states: STATE_CLOSURE_PROPOSED"), SizeIs(2));
  EXPECT_THAT(Names("owner: 'staff/zhao'"), IsEmpty());
}

}  // namespace
}  // namespace xxt::intake
