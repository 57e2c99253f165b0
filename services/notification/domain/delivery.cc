#include "services/notification/domain/delivery.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace xxt::notification {
namespace {

// What is known of the tries by one channel.
struct Tries {
  int count = 0;
  const Attempt* last = nullptr;
};

Tries TriesBy(Channel channel, const std::vector<Attempt>& history) {
  Tries tries;
  for (const Attempt& attempt : history) {
    if (attempt.channel != channel) continue;
    ++tries.count;
    tries.last = &attempt;
  }
  return tries;
}

bool GivesReceipts(Channel channel, const std::vector<ChannelPlan>& channels) {
  const auto plan = std::find_if(channels.begin(), channels.end(),
                                 [channel](const ChannelPlan& candidate) { return candidate.channel == channel; });
  return plan == channels.end() || plan->gives_receipts;
}

// Returns the step that an accepted delivery asks for.
Step AfterAccepted(const Attempt& attempt, const std::vector<ChannelPlan>& channels, const DeliveryPolicy& policy,
                   absl::Time now) {
  if (!GivesReceipts(attempt.channel, channels)) return Done{};
  const absl::Time until = attempt.settle_time + policy.receipt_timeout;
  // It may well have arrived: going to the next channel would tell it twice.
  if (now >= until) return ShowInDoubt{};
  return WaitForNews{until};
}

// Returns the step while a delivery has arrived or may yet arrive; nullopt if every one
// has failed for certain.
std::optional<Step> WhileNotAllFailed(const std::vector<Attempt>& history, const std::vector<ChannelPlan>& channels,
                                      const DeliveryPolicy& policy, absl::Time now) {
  const auto find = [&history](DeliveryState state) -> const Attempt* {
    const auto found = std::find_if(history.rbegin(), history.rend(),
                                    [state](const Attempt& attempt) { return attempt.state == state; });
    return found == history.rend() ? nullptr : &*found;
  };
  if (find(DeliveryState::kDelivered) != nullptr) return Done{};
  if (find(DeliveryState::kInDoubt) != nullptr) return ShowInDoubt{};
  if (const Attempt* accepted = find(DeliveryState::kAccepted)) return AfterAccepted(*accepted, channels, policy, now);
  if (find(DeliveryState::kSending) != nullptr || find(DeliveryState::kCreated) != nullptr) {
    return WaitForNews{absl::InfiniteFuture()};
  }
  return std::nullopt;
}

bool IsUsedUp(const Tries& tries, const DeliveryPolicy& policy) {
  if (tries.last == nullptr) return false;
  return tries.last->failure != FailureKind::kTemporary || tries.count >= policy.attempts_per_channel;
}

}  // namespace

absl::string_view NameOf(DeliveryState state) {
  constexpr std::array<absl::string_view, 6> kNames = {"CREATED",  "SENDING",   "ACCEPTED",
                                                       "IN_DOUBT", "DELIVERED", "FAILED"};
  return kNames[static_cast<std::size_t>(state)];
}

bool IsTerminal(DeliveryState state) { return state == DeliveryState::kDelivered || state == DeliveryState::kFailed; }

Advance Join(DeliveryState current, DeliveryState news) {
  if (news == current) return {current, false, false};
  if (current == DeliveryState::kFailed && news == DeliveryState::kDelivered) return {news, true, true};
  if (IsTerminal(current)) return {current, false, IsTerminal(news)};
  if (IsTerminal(news)) return {news, true, false};
  if (current == DeliveryState::kInDoubt) return {current, false, false};
  if (news == DeliveryState::kInDoubt) {
    const bool enters = current == DeliveryState::kSending;
    return {enters ? news : current, enters, false};
  }
  return news > current ? Advance{news, true, false} : Advance{current, false, false};
}

bool IsByPerson(Channel channel) { return channel == Channel::kVoiceCall || channel == Channel::kLetter; }

absl::Duration Backoff(const DeliveryPolicy& policy, int failures, double jitter) {
  absl::Duration limit = policy.backoff_base;
  for (int i = 1; i < failures && limit < policy.backoff_cap; ++i) limit *= 2;
  return std::min(limit, policy.backoff_cap) * jitter;
}

Step NextStep(const std::vector<Attempt>& history, const std::vector<ChannelPlan>& channels,
              const DeliveryPolicy& policy, absl::Time now, double jitter) {
  if (const std::optional<Step> step = WhileNotAllFailed(history, channels, policy, now)) return *step;
  if (now >= policy.expire_time) return AskPersonToCall{};
  for (const ChannelPlan& plan : channels) {
    const Tries tries = TriesBy(plan.channel, history);
    if (IsUsedUp(tries, policy)) continue;
    if (IsByPerson(plan.channel)) return AskPersonToCall{};
    if (plan.paused) return WaitForChannel{plan.channel};
    if (tries.last == nullptr) return Send{plan.channel, now};
    const absl::Time again = std::max(now, tries.last->settle_time + Backoff(policy, tries.count, jitter));
    // It would come too late to be of use: a person can still ring up in time.
    if (again >= policy.expire_time) return AskPersonToCall{};
    return Send{plan.channel, again};
  }
  return AskPersonToCall{};
}

}  // namespace xxt::notification
