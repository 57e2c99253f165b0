#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identifiers/uuid.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "tests/contract/fake_intake.h"
#include "tests/contract/locked_table.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/search.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Each test seeks a paper of its own, that nobody else's bodies keep.
class SearchTest : public ReferralTest {
 protected:
  // A body that keeps the test's paper, and is rung; its name.
  std::string Body(const std::string& id) {
    const std::string name = absl::StrCat("bodies/", Own(id));
    Must<v1::Body>("PutBody",
                   absl::StrCat("name: '", name, "' request_id: '$id' body { title: '", id,
                                "' kind: KIND_HR_CENTRE documents_held: '", paper_,
                                "' units { id: 'office' title: '办公室' contact_points { channel: CHANNEL_PHONE "
                                "address: '010-6000 7000' } } }"),
                   District());
    return name;
  }
  std::string Own(const std::string& id) const { return absl::StrCat(paper_, "-", id); }
  v1::Search Create(const std::string& more = "") { return Must<v1::Search>("CreateSearch", Request(NewCase(), more)); }
  // One that the intake service says is open.
  static std::string NewCase() { return absl::StrCat("cases/", identifiers::NewUuid(absl::Now())); }
  std::string Request(const std::string& about, const std::string& more) const {
    return absl::StrCat("request_id: '$id' search { case_name: '", about, "' hall: 'halls/110102016' document: '",
                        paper_, "' ask: ASK_LOCATE question: '请协助查找这份材料。' lawful_basis { kind: KIND_CONSENT ",
                        "purpose: '补办' recorded_in: '", about, "/contacts/$id' } ", more, " }");
  }
  static std::string Named(const std::string& name) { return absl::StrCat("name: '", name, "'"); }
  static std::string Of(const v1::Search& search, const std::string& body, const std::string& more) {
    return absl::StrCat(Named(search.name()), " body: '", body, "' request_id: '$id' ", more);
  }
  static std::string Replying(const v1::Search& search, const std::string& body, const std::string& kind) {
    return Of(search, body, absl::StrCat("reply { kind: ", kind, " channel: CHANNEL_PHONE reason: '查过了' }"));
  }
  v1::Search Reply(const v1::Search& search, const std::string& body, const std::string& kind) {
    return Must<v1::Search>("RecordCandidateReply", Replying(search, body, kind));
  }
  void Merge(const std::string& one, const std::string& into) {
    Must<v1::Body>("MergeBody", absl::StrCat(Named(one), " into: '", into, "' request_id: '$id'"), District());
  }
  v1::Search TakeBack(const v1::Search& search, const std::string& body) {
    return Must<v1::Search>("TakeBackHeld", Of(search, body, "reason: '看错了'"));
  }
  // Once what runs by itself has made it so.
  v1::Search Eventually(const v1::Search& search, v1::Search::State state) {
    v1::Search found;
    for (const absl::Time until = absl::Now() + absl::Seconds(20); absl::Now() < until;
         absl::SleepFor(absl::Milliseconds(20))) {
      found = Must<v1::Search>("GetSearch", Named(search.name()));
      if (found.state() == state) return found;
    }
    ADD_FAILURE() << found.DebugString();
    return found;
  }
  v1::Referral ReferralOf(const v1::Search& search, int candidate) {
    return Must<v1::Referral>("GetReferral", Named(*search.candidates(candidate).referrals().rbegin()));
  }
  // Open tasks of people about it.
  static std::string TasksOf(const v1::Search& search) {
    return Sql(absl::StrCat("SELECT coalesce(string_agg(kind, ' '), '') FROM backbone.task WHERE subject = '",
                            search.name(), "' AND shelf = 'desk_task'"));
  }
  static std::vector<std::string> StatesOf(const v1::Search& search) {
    std::vector<std::string> states;
    for (const v1::Candidate& one : search.candidates()) {
      states.push_back(v1::Candidate::State_Name(one.state()).substr(std::string("STATE_").size()));
    }
    return states;
  }

  const std::string paper_ = absl::StrCat("s", ::testing::UnitTest::GetInstance()->current_test_info()->line());
};

