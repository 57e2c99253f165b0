// Walks through random histories of a referral; whatever happens, nobody is forgotten.
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "gtest/gtest.h"
#include "services/referral/chase/chase_rules.h"

namespace xxt::referral {
namespace {

using calendar::OpeningHours;
using calendar::WorkingDays;

Event EventOf(int choice, int detail, absl::Time now) {
  switch (choice) {
    case 0:
      return Sent{};
    case 1:
      return BodyReplied{static_cast<BodyReplied::Kind>(1 + detail % 7), detail % 5 == 0 ? "" : "因由",
                         now + absl::Hours(detail % 5000 - 1000)};
    case 2:
      return InputProvided{};
    case 3:
      return PersonDecided{PersonDecided::KeepWaiting{now + absl::Hours(detail % 3000 - 100)}};
    case 4:
      return PersonDecided{PersonDecided::TryOtherChannel{}};
    case 5:
      return PersonDecided{PersonDecided::GiveUp{"无人接听"}};
    case 6:
      // Rare, or every walk would end here.
      if (detail % 20 == 0) return Cancelled{"撤回"};
      [[fallthrough]];
    case 8:
      return Undelivered{detail % 2 == 0};
    case 9:
      return Heard{};
    case 10:
      return MayHaveIt{};
    default:
      return SilenceElapsed{detail % 4 == 0};
  }
}

// Applies `steps` events from a fresh chase and checks the invariants after each.
void Walk(const std::vector<int>& steps, const OpeningHours& hours) {
  const ChasePolicy policy;
  absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 2, 10), 10, 0);
  Chase chase = StartChase(policy, hours, now);
  for (const int step : steps) {
    const int choice = step % 11;
    const int detail = step / 11;
    now += absl::Minutes(detail % 4000);
    const Event event = EventOf(choice, detail, now);
    const absl::StatusOr<Decision> decision = Apply(chase, event, policy, hours, now);
    if (!decision.ok()) continue;
    const Chase& next = decision->next;
    // An open referral always has a next action, and one that can come.
    RC_ASSERT(next.next_action_time.has_value() == !IsTerminal(next.state));
    if (next.next_action_time.has_value()) RC_ASSERT(*next.next_action_time < absl::InfiniteFuture());
    // What just happened moves the next action past now, unless it changed nothing.
    if (next.next_action_time != chase.next_action_time && next.next_action_time.has_value()) {
      RC_ASSERT(*next.next_action_time > now);
    }
    // No timer closes; every end tells the case and has its reason.
    if (IsTerminal(next.state) && !IsTerminal(chase.state)) {
      RC_ASSERT(!std::holds_alternative<SilenceElapsed>(event));
      RC_ASSERT(std::holds_alternative<NotifyCase>(decision->effects.front()));
      RC_ASSERT(!IsNegative(next.state) || !next.reason.empty());
    }
    // Whoever may have the request hears of its withdrawal, once.
    const auto may_have_it = [](const Chase& of) { return of.sent_time.has_value() || of.may_have_it; };
    const bool withdrawn = next.state == ChaseState::kCancelled && may_have_it(next) &&
                           (chase.state != ChaseState::kCancelled || !may_have_it(chase));
    RC_ASSERT(withdrawn ==
              (std::count(decision->effects.begin(), decision->effects.end(), Effect(TellBodyCancelled{})) == 1));
    // What has ended stays as it ended.
    if (IsTerminal(chase.state)) RC_ASSERT(next.state == chase.state && next.reason == chase.reason);
    RC_ASSERT(next.reminders_sent <= policy.max_reminders);
    chase = next;
  }
}

TEST(ChaseProperty, EveryReachableOpenStateHasANextActionTime) {
  const std::vector<OpeningHours> all_hours = {
      OpeningHours::Parse("Mon-Fri 09:00-12:00,13:30-17:00", WorkingDays::China()).value(),
      OpeningHours::Parse("Tue 09:00-10:00", WorkingDays::China()).value(),
      OpeningHours::Parse("24/7", WorkingDays::China()).value()};
  const bool held = rc::check("every reachable open state has a next action time", [&all_hours] {
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1'000'000));
    const auto hours = *rc::gen::inRange<std::size_t>(0, all_hours.size());
    Walk(steps, all_hours[hours]);
  });
  EXPECT_TRUE(held);
}

TEST(ChaseProperty, SilenceAloneAlwaysEndsWithAPersonAsked) {
  const OpeningHours hours = OpeningHours::Parse("Mon-Fri 09:00-17:00", WorkingDays::China()).value();
  const bool held = rc::check("silence ends with a person asked", [&hours] {
    ChasePolicy policy;
    policy.max_reminders = *rc::gen::inRange(0, 6);
    policy.remind_after_workdays = *rc::gen::inRange(1, 30);
    const absl::Time start = calendar::AtTimeOfDay(absl::CivilDay(2026, 1, 1) + *rc::gen::inRange(0, 700), 10, 0);
    Chase chase = Apply(StartChase(policy, hours, start), Sent{}, policy, hours, start)->next;
    int reminders = 0;
    while (!chase.person_asked) {
      const absl::StatusOr<Decision> decision = Apply(chase, SilenceElapsed{}, policy, hours, *chase.next_action_time);
      RC_ASSERT(decision.ok());
      if (std::holds_alternative<RemindBody>(decision->effects.front())) ++reminders;
      chase = decision->next;
    }
    RC_ASSERT(reminders == policy.max_reminders);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace xxt::referral
