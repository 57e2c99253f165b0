#include "services/intake/cases/recipient.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/edge/noun.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/peer_answer.h"
#include "common/tasks/desk.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"

namespace xxt::intake::cases {
namespace {

constexpr char kCorrectRecipientKind[] = "case.correct_recipient";

// What a task stands before.
struct Correcting {
  messages::CorrectRecipientRequest right;
  bool telling = false;  // a message of the case may be on its way with what was read before
};

absl::Status Read(Tx& tx, const tasks::Task& task, Correcting& found) {
  v1::Case about;
  XXT_RETURN_IF_ERROR(tx.Get(kCases, store::RootNameOf(task.subject), &about));
  const auto party = std::find_if(about.parties().begin(), about.parties().end(),
                                  [&task](const v1::Party& one) { return one.name() == task.subject; });
  if (party == about.parties().end()) return absl::NotFoundError("the party is gone");
  found.right.set_case_name(about.name());
  found.right.set_audience(party->name());
  *found.right.mutable_recipient() = RecipientOf(about, *party);
  tasks::TaskFilter filter;
  filter.halls = identity::HallScope::All();
  filter.subject = about.name();
  filter.include_future = true;
  filter.limit = 500;
  XXT_ASSIGN_OR_RETURN(const std::vector<tasks::ListedTask> open, tasks::ListTasks(tx.session, filter));
  found.telling = std::any_of(open.begin(), open.end(), [](const tasks::ListedTask& listed) {
    return listed.task.kind == kTellKind && listed.state != "dead";
  });
  return absl::OkStatus();
}

tasks::Verdict Correct(const edge::Host& host, pg::Pool& pool, Notification& notification, const tasks::Task& task,
                       SteadyTime deadline) {
  Correcting found;
  const absl::Status read = edge::ReadAsService(host, pool, deadline, [&](Tx& tx) { return Read(tx, task, found); });
  if (absl::IsNotFound(read)) return tasks::Verdict::Dead("the party is gone");
  // Also of what does not open: its key may be back later.
  if (!read.ok()) return tasks::Verdict::Retry("the party cannot be read now");
  // An id for each attempt: the next one is to be done, not to get this one's response.
  found.right.set_request_id(identifiers::NewUuid(absl::Now()));
  tasks::Verdict verdict = rpc::VerdictOf(notification.CorrectRecipient(found.right, deadline), "notification");
  if (verdict.kind != tasks::Verdict::Kind::kDone || !found.telling) return verdict;
  return tasks::Verdict::Retry("a message of the case is being told", absl::Seconds(1));
}

absl::Status OnUncorrected(Tx& tx, const tasks::Task& task, absl::string_view) {
  return ShowUndone(tx, task, "当事人信息已更正，但还没发出的消息可能仍按更正前的发送，请查看消息记录并联系当事人：");
}

}  // namespace

messages::Recipient RecipientOf(const v1::Case& about, const v1::Party& party) {
  const auto revision = std::count_if(about.corrections().begin(), about.corrections().end(),
                                      [&party](const v1::Correction& made) { return made.party() == party.name(); });
  messages::Recipient recipient;
  recipient.set_display_name(party.display_name());
  recipient.set_phone_number(party.phone_number());
  recipient.set_no_sms(party.no_sms());
  recipient.set_language_code(party.language_code());
  recipient.set_email(party.email());
  recipient.set_postal_address(party.postal_address());
  recipient.set_preferred_channel(party.preferred_channel());
  recipient.set_hard_of_hearing(party.hard_of_hearing());
  recipient.set_quiet_hours(party.quiet_hours());
  recipient.set_easy_reading(party.easy_reading());
  recipient.set_wechat_open_id(party.wechat_open_id());
  recipient.set_district_account(party.district_account());
  recipient.set_revision(revision);
  // Kin of whom the person said that they may know nothing.
  const bool is_stranger = party.role() == v1::Party::ROLE_KIN && party.told_topics().empty();
  recipient.set_not_told(party.not_told() || is_stranger);
  return recipient;
}

bool IsTold(::xixinting::common::v1::Channel channel) {
  switch (channel) {
    case ::xixinting::common::v1::CHANNEL_UNSPECIFIED:
    case ::xixinting::common::v1::CHANNEL_PHONE:
    case ::xixinting::common::v1::CHANNEL_SMS:
    case ::xixinting::common::v1::CHANNEL_EMAIL:
    case ::xixinting::common::v1::CHANNEL_POST:
    case ::xixinting::common::v1::CHANNEL_WEB:
    case ::xixinting::common::v1::CHANNEL_WECHAT:
      return true;
    case ::xixinting::common::v1::CHANNEL_WINDOW:
    case ::xixinting::common::v1::CHANNEL_VISIT:
    case ::xixinting::common::v1::CHANNEL_HOTLINE:
    case ::xixinting::common::v1::CHANNEL_COMMUNITY:
    case XXT_SENTINELS(::xixinting::common::v1::Channel):
      break;
  }
  return false;
}

void CorrectRecipient(Tx& tx, const v1::Party& party, const std::vector<std::string>& fields) {
  const bool is_copied = std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
    return messages::Recipient::descriptor()->FindFieldByName(field) != nullptr;
  });
  if (!is_copied) return;
  tasks::NewTask task;
  task.kind = kCorrectRecipientKind;
  task.subject = party.name();
  tasks::Enqueue(tx.session, std::move(task));
}

tasks::MachineKind CorrectRecipientKind(const edge::Host& host, pg::Pool& pool, Notification& notification) {
  tasks::MachineKind kind =
      rpc::PeerKind(kCorrectRecipientKind, [&host, &pool, &notification](const tasks::Task& task, SteadyTime deadline) {
        return Correct(host, pool, notification, task, deadline);
      });
  kind.on_dead = edge::WhenDead(host, OnUncorrected);
  return kind;
}

}  // namespace xxt::intake::cases