TEST_F(SearchTest, AsksOneAfterTheOtherInTheSameCallUntilOneHasIt) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search begun = Create();
  EXPECT_THAT(StatesOf(begun), ElementsAre("ASKED", "WAITING"));
  EXPECT_EQ(begun.candidates(0).grounds(), "名录登记保存该材料");
  EXPECT_THAT(ReferralOf(begun, 0),
              Partially(absl::StrCat("body: '", a, "' search: '", begun.name(), "' paper_title: '", paper_,
                                     "' owner: 'staff/wang' question: '请协助查找这份材料。' state: STATE_QUEUED")));
  const v1::Search moved = Reply(begun, a, "KIND_NOT_HELD");
  EXPECT_THAT(StatesOf(moved), ElementsAre("NOT_HELD", "ASKED"));
  const v1::Search found = Reply(moved, b, "KIND_ANSWERED");
  EXPECT_THAT(found, Partially(absl::StrCat("state: STATE_FOUND holder: '", b, "'")));
  EXPECT_EQ(TasksOf(found), "");
}

TEST_F(SearchTest, StopsTheOthersPolitelyWhenTheFirstHasIt) {
  const std::string a = Body("a");
  Body("b");
  Body("c");
  const v1::Search begun = Create("parallel: 2");
  EXPECT_THAT(StatesOf(begun), ElementsAre("ASKED", "ASKED", "WAITING"));
  const v1::Search found = Reply(begun, a, "KIND_ANSWERED");
  EXPECT_THAT(StatesOf(found), ElementsAre("HELD", "STOPPED", "WAITING"));
  EXPECT_THAT(ReferralOf(found, 1),
              Partially("state: STATE_CANCELLED state_reason: '已在其他单位找到，谢谢，不必再查'"));
}

TEST_F(SearchTest, GoesOnByItselfWhateverEndsAReferral) {
  Body("a");
  const std::string b = Body("b");
  const v1::Search begun = Create();
  Must<v1::Referral>("RecordReply",
                     absl::StrCat(Named(ReferralOf(begun, 0).name()),
                                  " request_id: '$id' reply { kind: KIND_DECLINED channel: CHANNEL_PHONE "
                                  "reason: '不办' }"));
  for (const absl::Time until = absl::Now() + absl::Seconds(20);
       Must<v1::Search>("GetSearch", Named(begun.name())).candidates(1).state() == v1::Candidate::STATE_WAITING;
       absl::SleepFor(absl::Milliseconds(20))) {
    ASSERT_LT(absl::Now(), until) << "the next is not asked";
  }
  EXPECT_THAT(StatesOf(Reply(begun, b, "KIND_NOT_HELD")), ElementsAre("NO_HELP", "NOT_HELD"));
}

