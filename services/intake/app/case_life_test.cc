// Random lives of a case on a real PostgreSQL, beside a model small enough to be believed: what may happen happens,
// what may not is refused and leaves no trace, and no open case is ever without its next action.
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/tasks/desk.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "gtest/gtest.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/closing.h"
#include "services/intake/app/create_case.h"
#include "services/intake/app/next_action.h"
#include "services/intake/app/reports.h"
#include "services/intake/contact/contact.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {
namespace {

constexpr pg::Statement kCountEvents{"test.count_events", "SELECT count(*) FROM backbone.event WHERE subject = $1"};
constexpr char kHall[] = "halls/110102016";
const char* const kOfficers[] = {"staff/wang", "staff/li"};  // the first owns the case

struct Life {
  CaseState state = CaseState::kInProgress;
  std::vector<bool> contacts;  // whether the person was reached
  bool confirmed = false;
  bool sheet = false;
  std::map<int, ReferralStatus::State> referrals;
  Resolution resolution = Resolution::kResolved;  // of the closure proposed
  int proposer = 0;
  int changes = 1;

  bool Reached(int contact) const {
    return contact < static_cast<int>(contacts.size()) && contacts[static_cast<std::size_t>(contact)];
  }
  bool Has(ReferralStatus::State wanted) const {
    for (const auto& [referral, status] : referrals) {
      if (status == wanted) return true;
    }
    return false;
  }
  // What followed on a referral in vain: another that was answered, or is open; or the person's word that all is done.
  bool Followed() const {
    return confirmed || !Has(ReferralStatus::State::kEnded) || Has(ReferralStatus::State::kAnswered);
  }
  bool MayEndAs(Resolution wanted) const {
    if (Has(ReferralStatus::State::kOpen)) return false;
    if (wanted == Resolution::kWithdrawn || wanted == Resolution::kNotPossible) return true;
    if (wanted == Resolution::kResolved && !confirmed) return false;
    if (wanted == Resolution::kGuided && !sheet) return false;
    return Followed();
  }
};

// One case in a database that all lives share.
class Window {
 public:
  explicit Window(test::Database& database) : database_(database) {
    Case input;
    input.title = "丧葬费申领";
    input.hall = kHall;
    input.service_item = "丧葬费申领";
    input.parties.emplace_back();
    Serials serials(database.pool());
    hall::DutyCache duties;
    RC_ASSERT(Change(Officer(0), [&](Tx& tx) -> absl::Status {
      absl::StatusOr<Case> created =
          CreateCase(tx.session, tx.caller, input, {serials, duties, policy_, test::TestKeys()}, tx.now);
      if (created.ok()) name_ = created->name();
      return created.status();
    }));
  }

  static identity::Caller Officer(int who) {
    return {kOfficers[who], kHall, {"officer"}, identity::HallScope::One(kHall)};
  }
  template <typename Body>
  bool Change(const identity::Caller& caller, Body body) {
    now_ += absl::Minutes(7);
    const SteadyTime deadline = SteadyTime::Now() + absl::Seconds(30);
    const Circumstances of{.caller = caller, .now = now_, .deadline = deadline, .keys = test::TestKeys()};
    const absl::Status status = InTx(database_.pool(), of, body);
    const bool refused = absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) ||
                         absl::IsNotFound(status) || absl::IsPermissionDenied(status);
    if (!status.ok() && !refused) RC_FAIL(status.ToString());
    return status.ok();
  }
  const std::string& name() const { return name_; }
  const Policy& policy() const { return policy_; }
  std::string ContactName(int contact) const {
    return contact < static_cast<int>(contacts.size()) ? contacts[static_cast<std::size_t>(contact)]
                                                       : name_ + "/contacts/018f0000-0000-7000-8000-000000000000";
  }
  void Judge(const Life& life);

  std::vector<std::string> contacts;
  // Reviews that ended in each state, over all lives: a test that never gets there proves nothing.
  static inline std::map<CaseState, int> reviewed;

 private:
  test::Database& database_;
  const Policy policy_;
  std::string name_;
  absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
};

