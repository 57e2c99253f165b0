#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "services/intake/testing.h"
#include "tests/contract/service_world.h"
#include "xixinting/intake/v1/benefit.pb.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/fact.pb.h"
#include "xixinting/intake/v1/life_event.pb.h"
#include "xixinting/intake/v1/policy.pb.h"
#include "xixinting/intake/v1/policy_consent.pb.h"
#include "xixinting/intake/v1/policy_hit.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The service has one catalogue: each test has its own benefit in it, and repeals what it published, so that the
// households of the others are not matched with it.
class PolicyTest : public IntakeTest {
 protected:
  static std::string District() { return test::Token("staff/qu", "", {"district"}); }
  void TearDown() override {
    for (const std::string& name : published_) {
      (void)Call<v1::Policy>("RepealPolicy", absl::StrCat("name: '", name, "' request_id: '$id'"), District());
    }
    Searched();
  }
  // Of a benefit for whoever takes care of somebody bedridden and is recognised as of low income.
  v1::Policy Published(const std::string& id) {
    Must<v1::Benefit>("PutBenefit",
                      absl::StrCat("name: 'benefits/", id, "' request_id: '$id' benefit: {title: '护理补贴' rules: {",
                                   "source: '京民发〔2026〕1号' valid_from: {year: 2010 month: 1 day: 1} ",
                                   "tests: {kind: KIND_CARER_OF_BEDRIDDEN finding: FINDING_HOLDS} ",
                                   "tests: {kind: KIND_RECOGNISED_LOW_INCOME finding: FINDING_HOLDS}}}"),
                      District());
    const v1::Policy made = Must<v1::Policy>("PublishPolicy", Publishing(id), District());
    published_.push_back(made.name());
    Searched();
    return made;
  }
  static std::string Publishing(const std::string& id) {
    return absl::StrCat("request_id: '$id' policy: {benefit: 'benefits/", id,
                        "' hall: 'halls/110102016' notice: '护理补贴提高了'}");
  }
  // Waits until no search and no look is left that is due.
  void Searched() {
    const std::string left = absl::StrCat(
        "SELECT count(*) FROM backbone.machine_task WHERE kind IN ('policy.search', 'policy.look') AND state <> "
        "'dead'");
    EXPECT_TRUE(contract::Eventually([&] { return Sql(left) == "0"; }));
  }
  // Has the machine do such a task once more, as after an answer that was lost.
  static void Again(absl::string_view kind, absl::string_view subject) {
    Sql(absl::StrCat("INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state) SELECT id, '",
                     kind, "', 'bulk', '", subject, "', id::text, '-infinity', 'retry' FROM (SELECT gen_random_uuid() ",
                     "AS id) AS made"));
  }
  std::string Reached(absl::string_view counterpart = "APPLICANT") {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat(
                   "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_",
                   counterpart, " direction: DIRECTION_OUTBOUND result: RESULT_REACHED summary: '同意留心'}"))
        .name();
  }
  std::string Consenting(absl::string_view contact, absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' policy_consent: {agreed_in: '", contact, "' ", more, "}");
  }
  v1::PolicyConsent Consented(absl::string_view more = "") {
    const auto made = Must<v1::PolicyConsent>("RecordPolicyConsent", Consenting(Reached(), more));
    Searched();
    return made;
  }
  void Know(absl::string_view kind, absl::string_view more = "") {
    Must<v1::Fact>("RecordFact", absl::StrCat("parent: '$case' request_id: '$id' fact: {kind: KIND_", kind,
                                              " finding: FINDING_HOLDS ",
                                              "source: '证明' as_of_date: {year: 2026 month: 1 day: 20} ", more, "}"));
  }
  v1::ListPolicyHitsResponse Hits() { return Must<v1::ListPolicyHitsResponse>("ListPolicyHits", "parent: '$case'"); }
  v1::PolicyHit TheHit() {
    const v1::ListPolicyHitsResponse hits = Hits();
    EXPECT_EQ(hits.policy_hits_size(), 1);
    return hits.policy_hits().empty() ? v1::PolicyHit() : hits.policy_hits(0);
  }
  v1::PolicyHit HitOf(const v1::Policy& policy) {
    const v1::ListPolicyHitsResponse hits = Hits();
    for (const v1::PolicyHit& hit : hits.policy_hits()) {
      if (hit.policy() == policy.name()) return hit;
    }
    ADD_FAILURE() << "no hit of " << policy.name();
    return {};
  }
  static std::string Of(absl::string_view name, absl::string_view more = "") {
    return absl::StrCat("name: '", name, "' request_id: '$id' ", more);
  }
  int Tellings() {
    const std::string of_case = absl::StrCat("WHERE kind = 'case.tell' AND subject = '", TheName(), "'");
    return std::stoi(Sql(absl::StrCat("SELECT (SELECT count(*) FROM backbone.task ", of_case,
                                      ") + (SELECT count(*) FROM backbone.task_settled ", of_case, ")")));
  }
  std::string TheName() { return Must<v1::Case>("GetCase", "name: '$case'").name(); }

 private:
  std::vector<std::string> published_;
};

