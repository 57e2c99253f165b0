// Random lives of a case on a real PostgreSQL, beside a model small enough to be believed: what may happen happens,
// what may not is refused and leaves no trace, and no open case is ever without its next action.
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/tasks/desk.h"
#include "gtest/gtest.h"
#include "services/intake/cases/case_world.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/closing/closing.h"
#include "services/intake/contact/contact.h"
#include "services/intake/feed/feed.h"

namespace xxt::intake {
namespace {

using News = v1::ReferralNews;
using Report = v1::ReportReferralRequest;

constexpr pg::Statement kCountEvents{"test.count_events", "SELECT count(*) FROM backbone.event WHERE subject = $1"};
const char* const kOfficers[] = {"staff/wang", "staff/li"};  // the first owns the case

struct Life {
  v1::Case::State state = v1::Case::STATE_IN_PROGRESS;
  std::vector<bool> contacts;  // whether the person was reached
  bool confirmed = false;
  bool sheet = false;
  std::map<int, News::State> referrals;
  std::set<int> sheets, taken_back;                                       // referrals
  v1::Closure::Resolution resolution = v1::Closure::RESOLUTION_RESOLVED;  // of the closure proposed
  int proposer = 0;
  int changes = 1;

  bool Reached(int contact) const {
    return contact < static_cast<int>(contacts.size()) && contacts[static_cast<std::size_t>(contact)];
  }
  bool Has(News::State wanted) const {
    for (const auto& [referral, status] : referrals) {
      if (status == wanted) return true;
    }
    return false;
  }
  // What followed on a referral in vain: another that was answered, or is open; or the person's word that all is done.
  bool Followed() const { return confirmed || !Has(News::STATE_ENDED) || Has(News::STATE_ANSWERED); }
  bool MayEndAs(v1::Closure::Resolution wanted) const {
    if (Has(News::STATE_OPEN)) return false;
    if (wanted == v1::Closure::RESOLUTION_WITHDRAWN || wanted == v1::Closure::RESOLUTION_NOT_POSSIBLE) return true;
    if (wanted == v1::Closure::RESOLUTION_RESOLVED && !confirmed) return false;
    if (wanted == v1::Closure::RESOLUTION_GUIDED && !sheet) return false;
    if (wanted == v1::Closure::RESOLUTION_HANDED_OVER && !Has(News::STATE_ANSWERED)) return false;
    return Followed();
  }
};

// One case in a database that all lives share.
class Window {
 public:
  explicit Window(CaseWorld& world) : world_(world), name_(world.Opened().name()) {}

  static identity::Caller Officer(int who) { return CaseWorld::Officer(kOfficers[who]); }
  template <typename Body>
  bool Change(const identity::Caller& caller, Body body) {
    world_.now += absl::Minutes(7);
    const absl::Status status = world_.Change(caller, body);
    const bool refused = absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) ||
                         absl::IsNotFound(status) || absl::IsPermissionDenied(status);
    if (!status.ok() && !refused) RC_FAIL(status.ToString());
    return status.ok();
  }
  const std::string& name() const { return name_; }
  const Policy& policy() const { return world_.policy; }
  std::string ContactName(int contact) const {
    return contact < static_cast<int>(contacts.size()) ? contacts[static_cast<std::size_t>(contact)]
                                                       : name_ + "/contacts/018f0000-0000-7000-8000-000000000000";
  }
  void Judge(const Life& life);

  std::vector<std::string> contacts;
  // Reviews that ended in each state, over all lives: a test that never gets there proves nothing.
  static inline std::map<v1::Case::State, int> reviewed;