TEST_F(SearchTest, GoesBackToTheWindowWithItsTrailAndOnWithWhoIsAdded) {
  const std::string a = Body("a");
  const v1::Search empty = Reply(Create(), a, "KIND_NOT_HELD");
  EXPECT_EQ(empty.state(), v1::Search::STATE_WITH_WINDOW);
  EXPECT_THAT(empty.candidates(0).referrals(), SizeIs(1));
  EXPECT_EQ(TasksOf(empty), "referral.search_returned");
  const std::string b = Body("b");
  const std::string adding = absl::StrCat(Named(empty.name()), " request_id: '$id' bodies: ");
  EXPECT_EQ(ReasonFor("ArrangeCandidates", absl::StrCat(adding, "'", a, "'")), "FIELD_INVALID") << "it has answered";
  EXPECT_EQ(ReasonFor("ArrangeCandidates", absl::StrCat(adding, "['", b, "', '", b, "']")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("ArrangeCandidates", adding + "'bodies/nowhere'"), "RESOURCE_NOT_FOUND");
  const auto resumed = Must<v1::Search>("ArrangeCandidates", absl::StrCat(adding, "'", b, "'"));
  EXPECT_EQ(resumed.state(), v1::Search::STATE_RUNNING);
  EXPECT_THAT(StatesOf(resumed), ElementsAre("NOT_HELD", "ASKED"));
  EXPECT_EQ(TasksOf(resumed), "");
}

TEST_F(SearchTest, IsArrangedByHand) {
  Body("a");
  const std::string b = Body("b");
  const std::string c = Body("c");
  const v1::Search begun = Create();
  const auto arranged =
      Must<v1::Search>("ArrangeCandidates", absl::StrCat(Named(begun.name()), " request_id: '$id' bodies: '", c, "'"));
  EXPECT_THAT(arranged.candidates(1).body(), HasSubstr("-c"));
  const auto left = Must<v1::Search>("ExcludeCandidate", Of(begun, c, "reason: '已撤销'"));
  EXPECT_THAT(StatesOf(left), ElementsAre("ASKED", "EXCLUDED", "WAITING"));
  const auto stopped =
      Must<v1::Search>("ExcludeCandidate", Of(begun, begun.candidates(0).body(), "reason: '家属已问过'"));
  EXPECT_THAT(StatesOf(stopped), ElementsAre("EXCLUDED", "EXCLUDED", "ASKED"));
  EXPECT_EQ(stopped.candidates(2).body(), b);
  EXPECT_EQ(ReferralOf(stopped, 0).state(), v1::Referral::STATE_CANCELLED);
  EXPECT_EQ(ReasonFor("ExcludeCandidate", Of(begun, c, "reason: '再撤'")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("ExcludeCandidate", Of(begun, "bodies/babaoshan", "reason: '无'")), "RESOURCE_NOT_FOUND");
}

TEST_F(SearchTest, GoesOnWhenABodyTakesBackThatItHasIt) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search found = Reply(Create("parallel: 2"), a, "KIND_ANSWERED");
  EXPECT_THAT(StatesOf(found), ElementsAre("HELD", "STOPPED"));
  EXPECT_EQ(ReasonFor("TakeBackHeld", Of(found, b, "reason: '无'")), "STATE_FORBIDS");
  const v1::Search again = TakeBack(found, a);
  EXPECT_EQ(again.state(), v1::Search::STATE_RUNNING);
  EXPECT_EQ(again.holder(), "");
  EXPECT_THAT(StatesOf(again), ElementsAre("NOT_HELD", "ASKED"));
  EXPECT_THAT(again.candidates(1).referrals(), SizeIs(2)) << "the trail keeps both";
  EXPECT_EQ(Must<v1::Body>("GetBody", Named(a)).learned(0).held_count(), 0) << "nor was it there";
}

TEST_F(SearchTest, TellsTheCaseThatAnAnswerWasTakenBack) {
  const std::string a = Body("a");
  const v1::Search found = Reply(Create(), a, "KIND_ANSWERED");
  const std::string referral = *found.candidates(0).referrals().rbegin();
  TakeBack(found, a);
  const auto report = Intake().Await(referral, contract::FakeIntake::ReferralReport::KIND_TAKEN_BACK);
  EXPECT_GT(report.version(), Intake().Await(referral, contract::FakeIntake::ReferralReport::KIND_ANSWERED).version());
}

TEST_F(SearchTest, AsksAPersonWhenTwoSayThatTheyHaveIt) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search begun = Create("parallel: 2");
  {
    // While nothing moves the search: both have said so before it looks.
    const contract::LockedTable searches(database(), "referral.searches");
    for (int i = 0; i < 2; ++i) {
      Must<v1::Referral>("RecordReply",
                         absl::StrCat(Named(*begun.candidates(i).referrals().rbegin()),
                                      " request_id: '$id' reply { kind: KIND_ANSWERED channel: CHANNEL_PHONE }"));
    }
  }
  const v1::Search found = Eventually(begun, v1::Search::STATE_FOUND);
  EXPECT_THAT(StatesOf(found), ElementsAre("HELD", "HELD"));
  EXPECT_EQ(found.holder(), a);
  EXPECT_EQ(TasksOf(found), "referral.search_two_hold");
  EXPECT_THAT(TakeBack(found, a), Partially(absl::StrCat("state: STATE_FOUND holder: '", b, "'")));
  EXPECT_EQ(TasksOf(found), "");
  EXPECT_EQ(TakeBack(found, b).state(), v1::Search::STATE_WITH_WINDOW) << "nobody has it after all";
  EXPECT_EQ(TasksOf(found), "referral.search_returned");
}