TEST_F(PolicyTest, MatchesNobodyWhoHasNotConsented) {
  Know("CARER_OF_BEDRIDDEN");
  const v1::Policy policy = Published("p-consent");
  EXPECT_THAT(policy, Partially("state: STATE_CURRENT revision: 1 title: '护理补贴' author: 'staff/qu' rule: "
                                "{source: '京民发〔2026〕1号'}"));
  EXPECT_EQ(Hits().policy_hits_size(), 0);
  const v1::PolicyConsent consent = Consented();
  EXPECT_THAT(consent, Partially("state: STATE_GIVEN hall: 'halls/110102016' author: 'staff/wang'"));
  EXPECT_TRUE(consent.has_start_date());
  EXPECT_THAT(TheHit(), Partially(absl::StrCat("state: STATE_PROPOSED policy: '", policy.name(), "' consent: '",
                                               consent.name(), "' finding: {verdict: VERDICT_NEED_FACT}")));
}

TEST_F(PolicyTest, NeedsTheApplicantsWord) {
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting(Reached("BODY"))), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting("$case/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting(Reached(), "parties: '$case/parties/$id'")),
            "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting(Reached(), "start_date: {year: 2020 month: 1 day: 1}")),
            "FIELD_INVALID");
  Consented();
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting(Reached())), "STATE_FORBIDS") << "there is one already";
}

// True once somebody waits for the transaction that asks.
constexpr char kSomebodyWaits[] =
    "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)";

// Else it could be told of a policy that is repealed in the same moment.
TEST_F(PolicyTest, IsAcceptedOnlyWhenNobodyElseIsAtThePolicy) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  const v1::Policy policy = Published("p-at-it");
  const std::string accept = Of(TheHit().name());
  std::string waited;
  std::thread other([&] {
    waited =
        Sql(absl::StrCat("SELECT FROM intake.policies WHERE 'policies/' || id = '", policy.name(), "' FOR UPDATE; ",
                         "DO $$ BEGIN PERFORM pg_advisory_xact_lock(4711); FOR i IN 1..500 LOOP EXIT WHEN ",
                         kSomebodyWaits, "; PERFORM pg_sleep(0.01); END LOOP; END $$; SELECT ", kSomebodyWaits));
  });
  EXPECT_TRUE(contract::Eventually(
      [&] { return Sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711") != "0"; }));
  Must<v1::PolicyHit>("AcceptPolicyHit", accept);
  other.join();
  EXPECT_EQ(waited, "t");
}

TEST_F(PolicyTest, MakesOneHitForEachVersionHoweverOftenItLooks) {
  Know("CARER_OF_BEDRIDDEN");
  Know("RECOGNISED_LOW_INCOME");
  const v1::PolicyConsent consent = Consented();
  const v1::Policy first = Published("p-once");
  for (int i = 0; i < 5; ++i) {
    Again("policy.search", first.name());
    Again("policy.look", consent.name());
  }
  Searched();
  EXPECT_THAT(TheHit(), Partially("state: STATE_PROPOSED finding: {verdict: VERDICT_ELIGIBLE}"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("policy.judge")));
  const v1::Policy second = Published("p-once");
  EXPECT_THAT(second, Partially("revision: 2 state: STATE_CURRENT"));
  EXPECT_THAT(Must<v1::Policy>("GetPolicy", absl::StrCat("name: '", first.name(), "'")),
              Partially("state: STATE_REPLACED"));
  EXPECT_THAT(Hits(), Partially(absl::StrCat("policy_hits: {state: STATE_PROPOSED policy: '", second.name(),
                                             "'} policy_hits: {state: STATE_VOID policy: '", first.name(), "'}")));
  EXPECT_THAT(Must<v1::ListPoliciesResponse>("ListPolicies", "benefit: 'benefits/p-once'"),
              Partially("policies: {revision: 2} policies: {revision: 1}"));
}

TEST_F(PolicyTest, TellsThePersonOnceAndOnlyWhatSomebodyAccepted) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  Published("p-told");
  const v1::PolicyHit hit = TheHit();
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("policy.judge 一项政策可能适合这家")));
  EXPECT_TRUE(hit.has_next_action_time());
  const int before = Tellings();
  EXPECT_THAT(Must<v1::PolicyHit>("AcceptPolicyHit", Of(hit.name())),
              Partially("state: STATE_ACCEPTED decider: 'staff/wang'"));
  EXPECT_EQ(Tellings(), before + 1);
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
  EXPECT_EQ(ReasonFor("AcceptPolicyHit", Of(hit.name())), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("DismissPolicyHit", Of(hit.name(), "reason: '不对'")), "STATE_FORBIDS");
  EXPECT_EQ(Tellings(), before + 1);
}

