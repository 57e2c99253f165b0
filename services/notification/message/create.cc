#include "services/notification/message/create.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "services/notification/message/audience.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/way.h"
#include "services/notification/message/words.h"
#include "services/notification/template/sms_rules.h"

namespace xxt::notification::message {
namespace {

namespace intake = ::xixinting::intake::v1;

// Who keeps the cases, and so knows what it says of them.
constexpr char kIntake[] = "services/intake";

constexpr pg::Statement kByEvent{"message.by_event", R"sql(
  SELECT id FROM notification.messages WHERE case_name = $1 AND event = $2 AND audience = $3)sql"};

// Until this transaction ends, nobody else gets an answer about that topic.
constexpr pg::Statement kLockTopic{"message.lock_topic",
                                   "SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2, 0))"};

// A case has few messages.
constexpr pg::Statement kRevisions{"message.revisions", R"sql(
  SELECT id, revision FROM notification.messages WHERE case_name = $1 AND topic = $2 ORDER BY id)sql"};

// Event and audience are named under the case: no other case's message can
// stand in for this one.
absl::Status CheckNames(const v1::Message& input) {
  if (!absl::StartsWith(input.event(), absl::StrCat(input.case_name(), "#"))) {
    return errors::FieldInvalid("message.event", "不是这件诉求的事件", "must be <case_name>#<event>");
  }
  if (!absl::StartsWith(input.audience(), absl::StrCat(input.case_name(), "/parties/"))) {
    return errors::FieldInvalid("message.audience", "不是这件诉求的当事人", "must be <case_name>/parties/<party>");
  }
  return absl::OkStatus();
}

// What kin may know is the person's to say: how it goes, and what came of it.
bool MayKnow(const intake::Party& kin, const v1::Message& input) {
  const auto topic = input.template_() == "kin-closed" || input.template_() == "case-closed"
                         ? intake::Party::TOPIC_RESULT
                         : intake::Party::TOPIC_PROGRESS;
  return std::find(kin.told_topics().begin(), kin.told_topics().end(), topic) != kin.told_topics().end();
}

// Errors: FIELD_INVALID: nothing, or not this, is to be told to them.
absl::Status CheckAudience(const intake::Case& seen, const v1::Message& input) {
  const auto party = std::find_if(seen.parties().begin(), seen.parties().end(),
                                  [&input](const intake::Party& one) { return one.name() == input.audience(); });
  if (party == seen.parties().end()) {
    return errors::FieldInvalid("message.audience", "这件诉求没有这位当事人", "is no party of the case");
  }
  if (party->not_told() || party->deceased()) {
    return errors::FieldInvalid("message.audience", "这位当事人已故或不能自理，不再告知",
                                "is dead or cannot act: nothing is told to them");
  }
  if (party->role() != intake::Party::ROLE_KIN || MayKnow(*party, input)) return absl::OkStatus();
  return errors::FieldInvalid("message.audience", "本人没有同意把这件事告知这位亲属",
                              "the person has not agreed that these kin are told of it");
}

// How often the audience had been corrected when this was said of it; of whoever does not keep the cases, as intake
// says.
absl::StatusOr<std::int64_t> CheckCase(IntakeClient& peer, Tx& tx, const v1::Message& input) {
  if (tx.caller.subject == kIntake) return input.recipient().revision();
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, input.hall(), input.hall()));
  XXT_ASSIGN_OR_RETURN(const intake::Case seen, peer.LookUp(input.case_name(), tx.deadline));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, seen.hall(), input.case_name()));
  if (seen.hall() != input.hall()) {
    return errors::FieldInvalid("message.hall", "不是这件诉求所在的大厅", "is not the hall of the case");
  }
  XXT_RETURN_IF_ERROR(CheckAudience(seen, input));
  const auto revision =
      std::count_if(seen.corrections().begin(), seen.corrections().end(),
                    [&input](const intake::Correction& made) { return made.party() == input.audience(); });
  XXT_RETURN_IF_ERROR(audience::CheckSeen(tx, input.audience(), revision));
  return revision;
}