// What must hold after every step, read from the store.
void Window::Judge(const Life& life) {
  Case found;
  std::map<std::string, int> open_tasks;
  std::int64_t events = 0;
  RC_ASSERT(Change(Officer(0), [&](Tx& tx) -> absl::Status {
    absl::StatusOr<Case> loaded = case_store::Load(tx.session, name_.substr(6));
    if (!loaded.ok()) return loaded.status();
    found = *std::move(loaded);
    tasks::TaskFilter filter;
    filter.halls = identity::HallScope::All();
    filter.subject = name_;
    filter.include_future = true;
    filter.now = tx.now;
    const absl::StatusOr<std::vector<tasks::ListedTask>> listed = tasks::ListTasks(tx.session, filter);
    if (!listed.ok()) return listed.status();
    open_tasks.clear();
    for (const tasks::ListedTask& one : *listed) ++open_tasks[one.task.kind];
    const absl::StatusOr<pg::Result> counted = tx.session.Run(kCountEvents, name_);
    if (counted.ok()) events = (*counted)[0].Int(0);
    return counted.status();
  }));
  RC_ASSERT(found.state == life.state);
  RC_ASSERT(found.version == life.changes);
  RC_ASSERT(found.next_action.has_value() == (life.state != CaseState::kClosed));
  RC_ASSERT(open_tasks[kActKind] == (life.state == CaseState::kClosed ? 0 : 1));
  RC_ASSERT(open_tasks[kReviewClosureKind] == (life.state == CaseState::kClosureProposed ? 1 : 0));
  RC_ASSERT(found.effort.calls == static_cast<int>(life.contacts.size()));
  RC_ASSERT(events == life.changes);
}

// A step: what the model expects of it, and the same done for real.
struct Step : rc::state::Command<Life, Window> {
  int who = *rc::gen::inRange(0, 2);
  int contact = *rc::gen::inRange(0, 4);

  virtual bool Allowed(const Life& life) const = 0;
  virtual void Follow(Life& life) const = 0;
  virtual absl::Status Do(Tx& tx, Window& window) const = 0;
  virtual identity::Caller Caller() const { return Window::Officer(who); }
  virtual const char* name() const = 0;

  void apply(Life& life) const override {
    if (!Allowed(life)) return;
    Follow(life);
    ++life.changes;
  }
  void run(const Life& life, Window& window) const override {
    const bool done = window.Change(Caller(), [&](Tx& tx) { return Do(tx, window); });
    RC_ASSERT(done == Allowed(life));
    window.Judge(nextState(life));
  }
  void show(std::ostream& out) const override {
    out << name() << " by " << kOfficers[who] << " with contact " << contact;
  }
};

struct Call : Step {
  bool reached = *rc::gen::inRange(0, 4) > 0;
  mutable std::string made;
  const char* name() const override { return reached ? "call, reached" : "call, not reached"; }
  bool Allowed(const Life&) const override { return true; }
  void Follow(Life& life) const override { life.contacts.push_back(reached); }
  absl::Status Do(Tx& tx, Window& window) const override {
    using contact::v1::Contact;
    contact::v1::LogContactRequest request;
    request.set_parent(window.name());
    request.mutable_contact()->set_channel(::xixinting::common::v1::CHANNEL_PHONE);
    request.mutable_contact()->set_counterpart(Contact::COUNTERPART_APPLICANT);
    request.mutable_contact()->set_summary("电话");
    request.mutable_contact()->set_result(reached ? Contact::RESULT_REACHED : Contact::RESULT_NOT_REACHED);
    Contact logged;
    const absl::Status status = contact::Log(tx, request, logged);
    if (status.ok()) made = logged.name();
    return status;
  }
  void run(const Life& life, Window& window) const override {
    Step::run(life, window);
    window.contacts.push_back(made);
  }
};

struct Confirm : Step {
  const char* name() const override { return "confirm the outcome"; }
  bool Allowed(const Life& life) const override { return life.state != CaseState::kClosed && life.Reached(contact); }
  void Follow(Life& life) const override { life.confirmed = true; }
  absl::Status Do(Tx& tx, Window& window) const override {
    const Outcome outcome{"已领到", window.ContactName(contact), {}};
    return ConfirmOutcome(tx, window.name(), "", outcome).status();
  }
};

struct Propose : Step {
  Resolution resolution = static_cast<Resolution>(*rc::gen::inRange(0, 5));
  bool with_way = *rc::gen::arbitrary<bool>();  // what a "no" needs
  const char* name() const override { return "propose to close"; }
  bool Allowed(const Life& life) const override {
    return life.state == CaseState::kInProgress && life.Reached(contact) && life.MayEndAs(resolution) &&
           (with_way || resolution != Resolution::kNotPossible);
  }
  void Follow(Life& life) const override {
    life.state = CaseState::kClosureProposed;
    life.resolution = resolution;
    life.proposer = who;
  }
  absl::Status Do(Tx& tx, Window& window) const override {
    Closure closure{resolution, "已说明", window.ContactName(contact), "依据", {}, "区信访办", "民政局"};
    if (with_way) closure.alternatives.push_back({"查档", "无记录"});
    return ProposeCaseClosure(tx, window.name(), "", closure, window.policy()).status();
  }
};