TEST_F(PolicyTest, TellsNobodyWhatSomebodyDismissedAndNeverProposesItAgain) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  const v1::Policy policy = Published("p-dismissed");
  const int before = Tellings();
  EXPECT_THAT(Must<v1::PolicyHit>("DismissPolicyHit", Of(TheHit().name(), "reason: '家里请了护工'")),
              Partially("state: STATE_DISMISSED dismiss_reason: '家里请了护工' decider: 'staff/wang'"));
  Must<v1::Policy>("RepealPolicy", Of(policy.name()), District());
  Searched();
  EXPECT_THAT(TheHit(), Partially("state: STATE_DISMISSED")) << "what is decided stays";
  EXPECT_EQ(Tellings(), before);
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
}

TEST_F(PolicyTest, LeavesNoOpenHitFromTheWithdrawalOn) {
  Know("CARER_OF_BEDRIDDEN");
  const v1::PolicyConsent consent = Consented();
  Published("p-withdrawn");
  const v1::PolicyHit hit = TheHit();
  EXPECT_THAT(Must<v1::PolicyConsent>("WithdrawPolicyConsent", Of(consent.name())),
              Partially("state: STATE_WITHDRAWN"));
  EXPECT_THAT(TheHit(), Partially("state: STATE_VOID"));
  EXPECT_FALSE(TheHit().has_next_action_time());
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
  EXPECT_EQ(ReasonFor("AcceptPolicyHit", Of(hit.name())), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("WithdrawPolicyConsent", Of(consent.name())), "STATE_FORBIDS");
  Published("p-withdrawn-2");
  EXPECT_EQ(Hits().policy_hits_size(), 1);
  Consented();
  EXPECT_EQ(Hits().policy_hits_size(), 2);
  EXPECT_THAT(Must<v1::PolicyHit>("GetPolicyHit", absl::StrCat("name: '", hit.name(), "'")),
              Partially("state: STATE_PROPOSED"));
}

TEST_F(PolicyTest, LeavesNoOpenHitFromADeathOnUntilThatWasAMistake) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  Published("p-death");
  const auto death = Must<v1::LifeEvent>("RecordLifeEvent",
                                         "parent: '$case' request_id: '$id' life_event: {kind: KIND_DEATH party: "
                                         "'$party' occur_date: {year: 2026 month: 1 "
                                         "day: 20} source: '女儿来电'}");
  EXPECT_THAT(TheHit(), Partially("state: STATE_VOID"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("life_event.successor_sought")));
  EXPECT_EQ(ReasonFor("RecordPolicyConsent", Consenting(Reached())), "STATE_FORBIDS");
  Must<v1::LifeEvent>("UndoLifeEvent", Of(death.name(), "reason: '同名的另一个人'"));
  EXPECT_THAT(TheHit(), Partially("state: STATE_PROPOSED"));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("policy.judge")));
}

TEST_F(PolicyTest, ReadsFactsOnlyOfThoseInTheScopeOfTheConsent) {
  const auto with_son =
      Must<v1::Case>("AddParty",
                     "parent: '$case' request_id: '$id' party: {role: ROLE_KIN display_name: '儿子' phone_number: "
                     "'13800138041'}");
  const std::string son = with_son.parties(with_son.parties_size() - 1).name();
  Know("CARER_OF_BEDRIDDEN", absl::StrCat("party: '", son, "'"));
  const v1::PolicyConsent narrow = Consented();
  Published("p-scope");
  EXPECT_EQ(Hits().policy_hits_size(), 0);
  Must<v1::PolicyConsent>("WithdrawPolicyConsent", Of(narrow.name()));
  const v1::PolicyConsent wide = Consented(absl::StrCat("parties: '", son, "'"));
  EXPECT_THAT(TheHit(), Partially(absl::StrCat("party: '", son, "' state: STATE_PROPOSED")));
  Must<v1::PolicyConsent>("WithdrawPolicyConsent", Of(wide.name()));
  Consented();
  EXPECT_THAT(TheHit(), Partially("state: STATE_VOID"));
}

