#include "services/intake/storage/case_store.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/testing/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/storage/case_doc.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// PostgreSQL keeps microseconds.
absl::Time Now() { return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())); }

CasePaper FullPaper(absl::Time now) {
  CasePaper paper;
  paper.title = "火化证明";
  paper.form = PaperForm::kOriginalAndCopy;
  paper.copies = 2;
  paper.provider = PaperProvider::kBody;
  paper.alternatives = {"档案复印件"};
  paper.source = "办事指南";
  paper.since_version = 1;
  paper.found_missing_time = now;
  return paper;
}

RecordedClosure FullClosure(absl::Time now) {
  Closure closure;
  closure.resolution = Resolution::kNotPossible;
  closure.explanation = "说明";
  closure.alternatives = {{"别的办法", "不行"}};
  return {closure, "staff/wang", now, "staff/li-min", "再试试"};
}

// A case with every member set.
Case FullCase() {
  const absl::Time now = Now();
  Case full;
  full.id = identifiers::NewUuid(now);
  full.display_code = "0102-26-" + full.id.substr(24);
  full.title = "标题";
  full.summary = "原话 \"引号\"\n换行";
  full.hall = "halls/110102016";
  full.channel = Channel::kVisit;
  full.service_item = "丧葬费申领";
  full.difficulties = {Difficulty::kRulesConflict, Difficulty::kPaperMissing};
  Party party{"id",
              Party::Role::kKin,
              "某人",
              "11010519491231002X",
              "110***********002X",
              "",
              "+861060001234",
              "8",
              true,
              false,
              "子女",
              "en"};
  full.parties = {party};
  full.hand_off = HandOff{"3 号", "staff/chen", "缺材料", {"身份证"}, now};
  full.state = CaseState::kClosureProposed;
  full.owner = "staff/wang";
  full.next_action = NextAction{"下一步", now + absl::Hours(1)};
  AddPaper(full, FullPaper(now));
  full.checklist_version = 2;
  full.checklist_amendments = {{2, "漏了", "staff/wang", now, {"火化证明"}, {}}};
  full.outcome = Outcome{"已办好", "cases/a/contacts/b", now};
  full.closure = FullClosure(now);
  full.effort = {14, 4, 2};
  full.referrals["referrals/x"] = {ReferralStatus::State::kEnded, "火化证明", {{"CUT_OFF_NEAR", 3}},
                                   absl::CivilDay(2026, 12, 1),   3,          2};
  full.holds_route_sheet = true;
  full.create_time = now;
  full.update_time = now;
  return full;
}