struct ReviewIt : Step {
  bool approve = *rc::gen::arbitrary<bool>();
  bool comment = *rc::gen::arbitrary<bool>();
  const char* name() const override { return approve ? "approve" : "return"; }
  bool Allowed(const Life& life) const override {
    const bool second = who != life.proposer && (life.resolution != Resolution::kNotPossible || who != 0);
    return life.state == CaseState::kClosureProposed && second && (approve ? life.MayEndAs(life.resolution) : comment);
  }
  void Follow(Life& life) const override { life.state = approve ? CaseState::kClosed : CaseState::kInProgress; }
  absl::Status Do(Tx& tx, Window& window) const override {
    const Review review{approve, comment ? "再问问原单位" : ""};
    const absl::StatusOr<Case> reviewed = ReviewCaseClosure(tx, window.name(), "", review);
    if (reviewed.ok()) ++Window::reviewed[reviewed->state];
    return reviewed.status();
  }
};

struct SayNext : Step {
  int hours = *rc::gen::inRange(-2, 200);
  const char* name() const override { return "say the next action"; }
  bool Allowed(const Life& life) const override { return life.state != CaseState::kClosed && hours > 0; }
  void Follow(Life&) const override {}
  absl::Status Do(Tx& tx, Window& window) const override {
    const NextAction next{hours % 2 == 0 ? "去电原单位" : "上门", tx.now + absl::Hours(hours)};
    return SayNextAction(tx.session, tx.caller, window.name(), "", next, Policy(), tx.now).status();
  }
};

struct Report : Step {
  int referral = *rc::gen::inRange(0, 2);
  // Referrals that stay open would keep every case open.
  ReferralReport::Kind kind = *rc::gen::elementOf(
      std::vector{ReferralReport::Kind::kOpened, ReferralReport::Kind::kAnswered, ReferralReport::Kind::kAnswered,
                  ReferralReport::Kind::kEnded, ReferralReport::Kind::kEnded, ReferralReport::Kind::kRouteSheet});
  const char* name() const override { return "report of a referral"; }
  // Nothing opens in a closed case.
  bool Allowed(const Life& life) const override {
    const bool over = kind == ReferralReport::Kind::kAnswered || kind == ReferralReport::Kind::kEnded;
    return over || life.state != CaseState::kClosed || life.referrals.count(referral) > 0;
  }
  void Follow(Life& life) const override {
    ReferralStatus::State& status = life.referrals[referral];  // new ones are open
    if (kind == ReferralReport::Kind::kRouteSheet) life.sheet = true;
    if (status != ReferralStatus::State::kOpen) return;
    if (kind == ReferralReport::Kind::kAnswered) status = ReferralStatus::State::kAnswered;
    if (kind == ReferralReport::Kind::kEnded) status = ReferralStatus::State::kEnded;
  }
  identity::Caller Caller() const override {
    return {"services/referral", "", {"service"}, identity::HallScope::All()};
  }
  absl::Status Do(Tx& tx, Window& window) const override {
    ReferralReport report;
    report.referral = absl::StrCat("referrals/018f0000-0000-7000-8000-00000000000", referral);
    report.kind = kind;
    report.summary = "火葬场来消息";
    return ReportReferral(tx.session, tx.caller, window.name(), report, tx.now);
  }
};

TEST(CaseLife, EveryRandomLifeKeepsThePromises) {
  test::Database database("intake");
  database.Sql(
      "INSERT INTO intake.staff VALUES ('staff/wang', '王建国', 'halls/110102016'), "
      "('staff/li', '李敏', 'halls/110102016')");
  // Until lives went both ways: in some rounds none is sent back.
  const auto both = [] {
    return Window::reviewed[CaseState::kClosed] > 0 && Window::reviewed[CaseState::kInProgress] > 0;
  };
  for (int round = 0; round < 5 && (round == 0 || !both()) && !HasFailure(); ++round) {
    EXPECT_TRUE(rc::check("a case keeps the promises", [&database] {
      Window window(database);
      rc::state::check(Life(), window,
                       rc::state::gen::execOneOfWithArgs<Call, Call, Confirm, Propose, Propose, ReviewIt, ReviewIt,
                                                         SayNext, Report>());
    }));
  }
  EXPECT_GT(Window::reviewed[CaseState::kClosed], 0);
  EXPECT_GT(Window::reviewed[CaseState::kInProgress], 0);
}

}  // namespace
}  // namespace xxt::intake::app