TEST_F(SearchTest, AsksTheBodyThatACandidateTurnedOutToBe) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const std::string c = Body("c");
  const v1::Search begun = Create();
  Merge(b, c);
  const v1::Search moved = Reply(begun, a, "KIND_NOT_HELD");
  EXPECT_THAT(StatesOf(moved), ElementsAre("NOT_HELD", "EXCLUDED", "ASKED"));
  EXPECT_THAT(moved.candidates(1).grounds(), HasSubstr("已并入另一个候选单位"));
  const v1::Search another = Create();
  EXPECT_THAT(another.candidates(), SizeIs(2)) << "who was merged is not thought of";
}

TEST_F(SearchTest, AsksWhomACandidateWasMergedIntoThoughNobodyThoughtOfThem) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search begun = Create();
  const std::string d = Body("d");
  Merge(b, d);
  const v1::Search moved = Reply(begun, a, "KIND_NOT_HELD");
  EXPECT_THAT(StatesOf(moved), ElementsAre("NOT_HELD", "ASKED"));
  EXPECT_EQ(moved.candidates(1).body(), d);
  EXPECT_EQ(ReferralOf(moved, 1).body(), d);
}

// Two entries of the directory were of one body: it is not asked once more for that.
TEST_F(SearchTest, AsksNobodyTwiceWhoTurnsOutToBeAskedAsAnother) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const std::string c = Body("c");
  const v1::Search begun = Create("parallel: 2");
  EXPECT_THAT(StatesOf(begun), ElementsAre("ASKED", "ASKED", "WAITING"));
  Merge(a, c);
  const v1::Search moved = Reply(begun, b, "KIND_NOT_HELD");
  EXPECT_THAT(StatesOf(moved), ElementsAre("ASKED", "NOT_HELD", "EXCLUDED"));
  EXPECT_THAT(moved.candidates(2).grounds(), HasSubstr("并入它的单位已经问过"));
  EXPECT_EQ(moved.state(), v1::Search::STATE_RUNNING);
  EXPECT_EQ(Reply(moved, a, "KIND_NOT_HELD").state(), v1::Search::STATE_WITH_WINDOW) << "it answers as it was asked";
  EXPECT_EQ(ReasonFor("ArrangeCandidates", absl::StrCat(Named(begun.name()), " request_id: '$id' bodies: '", c, "'")),
            "FIELD_INVALID");
}

TEST_F(SearchTest, AsksAnewUnderItsNewNameWhoWasOfNoHelpUnderTheOld) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search begun = Create();
  Merge(a, b);
  EXPECT_THAT(StatesOf(Reply(begun, a, "KIND_DECLINED")), ElementsAre("NO_HELP", "ASKED"));
}

TEST_F(SearchTest, RanksWhoHadItBeforeAndWhomSomebodyThinksOf) {
  const std::string a = Body("a");
  const std::string b = Body("b");
  const v1::Search first = Reply(Reply(Create(), a, "KIND_NOT_HELD"), b, "KIND_ANSWERED");
  EXPECT_EQ(first.state(), v1::Search::STATE_FOUND);
  const v1::Search second = Create();
  EXPECT_EQ(second.candidates(0).body(), b);
  EXPECT_THAT(second.candidates(0).grounds(), HasSubstr("问过1次，1次在该处"));
  EXPECT_EQ(Create(absl::StrCat("hints: 'bodies/babaoshan' hints: '", a, "'")).candidates_size(), 3);
  const auto known = Must<v1::Body>("GetBody", Named(b));
  EXPECT_THAT(known, Partially(absl::StrCat("learned { document: '", paper_, "' asked_count: 1 held_count: 1 }")));
}

