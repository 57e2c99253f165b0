#include "services/notification/channel/channel.h"

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/store/row.h"
#include "nlohmann/json.hpp"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/message.h"
#include "services/notification/message/way.h"
#include "services/notification/slices.h"
#include "xixinting/notification/v1/channel.grpc.pb.h"

namespace xxt::notification {
namespace channel {
namespace {

constexpr char kPauseDueKind[] = "channel.pause_due";        // machine: at next_action_time
constexpr char kWakeKind[] = "channel.wake";                 // machine: what has waited
constexpr char kStillPausedKind[] = "channel.still_paused";  // desk
// Messages woken in one transaction.
constexpr int kBatch = 200;

// One row per channel of the machine; the migration makes them.
const store::Table<v1::Channel> kChannels("notification.channels", {.lists = {{"all", {}, "id"}}, .keyless = true});

// By hand: read before each try, and by processes that must not stand in each other's way.
constexpr pg::Statement kFind{"channel.find", "SELECT message FROM notification.channels WHERE id = $1"};
constexpr pg::Statement kKeep{"channel.keep", "SELECT message FROM notification.channels WHERE id = $1 FOR SHARE"};
constexpr pg::Statement kWaiting{"channel.waiting", R"sql(
  SELECT id, message FROM notification.messages
   WHERE paused_channel = $1 AND paused_channel <> 0 AND id > $2 ORDER BY id LIMIT $3)sql"};

// "CHANNEL_SMS" ↔ "channels/sms"
std::string NameOf(common::Channel channel) {
  return absl::StrCat("channels/", absl::AsciiStrToLower(absl::StripPrefix(common::Channel_Name(channel), "CHANNEL_")));
}
common::Channel ChannelOf(absl::string_view name) {
  common::Channel channel = common::CHANNEL_UNSPECIFIED;
  common::Channel_Parse(absl::StrCat("CHANNEL_", absl::AsciiStrToUpper(absl::StripPrefix(name, "channels/"))),
                        &channel);
  return channel;
}

// One whose time is over is not, though nobody has noted it yet.
bool IsPaused(const v1::Channel& channel, absl::Time now) {
  const bool over = channel.has_until_time() && rpc::FromProto(channel.until_time()) <= now;
  return channel.state() == v1::Channel::STATE_PAUSED && !over;
}

// Who, when and why, for those who follow.
void Tell(const SendingPolicy& policy, Tx& tx, const v1::Channel& channel, const char* type, absl::string_view what) {
  const struct { std::string name, hall; } subject{channel.name(), policy.pause_desk_hall};
  tx.Tell(subject, type, absl::StrCat(message::TitleOf(ChannelOf(channel.name())), what, "：", channel.reason()));
}

void SetNextAction(Tx& tx, v1::Channel& channel, absl::Time next) {
  rpc::ToProto(next, channel.mutable_next_action_time());
  edge::Never(tx, kPauseDueKind, channel.name());
  edge::Later(tx, kPauseDueKind, channel.name(), next);
}

void EnqueueWake(Tx& tx, const std::string& name, absl::string_view after) {
  tasks::NewTask task;
  task.kind = kWakeKind;
  task.subject = name;
  task.payload = nlohmann::json({{"after", std::string(after)}}).dump();
  tasks::Enqueue(tx.session, std::move(task));
}

void End(const SendingPolicy& policy, Tx& tx, v1::Channel& channel, const std::string& reason) {
  channel.set_state(v1::Channel::STATE_OPEN);
  channel.set_reason(reason);
  channel.set_staff(tx.caller.subject);
  channel.clear_pause_time();
  channel.clear_until_time();
  channel.clear_next_action_time();
  tx.Save(kChannels, channel);
  edge::Never(tx, kPauseDueKind, channel.name());
  tasks::CancelAll(tx.session, kStillPausedKind, channel.name());
  Tell(policy, tx, channel, "channel.resumed.v1", "恢复发送");
  EnqueueWake(tx, channel.name(), "00000000-0000-0000-0000-000000000000");
}

absl::Status Get(Tx& tx, const v1::GetChannelRequest& request, v1::Channel& found) {
  return tx.Get(kChannels, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListChannelsRequest& request, v1::ListChannelsResponse& response) {
  return tx.List(kChannels, "all", request, &response);
}

absl::Status CheckAhead(const SendingPolicy& policy, const char* field, absl::Time at, absl::Time now) {
  if (at > now && at <= now + policy.longest_pause) return absl::OkStatus();
  return errors::FieldInvalid(field, "须晚于现在，也不能太远", "must be after now, within channels.longest_pause");
}

// The pause ends, or a person is asked whether it goes on, and again if they do not say.
absl::Status OnPauseDue(const SendingPolicy& policy, Tx& tx, const tasks::Task& task) {
  v1::Channel found;
  XXT_RETURN_IF_ERROR(tx.Load(kChannels, task.subject, "", &found));
  if (found.state() != v1::Channel::STATE_PAUSED) return absl::OkStatus();
  const absl::Time due = rpc::FromProto(found.next_action_time());
  if (due > tx.now) {
    SetNextAction(tx, found, due);
    return absl::OkStatus();
  }
  if (found.has_until_time()) {
    End(policy, tx, found, "暂停的时间已到");
    return absl::OkStatus();
  }
  tasks::NewTask ask;
  ask.kind = kStillPausedKind;
  ask.subject = found.name();
  ask.dedupe_key = edge::KeyOf(kStillPausedKind, found.name());
  ask.lane = tasks::Lane::kDesk;
  ask.due = tasks::Due::ForPeople(tx.now);
  ask.hall = policy.pause_desk_hall;
  ask.summary = absl::StrCat(message::TitleOf(ChannelOf(found.name())),
                             absl::FormatTime("自%m月%d日%H:%M起暂停发送，请决定：恢复，或继续暂停",
                                              rpc::FromProto(found.pause_time()), calendar::Shanghai()));
  tasks::Enqueue(tx.session, std::move(ask));
  SetNextAction(tx, found, tx.now + policy.pause_asked_after);
  tx.Save(kChannels, found);
  return absl::OkStatus();
}

absl::Status Decide(const SendingPolicy& policy, Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  v1::Channel found;
  XXT_RETURN_IF_ERROR(tx.Load(kChannels, task.subject, "", &found));
  if (!IsPaused(found, tx.now)) return absl::OkStatus();
  if (completion.outcome == "RESUME") {
    End(policy, tx, found, "经人决定恢复");
    return absl::OkStatus();
  }
  absl::Time next = tx.now + policy.pause_asked_after;
  if (completion.next_action_time != absl::InfinitePast()) {
    next = completion.next_action_time;
    XXT_RETURN_IF_ERROR(CheckAhead(policy, "next_action_time", next, tx.now));
  }
  SetNextAction(tx, found, next);
  tx.Save(kChannels, found);
  return absl::OkStatus();
}

// Each is sent by its own task, which looks at the hour, and at the channel, anew.
absl::Status Wake(Tx& tx, const tasks::Task& task) {
  const auto payload = nlohmann::json::parse(task.payload, nullptr, /*allow_exceptions=*/false);
  if (!payload.is_object() || !payload.contains("after")) return errors::Internal("channels.wake");
  const std::string after = payload.at("after").get<std::string>();
  const int channel = ChannelOf(task.subject);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kWaiting, channel, after, kBatch));
  for (int i = 0; i < rows.size(); ++i) {
    v1::Message waiting;
    const std::string name = absl::StrCat("messages/", rows[i].View(0));
    if (!store::ReadOpen(message::kMessages, name, rows[i], 1, &waiting)) continue;
    tasks::Reschedule(tx.session, message::Current(waiting).id(), tx.now);
  }
  if (rows.size() == kBatch) EnqueueWake(tx, task.subject, rows[kBatch - 1].View(0));
  return absl::OkStatus();
}

}  // namespace

absl::Status Pause(const SendingPolicy& policy, Tx& tx, const v1::PauseChannelRequest& request, v1::Channel& found) {
  XXT_RETURN_IF_ERROR(tx.Load(kChannels, request.name(), "", &found));
  if (IsPaused(found, tx.now)) {
    return errors::StateForbids(found.name(), "这个渠道已经暂停", "the channel is paused already");
  }
  absl::Time next = tx.now + policy.pause_asked_after;
  found.clear_until_time();
  if (request.has_until_time()) {
    next = rpc::FromProto(request.until_time());
    XXT_RETURN_IF_ERROR(CheckAhead(policy, "until_time", next, tx.now));
    *found.mutable_until_time() = request.until_time();
  }
  found.set_state(v1::Channel::STATE_PAUSED);
  found.set_reason(request.reason());
  found.set_staff(tx.caller.subject);
  rpc::ToProto(tx.now, found.mutable_pause_time());
  SetNextAction(tx, found, next);
  tx.Save(kChannels, found);
  Tell(policy, tx, found, "channel.paused.v1", "暂停发送");
  return absl::OkStatus();
}

absl::Status Resume(const SendingPolicy& policy, Tx& tx, const v1::ResumeChannelRequest& request, v1::Channel& found) {
  XXT_RETURN_IF_ERROR(tx.Load(kChannels, request.name(), "", &found));
  if (!IsPaused(found, tx.now)) {
    return errors::StateForbids(found.name(), "这个渠道没有暂停", "the channel is not paused");
  }
  End(policy, tx, found, request.reason());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> PausedUntil(Tx& tx, common::Channel channel, bool keep) {
  const std::string name = NameOf(channel);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       tx.session.Run(keep ? kKeep : kFind, absl::StripPrefix(name, "channels/")));
  v1::Channel found;
  if (rows.empty()) return std::nullopt;
  if (!store::ReadOpen(kChannels, name, rows[0], 0, &found)) return errors::Internal("channels.unreadable");
  if (!IsPaused(found, tx.now)) return std::nullopt;
  return rpc::FromProto(found.next_action_time());
}

}  // namespace channel