TEST_F(PolicyTest, OfWhatIsRepealedNothingCanBeAccepted) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  const v1::Policy policy = Published("p-repealed");
  const v1::PolicyHit hit = TheHit();
  EXPECT_THAT(Must<v1::Policy>("RepealPolicy", Of(policy.name()), District()), Partially("state: STATE_REPEALED"));
  EXPECT_EQ(ReasonFor("AcceptPolicyHit", Of(hit.name())), "STATE_FORBIDS");
  Searched();
  EXPECT_THAT(TheHit(), Partially("state: STATE_VOID"));
  EXPECT_EQ(ReasonFor("RepealPolicy", Of(policy.name()), District()), "STATE_FORBIDS");
}

TEST_F(PolicyTest, PublishesOnlyARuleThatHoldsToday) {
  Must<v1::Benefit>(
      "PutBenefit",
      "name: 'benefits/p-old' request_id: '$id' benefit: {title: '旧补贴' rules: {source: '旧规' valid_from: "
      "{year: 2010 month: 1 day: 1} valid_to: {year: 2012 month: 1 day: 1} tests: {kind: KIND_EMPLOYED "
      "finding: FINDING_HOLDS}}}",
      District());
  EXPECT_EQ(ReasonFor("PublishPolicy", Publishing("p-old"), District()), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("PublishPolicy", Publishing("p-none"), District()), "RESOURCE_NOT_FOUND");
}

TEST_F(PolicyTest, GoesThroughAllWhoConsentPageByPage) {
  constexpr int kMany = 120;  // more than two pages
  std::string cases;
  for (int i = 0; i < kMany; ++i) {
    const auto made = Must<v1::Case>("CreateCase",
                                     "request_id: '$id' case: {title: '照料老人' hall: 'halls/110102016' service_item: "
                                     "'照料' parties: {role: ROLE_APPLICANT display_name: '陈树生' phone_number: "
                                     "'13800138040'}}");
    absl::StrAppend(&cases, cases.empty() ? "'" : ", '", made.name().substr(made.name().rfind('/') + 1), "'");
    const auto said = Must<v1::Contact>(
        "LogContact", absl::StrCat("parent: '", made.name(), "' request_id: '$id' contact: {channel: CHANNEL_PHONE ",
                                   "counterpart: COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND result: ",
                                   "RESULT_REACHED summary: '同意'}"));
    Must<v1::Fact>("RecordFact", absl::StrCat("parent: '", made.name(), "' request_id: '$id' fact: {kind: ",
                                              "KIND_CARER_OF_BEDRIDDEN finding: FINDING_HOLDS source: '证明' ",
                                              "as_of_date: {year: 2026 month: 1 day: 20}}"));
    Must<v1::PolicyConsent>("RecordPolicyConsent", absl::StrCat("parent: '", made.name(), "' request_id: '$id' ",
                                                                "policy_consent: {agreed_in: '", said.name(), "'}"));
  }
  const v1::Policy policy = Published("p-pages");
  // Those of other tests may be among them.
  EXPECT_EQ(
      Sql(absl::StrCat("SELECT count(*) || ' ' || count(DISTINCT case_id) FROM intake.policy_hits WHERE policy = '",
                       policy.name(), "' AND case_id IN (", cases, ")")),
      absl::StrCat(kMany, " ", kMany));
}

// Last: the clock goes beyond the rota.
TEST_F(PolicyTest, GoesToEverybodyInTheHallWhenNobodyJudgesInTime) {
  Know("CARER_OF_BEDRIDDEN");
  Consented();
  Published("p-silent");
  const v1::PolicyHit hit = TheHit();
  const auto assignee = [&] {
    return Sql(absl::StrCat("SELECT kind || ' ' || coalesce(assignee, '') FROM backbone.desk_task WHERE subject = '",
                            hit.name(), "'"));
  };
  EXPECT_EQ(assignee(), "policy.judge staff/wang");
  const absl::Duration wait = absl::FromUnixSeconds(hit.next_action_time().seconds()) - now();
  EXPECT_GE(
      calendar::WorkingDays::China().WorkdaysBetween(calendar::ToCivilDay(now()), calendar::ToCivilDay(now() + wait)),
      6)
      << "as the configuration of the tests says";
  Advance(wait + absl::Seconds(1));
  EXPECT_EQ(assignee(), "policy.judge ");
  const v1::PolicyHit later = TheHit();
  EXPECT_GT(later.next_action_time().seconds(), absl::ToUnixSeconds(now()));
  Advance(absl::FromUnixSeconds(later.next_action_time().seconds()) - now() + absl::Seconds(1));
  EXPECT_GT(TheHit().next_action_time().seconds(), absl::ToUnixSeconds(now())) << "again and again";
  EXPECT_THAT(TheHit(), Partially("state: STATE_PROPOSED"));
}

}  // namespace
}  // namespace xxt::intake