// Further away the facts that a reminder stands on have changed, and somebody has to look at them first.
constexpr absl::Duration kLongestAhead = absl::Hours(366 * 24);

absl::Status CheckSendTime(const v1::Message& made, absl::Time now) {
  if (!made.has_send_time()) return absl::OkStatus();
  const absl::Time at = rpc::FromProto(made.send_time());
  if (at > now + kLongestAhead) {
    return errors::FieldInvalid("message.send_time", "不能晚于一年之后", "must be within a year");
  }
  if (at >= TrueUntil(made) && at > now) {
    return errors::FieldInvalid("message.send_time", "到那时要说的话已经不成立",
                                "the words are not true any more then");
  }
  return absl::OkStatus();
}

// Makes of what the caller said a message that lacks its name and its first try.
absl::Status Compose(const Catalogue& catalogue, const Tx& tx, const v1::Message& input, v1::Message& made) {
  made = input;
  XXT_RETURN_IF_ERROR(CheckPreferred(made.recipient(), "message.recipient"));
  FillIn(made.mutable_recipient());
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, made.hall(), made.hall()));
  XXT_RETURN_IF_ERROR(CheckNames(made));
  XXT_RETURN_IF_ERROR(Write(catalogue, &made));
  XXT_RETURN_IF_ERROR(CheckSendTime(made, tx.now));
  made.set_known_revision(made.recipient().revision());
  made.set_state(v1::Message::STATE_SENDING);
  return absl::OkStatus();
}

bool IsSameTime(const v1::Message& one, const v1::Message& other) {
  return one.has_send_time() == other.has_send_time() &&
         rpc::FromProto(one.send_time()) == rpc::FromProto(other.send_time());
}

bool SaysTheSame(const v1::Message& told, const v1::Message& asked) {
  const auto told_with = ParametersOf(told);
  const auto asked_with = ParametersOf(asked);
  return told.hall() == asked.hall() && told.template_() == asked.template_() && told_with.ok() && asked_with.ok() &&
         *told_with == *asked_with && IsSame(told.recipient(), asked.recipient()) && told.topic() == asked.topic() &&
         told.revision() == asked.revision() && IsSameTime(told, asked);
}

// The name of what was told of this event to this audience; empty if nothing was.
absl::StatusOr<std::string> FindTold(Tx& tx, const v1::Message& made) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       tx.session.Run(kByEvent, made.case_name(), made.event(), made.audience()));
  return rows.empty() ? "" : absl::StrCat("messages/", rows[0].View(0));
}

// Responds with what was told before, if it is the same as `made` asks for.
absl::Status AnswerTold(Tx& tx, const std::string& name, v1::Message& made) {
  v1::Message told;
  XXT_RETURN_IF_ERROR(tx.Get(kMessages, name, &told));
  if (!SaysTheSame(told, made)) return errors::AlreadyExists("notification.xixinting/Message", name);
  made = told;
  Show(tx.now, &made);
  return absl::OkStatus();
}

// Withdraws what the message makes untrue, and marks the message itself if it
// comes too late. Who tells of the same topic waits here until this commits.
absl::Status Supersede(const Context& context, v1::Message& made) {
  if (made.topic().empty()) return absl::OkStatus();
  Tx& tx = context.tx;
  tx.session.Queue(kLockTopic, made.case_name(), made.topic());
  XXT_ASSIGN_OR_RETURN(const pg::Result others, tx.session.Run(kRevisions, made.case_name(), made.topic()));
  std::vector<std::string> older;
  for (int i = 0; i < others.size(); ++i) {
    const std::int64_t revision = others[i].Int(1);
    if (revision > made.revision()) made.set_overtaken(true);
    if (revision < made.revision()) older.push_back(absl::StrCat("messages/", others[i].View(0)));
  }
  for (const std::string& name : older) events::QueueTurn(tx.session, name);
  for (const std::string& name : older) {
    XXT_ASSIGN_OR_RETURN(v1::Message old, Lock(tx, name));
    if (Overtake(context, old)) Save(tx, old);
  }
  return absl::OkStatus();
}