TEST_F(SearchTest, ReturnsAtOnceIfNobodyIsThoughtOf) {
  const v1::Search search = Create();
  EXPECT_EQ(search.state(), v1::Search::STATE_WITH_WINDOW);
  EXPECT_THAT(search.candidates(), IsEmpty());
  EXPECT_EQ(TasksOf(search), "referral.search_returned");
}

TEST_F(SearchTest, EndsByAnOfficerAloneAndTellsWhoIsAsked) {
  Body("a");
  const v1::Search begun = Create();
  const auto ended =
      Must<v1::Search>("CancelSearch", absl::StrCat(Named(begun.name()), " request_id: '$id' reason: '家属找到了'"));
  EXPECT_THAT(ended, Partially("state: STATE_CANCELLED cancel_reason: '家属找到了'"));
  EXPECT_EQ(ReferralOf(ended, 0).state(), v1::Referral::STATE_CANCELLED);
  for (const char* verb : {"CancelSearch", "ArrangeCandidates"}) {
    const std::string more = verb == std::string("CancelSearch") ? " reason: '再结束'" : " bodies: 'bodies/babaoshan'";
    EXPECT_EQ(ReasonFor(verb, absl::StrCat(Named(begun.name()), " request_id: '$id'", more)), "STATE_FORBIDS");
  }
}

TEST_F(SearchTest, IsRefusedAsAReferralIsAndNamesItsOwnFields) {
  const std::string about = NewCase();
  const std::string naked =
      Call<v1::Search>("CreateSearch", Request(about, "disclosed { kind: DATA_KIND_SUBJECT_NAME value: '周志明' }"))
          .status()
          .ToString();
  EXPECT_THAT(naked, HasSubstr("search.disclosed[0].kind"));
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "hints: 'bodies/nowhere'")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "parallel: 6")), "FIELD_INVALID");
  const v1::Search begun = Create();
  EXPECT_EQ(ReasonFor("GetSearch", Named(begun.name()), Stranger()), "OTHER_HALL");
  EXPECT_EQ(ReasonFor("RecordCandidateReply", Replying(begun, "bodies/babaoshan", "KIND_NOT_HELD")),
            "RESOURCE_NOT_FOUND");
}

TEST_F(SearchTest, IsListedOfItsCaseWithoutWhatMayTellOfPeople) {
  const v1::Search begun = Create();
  const auto listed =
      Must<v1::ListSearchesResponse>("ListSearches", absl::StrCat("case_name: '", begun.case_name(), "'"));
  ASSERT_THAT(listed.searches(), SizeIs(1));
  EXPECT_EQ(listed.searches(0).name(), begun.name());
  EXPECT_EQ(listed.searches(0).question(), "");
}

TEST_F(SearchTest, LearnsNothingFromAReferralThatSeeksNoPaper) {
  Must<v1::Referral>("RecordReply",
                     absl::StrCat("name: '", NewReferral(),
                                  "' request_id: '$id' reply { kind: KIND_ANSWERED channel: CHANNEL_PHONE }"));
  EXPECT_EQ(Sql("SELECT count(*) FROM referral.learned WHERE document = ''"), "0");
}

// The legal ladder is the case's: here only what it has come to.
TEST_F(SearchTest, OfAPaperThatIsNeededIsAllowedByTheCaseFirst) {
  using ::xixinting::intake::v1::Paper;
  Body("a");
  const std::string about = NewCase();
  Paper paper;
  paper.set_name(absl::StrCat(about, "/papers/", identifiers::NewUuid(absl::Now())));
  paper.set_title(absl::StrCat(" ", paper_));
  paper.set_state(Paper::STATE_NEEDED);
  Say(paper);
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "")), "STATE_FORBIDS");
  paper.set_state(Paper::STATE_NOT_NEEDED);
  Say(paper);
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "")), "STATE_FORBIDS");
  paper.set_state(Paper::STATE_NEEDED);
  paper.mutable_search_allowance()->set_reason("期限将到");
  Say(paper);
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "")), "OK");
  paper.clear_search_allowance();
  paper.set_title("别的材料");
  Say(paper);
  EXPECT_EQ(ReasonFor("CreateSearch", Request(about, "")), "OK");
}

}  // namespace
}  // namespace xxt::referral