 private:
  CaseWorld& world_;
  const std::string name_;
};

// What must hold after every step, read from the store.
void Window::Judge(const Life& life) {
  v1::Case found;
  std::map<std::string, int> open_tasks;
  std::int64_t events = 0;
  RC_ASSERT(Change(Officer(0), [&](Tx& tx) -> absl::Status {
    if (absl::Status status = tx.Get(cases::kCases, name_, &found); !status.ok()) return status;
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
  RC_ASSERT(found.state() == life.state);
  RC_ASSERT(found.etag() == absl::StrCat(life.changes));
  RC_ASSERT(found.has_next_action() == (life.state != v1::Case::STATE_CLOSED));
  RC_ASSERT(open_tasks[cases::kActKind] == (life.state == v1::Case::STATE_CLOSED ? 0 : 1));
  RC_ASSERT(open_tasks[closing::kReviewKind] == (life.state == v1::Case::STATE_CLOSURE_PROPOSED ? 1 : 0));
  RC_ASSERT(found.effort().calls() == static_cast<int>(life.contacts.size()));
  RC_ASSERT(events == life.changes);
}

// A step: what the model expects of it, and the same done for real.
struct Step : rc::state::Command<Life, Window> {
  int who = *rc::gen::inRange(0, 2);
  int contact = *rc::gen::inRange(0, 4);

  virtual bool Allowed(const Life& life) const = 0;
  virtual void Follow(Life& life) const = 0;
  virtual absl::Status Do(Tx& tx, Window& window) const = 0;
  virtual identity::Caller By() const { return Window::Officer(who); }
  virtual const char* name() const = 0;

  void apply(Life& life) const override {
    if (!Allowed(life)) return;
    Follow(life);
    ++life.changes;
  }
  void run(const Life& life, Window& window) const override {
    const bool done = window.Change(By(), [&](Tx& tx) { return Do(tx, window); });
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
    auto call = test::Text<v1::LogContactRequest>(
        "contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND "
        "summary: '电话' result: RESULT_REACHED}");
    call.set_parent(window.name());
    if (!reached) call.mutable_contact()->set_result(v1::Contact::RESULT_NOT_REACHED);
    v1::Contact logged;
    const absl::Status status = contact::Log(tx, call, logged);
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
  bool Allowed(const Life& life) const override {
    return life.state != v1::Case::STATE_CLOSED && life.Reached(contact);
  }
  void Follow(Life& life) const override { life.confirmed = true; }
  absl::Status Do(Tx& tx, Window& window) const override {
    v1::ConfirmOutcomeRequest request;
    request.set_name(window.name());
    request.mutable_outcome()->set_text("已领到");
    request.mutable_outcome()->set_contact(window.ContactName(contact));
    v1::Case found;
    return closing::Confirm(tx, request, found);
  }
};

struct Propose : Step {
  v1::Closure::Resolution resolution = static_cast<v1::Closure::Resolution>(*rc::gen::inRange(1, 6));
  bool with_way = *rc::gen::arbitrary<bool>();  // what a "no" needs
  const char* name() const override { return "propose to close"; }
  bool Allowed(const Life& life) const override {
    return life.state == v1::Case::STATE_IN_PROGRESS && life.Reached(contact) && life.MayEndAs(resolution) &&
           (with_way || resolution != v1::Closure::RESOLUTION_NOT_POSSIBLE);
  }
  void Follow(Life& life) const override {
    life.state = v1::Case::STATE_CLOSURE_PROPOSED;
    life.resolution = resolution;
    life.proposer = who;
  }
  absl::Status Do(Tx& tx, Window& window) const override {
    auto request = test::Text<v1::ProposeClosureRequest>(
        "closure: {explanation: '已说明' basis: '依据' next_route: '区信访办' accepted_by: '民政局'}");
    request.set_name(window.name());
    request.mutable_closure()->set_resolution(resolution);
    request.mutable_closure()->set_told_in(window.ContactName(contact));
    if (with_way) {
      v1::Alternative& way = *request.mutable_closure()->add_alternatives();
      way.set_summary("查档");
      way.set_outcome("无记录");
    }
    v1::Case found;
    return closing::Propose(window.policy(), tx, request, found);
  }
};

struct ReviewIt : Step {
  bool approve = *rc::gen::arbitrary<bool>();
  bool comment = *rc::gen::arbitrary<bool>();
  const char* name() const override { return approve ? "approve" : "return"; }
  bool Allowed(const Life& life) const override {
    const bool second = who != life.proposer && (life.resolution != v1::Closure::RESOLUTION_NOT_POSSIBLE || who != 0);
    return life.state == v1::Case::STATE_CLOSURE_PROPOSED && second &&
           (approve ? life.MayEndAs(life.resolution) : comment);
  }
  void Follow(Life& life) const override {
    life.state = approve ? v1::Case::STATE_CLOSED : v1::Case::STATE_IN_PROGRESS;
  }
  absl::Status Do(Tx& tx, Window& window) const override {
    v1::ReviewClosureRequest request;
    request.set_name(window.name());
    request.set_decision(approve ? v1::ReviewClosureRequest::DECISION_APPROVE
                                 : v1::ReviewClosureRequest::DECISION_RETURN);
    if (comment) request.set_comment("再问问原单位");
    v1::Case found;
    const absl::Status status = closing::Review(window.policy(), tx, request, found);
    if (status.ok()) ++Window::reviewed[found.state()];
    return status;
  }
};

struct SayNext : Step {
  int hours = *rc::gen::inRange(-2, 200);
  const char* name() const override { return "say the next action"; }
  bool Allowed(const Life& life) const override { return life.state != v1::Case::STATE_CLOSED && hours > 0; }
  void Follow(Life&) const override {}
  absl::Status Do(Tx& tx, Window& window) const override {
    v1::SetNextActionRequest request;
    request.set_name(window.name());
    request.mutable_next_action()->set_summary(hours % 2 == 0 ? "去电原单位" : "上门");
    rpc::ToProto(tx.now + absl::Hours(hours), request.mutable_next_action()->mutable_due_time());
    v1::Case found;
    return cases::SetNext(Policy(), tx, request, found);
  }
};

struct Told : Step {
  int referral = *rc::gen::inRange(0, 2);
  // Referrals that stay open would keep every case open.
  Report::Kind kind = *rc::gen::elementOf(std::vector{Report::KIND_OPENED, Report::KIND_ANSWERED, Report::KIND_ANSWERED,
                                                      Report::KIND_ENDED, Report::KIND_ENDED, Report::KIND_ROUTE_SHEET,
                                                      Report::KIND_TAKEN_BACK});
  const char* name() const override { return "report of a referral"; }
  // Nothing opens in a closed case.
  bool Allowed(const Life& life) const override {
    const bool over = kind == Report::KIND_ANSWERED || kind == Report::KIND_ENDED || kind == Report::KIND_TAKEN_BACK;
    return over || life.state != v1::Case::STATE_CLOSED || life.referrals.count(referral) > 0;
  }
  void Follow(Life& life) const override {
    News::State& status = life.referrals.try_emplace(referral, News::STATE_OPEN).first->second;
    if (kind == Report::KIND_TAKEN_BACK) {
      life.taken_back.insert(referral);
      if (life.sheets.erase(referral) > 0 && life.sheets.empty()) life.sheet = false;
      status = News::STATE_ENDED;
    }
    if (kind == Report::KIND_ROUTE_SHEET && life.taken_back.count(referral) == 0) {
      life.sheets.insert(referral);
      life.sheet = true;
    }
    if (status != News::STATE_OPEN) return;
    if (kind == Report::KIND_ANSWERED) status = News::STATE_ANSWERED;
    if (kind == Report::KIND_ENDED) status = News::STATE_ENDED;
  }
  absl::Status Do(Tx& tx, Window& window) const override {
    Report report;
    report.set_case_name(window.name());
    report.set_referral(absl::StrCat("referrals/018f0000-0000-7000-8000-00000000000", referral));
    report.set_kind(kind);
    report.set_summary("火葬场来消息");
    report.set_takes_over(true);
    v1::ReportReferralResponse response;
    return feed::TakeReferral(tx, report, response);
  }
  identity::Caller By() const override { return CaseWorld::Service("services/referral"); }
};

TEST(CaseLife, EveryRandomLifeKeepsThePromises) {
  CaseWorld world;
  // Until lives went both ways: in some rounds none is sent back. All begin with one seed, so each draws something
  // first that those before have not.
  const auto both = [] {
    return Window::reviewed[v1::Case::STATE_CLOSED] > 0 && Window::reviewed[v1::Case::STATE_IN_PROGRESS] > 0;
  };
  for (int round = 0; round < 20 && (round == 0 || !both()) && !HasFailure(); ++round) {
    EXPECT_TRUE(rc::check("a case keeps the promises", [&world, round] {
      for (int drawn = 0; drawn < round; ++drawn) *rc::gen::arbitrary<bool>();
      Window window(world);
      rc::state::check(Life(), window,
                       rc::state::gen::execOneOfWithArgs<Call, Call, Confirm, Propose, Propose, ReviewIt, ReviewIt,
                                                         SayNext, Told>());
    }));
  }
  EXPECT_GT(Window::reviewed[v1::Case::STATE_CLOSED], 0);
  EXPECT_GT(Window::reviewed[v1::Case::STATE_IN_PROGRESS], 0);
}

}  // namespace
}  // namespace xxt::intake