// Why it is not told at once, or not by the machine.
std::string Why(const SendingPolicy& policy, const v1::Message& made, common::Channel channel, absl::Time now) {
  const std::string by_person = WhyByPerson(policy, made, channel);
  if (!made.has_send_time() || rpc::FromProto(made.send_time()) <= now) return by_person;
  const std::string when =
      absl::FormatTime("定于%m月%d日%H:%M告知", rpc::FromProto(made.send_time()), calendar::Shanghai());
  return by_person.empty() ? when : absl::StrCat(when, "；", by_person);
}

// The first try, and its task; none of words that were overtaken on their way here, or are kept back.
void Begin(const Context& context, v1::Message& made) {
  const absl::Time now = context.tx.now;
  const common::Channel channel = FirstChannel(context.policy, made, now);
  if (!made.overtaken() && !made.recipient().not_told()) {
    Start(context, made, channel);
    return made.set_state_reason(Why(context.policy, made, channel, now));
  }
  Add(made, identifiers::NewUuid(absl::Now()), channel, now);
  if (made.overtaken()) return Suppress(context, made);
  KeepBack(context, made);
}

}  // namespace

void TellAfterAll(const Making& with, Tx& tx, v1::Message& message) {
  const Context context{tx, with.policy};
  message.set_kept_back(false);
  // It is on its way still, or newer words are told.
  if (message.state() != v1::Message::STATE_SUPPRESSED) return Readdress(context, message);
  if (message.overtaken()) return;
  TakeCorrection(message);
  message.set_state(v1::Message::STATE_SENDING);
  message.clear_end_time();
  Tell(context, message, "message.told_after_all.v1", "系误停，继续告知");
  if (!MayHaveArrived(message)) return Begin(context, message);
  const common::Channel next = NextChannel(with.policy, message, tx.now);
  HandToStaff(context, message, next == common::CHANNEL_UNSPECIFIED ? common::CHANNEL_PHONE : next,
              "停发前是否送到不能确定，由窗口告知");
}

absl::Status Preview(const Making& with, Tx& tx, const v1::PreviewMessageRequest& request,
                     v1::PreviewMessageResponse& response) {
  v1::Message& made = *response.mutable_message();
  XXT_RETURN_IF_ERROR(Compose(with.catalogue, tx, request.message(), made));
  rpc::ToProto(tx.now, made.mutable_create_time());
  rpc::ToProto(tx.now, made.mutable_update_time());
  const common::Channel channel = FirstChannel(with.policy, made, tx.now);
  made.set_state_reason(Why(with.policy, made, channel, tx.now));
  Add(made, "", channel, tx.now);
  if (channel == common::CHANNEL_SMS) {
    XXT_ASSIGN_OR_RETURN(const SmsSize size, MeasureSms(made.words().sms()));
    response.set_sms_parts(size.parts);
  }
  Show(tx.now, &made);
  return absl::OkStatus();
}

absl::Status Create(const Making& with, Tx& tx, const v1::CreateMessageRequest& request, v1::Message& made) {
  XXT_ASSIGN_OR_RETURN(const std::int64_t known, CheckCase(with.intake, tx, request.message()));
  XXT_RETURN_IF_ERROR(Compose(with.catalogue, tx, request.message(), made));
  // Nobody says that they know more than intake does: what is corrected next would pass them by.
  made.set_known_revision(std::min(made.known_revision(), known));
  XXT_ASSIGN_OR_RETURN(const std::string told, FindTold(tx, made));
  if (!told.empty()) return AnswerTold(tx, told, made);
  made.set_name(kMessages.NewName("", tx.now));
  const Context context{tx, with.policy};
  // Before anything is written: others are waited for.
  XXT_RETURN_IF_ERROR(Supersede(context, made));
  Tell(context, made, "message.created.v1", "准备告知当事人");
  Begin(context, made);
  Insert(tx, made);
  XXT_CRASH_POINT("notification.message_inserted");
  Show(tx.now, &made);
  return absl::OkStatus();
}

}  // namespace xxt::notification::message
