#include "services/intake/cases/tell.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/rpc/peer_answer.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/message_payload.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/cases/telling_rules.h"
#include "services/intake/hall/hall.h"
#include "xixinting/intake/v1/feed.pb.h"

namespace xxt::intake::cases {
namespace {

constexpr char kCaseClosed[] = "the case is closed";

// What the words are about that name a referral's last day: "last-day.{referral}".
constexpr char kLastDay[] = "last-day.";

messages::Parameter WithName(absl::string_view name) {
  messages::Parameter parameter;
  parameter.set_name(std::string(name));
  return parameter;
}

// Sets a value, also in the place of what was known of it when the message was queued.
void Put(messages::Parameter value, messages::Message& message) {
  for (messages::Parameter& known : *message.mutable_parameters()) {
    if (known.name() != value.name()) continue;
    known = std::move(value);
    return;
  }
  *message.add_parameters() = std::move(value);
}

// Kin hear that something happened, and whom to ring: their templates say no more.
constexpr char kKinProgress[] = "kin-progress";
constexpr char kKinClosed[] = "kin-closed";
bool IsForKin(const messages::Message& message) {
  return message.template_() == kKinProgress || message.template_() == kKinClosed;
}

// Whom the message is for: the applicant, or kin whose scope covers it as it is now; nullptr if nobody any more.
const v1::Party* ReaderOf(const v1::Case& about, const messages::Message& message) {
  if (!IsForKin(message)) return &ApplicantOf(about);
  const v1::Party* kin = FindParty(about, message.audience());
  const bool closed = message.template_() == kKinClosed;
  if (kin == nullptr || !IsToldOf(*kin, closed ? v1::Party::TOPIC_RESULT : v1::Party::TOPIC_PROGRESS)) return nullptr;
  return kin;
}

// Adds what every reader of the template may know from the case and its hall.
void AddWindow(const v1::Case& about, const hall::Window& window, messages::Message& message) {
  Put(Named("code", about.display_code()), message);
  const bool received = message.template_() == "case-received";
  if (received) Put(Named("officer", window.officer.empty() ? "窗口工作人员" : window.officer), message);
  const bool asks_back = message.template_() == "case-closed" || message.template_() == "case-reopened" ||
                         message.template_() == "case-merged" || message.template_() == "policy-fits";
  if (received || asks_back || IsForKin(message)) {
    Put(Named("hall", window.hall.title()), message);
    Put(Named("phone", window.hall.phone_number()), message);
  }
}

// What is known of the referral whose last day the words name; null: they name none.
const v1::ReferralNews* NewsOf(const v1::Case& about, const messages::Message& message) {
  const auto news = about.referrals().find(absl::StrCat("referrals/", absl::StripPrefix(message.topic(), kLastDay)));
  return news == about.referrals().end() ? nullptr : &news->second;
}

// A route sheet is told with the last day that is right now. Words about the day
// itself are not: DecideTelling drops them, for the newer ones say it.
void AddLastDay(const v1::ReferralNews& news, messages::Message& message) {
  message.set_revision(news.last_day_revision());
  if (message.template_() == "route-sheet-ready" && news.has_last_day()) {
    Put(Named("last_day", rpc::FromProto(news.last_day())), message);
  }
}

// What of the case and its hall goes with what the task keeps.
absl::Status Complete(Tx& tx, const v1::Case& about, const v1::Party& reader, messages::Message& message) {
  XXT_ASSIGN_OR_RETURN(const hall::Window window, hall::LoadWindow(tx.session, about.hall(), about.owner()));
  AddWindow(about, window, message);
  if (const v1::ReferralNews* news = NewsOf(about, message)) AddLastDay(*news, message);
  message.set_case_name(about.name());
  message.set_hall(about.hall());
  message.set_audience(reader.name());
  *message.mutable_recipient() = RecipientOf(about, reader);
  return absl::OkStatus();
}

// Whether it says that a body has answered, or what to do there, and the body has taken its answer back since.
bool IsTakenBack(const v1::Case& about, const messages::Message& message) {
  absl::string_view id = message.event();
  if (!absl::ConsumePrefix(&id, absl::StrCat(about.name(), "#")) ||
      !(absl::ConsumePrefix(&id, "referral-answered.") || absl::ConsumePrefix(&id, "route-sheet."))) {
    return false;
  }
  const auto news = about.referrals().find(absl::StrCat("referrals/", id.substr(0, id.find('.'))));
  return news != about.referrals().end() && news->second.newest().contains(v1::ReportReferralRequest::KIND_TAKEN_BACK);
}

Telling Decide(const v1::Case& about, const messages::Message& message) {
  // What was to be told of a duplicate is so still: its matter goes on.
  TellingFacts now{.closed = !IsOpen(about) && about.merged_into().empty(),
                   .checklist_version = about.checklist_version()};
  const v1::ReferralNews* news = NewsOf(about, message);
  now.knows_referral = news != nullptr;
  if (news != nullptr && news->has_last_day()) now.last_day = rpc::FromProto(news->last_day());
  now.taken_back = IsTakenBack(about, message);
  MessageFacts said{message.template_(),
                    std::string(absl::StripPrefix(message.event(), absl::StrCat(about.name(), "#")))};
  for (const messages::Parameter& parameter : message.parameters()) {
    if (parameter.name() == "last_day") said.last_day = rpc::FromProto(parameter.date());
  }
  return DecideTelling(now, said);
}

tasks::Verdict Tell(const edge::Host& host, pg::Pool& pool, Notification& notification, const tasks::Task& task,
                    SteadyTime deadline) {
  const absl::StatusOr<messages::Message> queued = message_payload::Read(task.payload);
  if (!queued.ok()) return tasks::Verdict::Dead("its message cannot be read");
  messages::CreateMessageRequest request;
  Telling telling = Telling::kTell;
  const absl::Status read = edge::ReadAsService(host, pool, deadline, [&](Tx& tx) -> absl::Status {
    v1::Case about;
    XXT_RETURN_IF_ERROR(tx.Get(kCases, task.subject, &about));
    *request.mutable_message() = *queued;
    const v1::Party* reader = ReaderOf(about, *queued);
    if (reader == nullptr) {
      telling = Telling::kLeave;
      return absl::OkStatus();
    }
    XXT_RETURN_IF_ERROR(Complete(tx, about, *reader, *request.mutable_message()));
    telling = Decide(about, request.message());
    return absl::OkStatus();
  });
  if (absl::IsNotFound(read)) return tasks::Verdict::Dead("the case is gone");
  // Also of what does not open: its key may be back later.
  if (!read.ok()) return tasks::Verdict::Retry("the case cannot be read now");
  if (telling == Telling::kLeave) return tasks::Verdict::Done();
  if (telling == Telling::kAskPerson) return tasks::Verdict::Dead(kCaseClosed);
  request.set_request_id(task.id);
  XXT_CRASH_POINT("intake.before_tell");
  const absl::Status told = notification.Tell(request, deadline);
  XXT_CRASH_POINT("intake.after_tell");
  return rpc::VerdictOf(told, "notification");
}

// Nothing ends in silence: a person looks, and calls if need be. Nobody knows
// here whether an attempt without an answer got through.
absl::Status OnUntold(Tx& tx, const tasks::Task& task, absl::string_view reason) {
  return ShowUndone(tx, task,
                    reason == kCaseClosed ? "诉求已办结，外部单位又有消息，请看是否还要告知当事人："
                                          : "没能确认消息已发出，请先查看消息记录，再电话告知当事人：");
}

}  // namespace

bool IsToldOf(const v1::Party& party, v1::Party::Topic topic) {
  return party.role() == v1::Party::ROLE_KIN &&
         std::find(party.told_topics().begin(), party.told_topics().end(), topic) != party.told_topics().end();
}

messages::Parameter Named(absl::string_view name, absl::string_view text) {
  messages::Parameter parameter = WithName(name);
  parameter.set_text(std::string(text));
  return parameter;
}

messages::Parameter Named(absl::string_view name, std::int64_t number) {
  messages::Parameter parameter = WithName(name);
  parameter.set_number(number);
  return parameter;
}

messages::Parameter Named(absl::string_view name, absl::CivilDay date) {
  messages::Parameter parameter = WithName(name);
  rpc::ToProto(date, parameter.mutable_date());
  return parameter;
}

messages::Parameter Named(absl::string_view name, absl::Time time) {
  messages::Parameter parameter = WithName(name);
  parameter.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
  return parameter;
}

namespace {

void Queue(Tx& tx, const v1::Case& about, const messages::Message& message) {
  tasks::NewTask task;
  task.kind = kTellKind;
  task.subject = about.name();
  task.dedupe_key =
      edge::KeyOf(kTellKind, absl::StrCat(message.event(), message.audience().empty() ? "" : " ", message.audience()));
  task.payload = message_payload::Write(message);
  tasks::Enqueue(tx.session, std::move(task));
}

// Whose scope covers what the applicant is told.
void TellKin(Tx& tx, const v1::Case& about, const messages::Message& told) {
  if (told.template_() == "case-no-news") return;
  const bool closed = told.template_() == "case-closed";
  for (const v1::Party& party : about.parties()) {
    if (!IsToldOf(party, closed ? v1::Party::TOPIC_RESULT : v1::Party::TOPIC_PROGRESS)) continue;
    messages::Message message;
    message.set_template_(closed ? kKinClosed : kKinProgress);
    message.set_event(told.event());
    message.set_audience(party.name());
    Queue(tx, about, message);
  }
}

}  // namespace

void TellApplicant(Tx& tx, const v1::Case& about, absl::string_view template_id, absl::string_view event,
                   std::vector<messages::Parameter> parameters, absl::string_view of_referral) {
  messages::Message message;
  message.set_template_(std::string(template_id));
  message.set_event(absl::StrCat(about.name(), "#", event));
  if (!of_referral.empty()) message.set_topic(absl::StrCat(kLastDay, absl::StripPrefix(of_referral, "referrals/")));
  for (messages::Parameter& parameter : parameters) *message.add_parameters() = std::move(parameter);
  Queue(tx, about, message);
  TellKin(tx, about, message);
}

tasks::MachineKind TellKind(const edge::Host& host, pg::Pool& pool, Notification& notification) {
  tasks::MachineKind kind =
      rpc::PeerKind(kTellKind, [&host, &pool, &notification](const tasks::Task& task, SteadyTime deadline) {
        return Tell(host, pool, notification, task, deadline);
      });
  kind.on_dead = edge::WhenDead(host, OnUntold);
  return kind;
}

}  // namespace xxt::intake::cases