class CaseStore : public ::testing::Test {
 protected:
  absl::Status InTransaction(absl::FunctionRef<absl::Status(pg::Session&)> body) {
    return pg::InTransaction(database_.pool(), absl::Now() + absl::Seconds(10), body);
  }
  Case Insert(Case created) {
    EXPECT_TRUE(InTransaction([&](pg::Session& session) {
                  case_store::Insert(session, created, "key");
                  return absl::OkStatus();
                }).ok());
    return created;
  }
  Case Load(const std::string& id) {
    absl::StatusOr<Case> found;
    EXPECT_TRUE(InTransaction([&](pg::Session& session) {
                  found = case_store::Load(session, id);
                  return found.status();
                }).ok());
    return *found;
  }
  std::vector<Case> List(const case_store::Filter& filter) {
    absl::StatusOr<std::vector<Case>> found;
    const absl::Status status = InTransaction([&](pg::Session& session) {
      found = case_store::List(session, filter);
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return *found;
  }

  test::Database database_{"intake"};
};

TEST_F(CaseStore, GivesBackWhatItWasGiven) {
  const Case full = Insert(FullCase());
  const Case found = Load(full.id);
  EXPECT_EQ(case_doc::Write(found), case_doc::Write(full));
  EXPECT_EQ(found.display_code, full.display_code);
  EXPECT_EQ(found.hall, full.hall);
  EXPECT_EQ(found.state, full.state);
  EXPECT_EQ(found.owner, full.owner);
  EXPECT_EQ(found.title, full.title);
  EXPECT_EQ(found.service_item, full.service_item);
  EXPECT_EQ(found.next_action->due_time, full.next_action->due_time);
  EXPECT_EQ(found.create_time, full.create_time);
  EXPECT_EQ(found.close_time, full.close_time);
  EXPECT_EQ(found.version, 1);
}

TEST_F(CaseStore, CountsTheVersionWithEveryChange) {
  const std::string id = Insert(FullCase()).id;
  ASSERT_TRUE(InTransaction([&](pg::Session& session) -> absl::Status {
                auto found = case_store::LoadForUpdate(session, id);
                found->state = CaseState::kClosed;
                found->close_time = Now();
                found->next_action.reset();
                case_store::Save(session, *found);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Load(id).version, 2);
  EXPECT_FALSE(Load(id).next_action.has_value());
}

TEST_F(CaseStore, RefusesAnOpenCaseWithoutNextAction) {
  Case broken = FullCase();
  broken.next_action.reset();
  EXPECT_FALSE(InTransaction([&](pg::Session& session) {
                 case_store::Insert(session, broken, "key");
                 return absl::OkStatus();
               }).ok());
}

TEST_F(CaseStore, ListsTheMostUrgentFirstAndClosedOnesLastWithoutPeople) {
  Case late = FullCase();
  late.next_action->due_time += absl::Hours(5);
  Case closed = FullCase();
  closed.state = CaseState::kClosed;
  closed.close_time = closed.create_time;
  closed.next_action.reset();
  Insert(closed);
  Insert(late);
  const Case urgent = Insert(FullCase());
  case_store::Filter filter;
  filter.halls = identity::HallScope::All();
  filter.states = {CaseState::kClosureProposed, CaseState::kClosed};
  std::vector<std::string> ids;
  for (int page = 0; page < 3; ++page) {
    filter.limit = 1;
    const std::vector<Case> cases = List(filter);
    ASSERT_THAT(cases, SizeIs(1));
    EXPECT_THAT(cases[0].parties, SizeIs(0));
    EXPECT_EQ(cases[0].summary, "");
    ids.push_back(cases[0].id);
    filter.after = case_store::KeyOf(filter, cases[0]);
  }
  EXPECT_THAT(ids, ElementsAre(urgent.id, late.id, closed.id));
}

TEST_F(CaseStore, ListsByHallOwnerAndNewestFirst) {
  const Case first = Insert(FullCase());
  Case other = FullCase();
  other.hall = "halls/110102014";
  other.owner = "staff/zhao";
  other.create_time += absl::Hours(1);
  Insert(other);
  case_store::Filter filter;
  filter.halls = identity::HallScope::One(first.hall);
  EXPECT_EQ(List(filter)[0].id, first.id);
  EXPECT_THAT(List(filter), SizeIs(1));
  filter.halls = identity::HallScope::All();
  EXPECT_THAT(List(filter), SizeIs(2));
  filter.newest_first = true;
  EXPECT_EQ(List(filter)[0].id, other.id);
  filter.owner = "staff/wang";
  EXPECT_EQ(List(filter)[0].id, first.id);
  filter = {};
  filter.halls = identity::HallScope::All();
  filter.display_code = other.display_code;
  EXPECT_EQ(List(filter)[0].id, other.id);
}

TEST_F(CaseStore, ListsOfTheHallsThatItIsToldAndNothingWhereItIsToldNone) {
  const Case one = Insert(FullCase());
  std::vector<case_store::Filter> ways(4);
  ways[1].owner = one.owner;
  ways[2].display_code = one.display_code;
  ways[3].newest_first = true;
  for (case_store::Filter& filter : ways) {
    EXPECT_THAT(List(filter), SizeIs(0)) << "nobody said which";
    filter.halls = identity::HallScope::One("halls/110102014");
    EXPECT_THAT(List(filter), SizeIs(0));
    filter.halls = identity::HallScope::One(one.hall);
    EXPECT_THAT(List(filter), SizeIs(1));
    filter.halls = identity::HallScope::All();
    EXPECT_THAT(List(filter), SizeIs(1));
  }
}

TEST_F(CaseStore, ListsSeveralStatesInOneOrder) {
  std::vector<std::string> expected;
  for (int hour = 1; hour <= 6; ++hour) {
    Case one = FullCase();
    one.next_action->due_time = Now() + absl::Hours(hour);
    one.create_time = Now() - absl::Hours(hour);
    one.state = hour % 2 == 0 ? CaseState::kClosureProposed : CaseState::kInProgress;
    expected.push_back(Insert(one).id);
  }
  for (const std::string& owner : {std::string(), std::string("staff/wang")}) {
    for (const bool newest_first : {false, true}) {
      case_store::Filter filter;
      filter.halls = identity::HallScope::All();
      filter.owner = owner;
      filter.newest_first = newest_first;
      filter.limit = 4;
      std::vector<std::string> found;
      for (const Case& one : List(filter)) found.push_back(one.id);
      ASSERT_THAT(found, SizeIs(4));
      filter.after = case_store::KeyOf(filter, List(filter).back());
      for (const Case& one : List(filter)) found.push_back(one.id);
      EXPECT_EQ(found, expected) << owner << newest_first;
    }
  }
  case_store::Filter filter;
  filter.halls = identity::HallScope::All();
  filter.states = {CaseState::kClosureProposed};
  EXPECT_THAT(List(filter), SizeIs(3));
  filter.owner = "staff/zhao";
  EXPECT_THAT(List(filter), ::testing::IsEmpty());
}

}  // namespace
}  // namespace xxt::intake