namespace {

class Service final : public edge::Serves<v1::ChannelService, std::reference_wrapper<const SendingPolicy>> {
 public:
  using Serves::Serves;
  XXT_READ(ListChannels, ListChannelsResponse, channel::List)
  XXT_READ(GetChannel, Channel, channel::Get)
  XXT_CHANGE(PauseChannel, Channel, std::bind_front(channel::Pause, settings_))
  XXT_CHANGE(ResumeChannel, Channel, std::bind_front(channel::Resume, settings_))
};

}  // namespace

edge::Slice ChannelSlice(const edge::Host& host, const SendingPolicy& policy) {
  const auto show = [&policy](Tx& tx, const tasks::Task& dead, absl::string_view) {
    edge::ShowDead(tx, dead,
                   {.kind = message::kDeadTaskKind,
                    .subject = dead.subject,
                    .hall = policy.pause_desk_hall,
                    .summary = "渠道的暂停没能按时办理，请查看是否该恢复发送"});
    return absl::OkStatus();
  };
  return {{edge::Timer(host, channel::kPauseDueKind, std::bind_front(channel::OnPauseDue, std::cref(policy)), show),
           edge::Timer(host, channel::kWakeKind, channel::Wake, show)},
          {edge::Desk(host, channel::kStillPausedKind, {"RESUME", "KEEP_PAUSED"},
                      std::bind_front(channel::Decide, std::cref(policy)))},
          {edge::ServiceOf<Service>(std::cref(policy))}};
}

}  // namespace xxt::notification
