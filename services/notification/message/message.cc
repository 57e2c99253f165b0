#include "services/notification/message/message.h"

#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/strip.h"
#include "common/edge/noun.h"
#include "services/notification/message/correct.h"
#include "services/notification/message/create.h"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/report.h"
#include "services/notification/message/words.h"
#include "services/notification/slices.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace message {
namespace {

// A case has few messages: of one state or any, of one hall or any. By hand, for no
// plan is to look for those of a hall first.
constexpr pg::Statement kListOfCase{"message.list_of_case", R"sql(
  SELECT id, message, create_time, id FROM notification.messages
   WHERE case_name = $1 AND coalesce($2 = state, true) AND coalesce($3 = hall, true)
     AND (create_time, id) < ($4, $5::uuid)
   ORDER BY create_time DESC, id DESC LIMIT $6)sql"};

// Lists go further than one message does: what they read is open, and names nobody.
void LeavePeopleOut(v1::Message* message) {
  message->clear_recipient();
  message->clear_parameters();
}

}  // namespace

const store::Table<v1::Message> kMessages(
    "notification.messages", {.columns = {"event",
                                          "audience",
                                          "case_name",
                                          "hall",
                                          "topic",
                                          "revision",
                                          "state",
                                          "known_revision",
                                          {"true_until", nullptr, "infinity"},
                                          "paused_channel",
                                          "create_time"},
                              .lists = {{"newest", {}, "create_time DESC, id DESC", store::Of::kHalls},
                                        {"in_state", {"state"}, "create_time DESC, id DESC", store::Of::kHalls}}});

absl::StatusOr<v1::Message> Lock(Tx& tx, absl::string_view name) {
  v1::Message found;
  XXT_RETURN_IF_ERROR(tx.Load(kMessages, name, "", &found));
  return found;
}

void Insert(Tx& tx, v1::Message& made) {
  tx.Insert(kMessages, made);
  flight::Save(tx.session, IdOf(made.name()), made);
}

void Save(Tx& tx, v1::Message& changed) {
  tx.Save(kMessages, changed);
  flight::Save(tx.session, IdOf(changed.name()), changed);
}

void Show(absl::Time now, v1::Message* message) {
  const absl::Time told = message->has_end_time() ? rpc::FromProto(message->end_time()) : now;
  message->set_text(WordsBy(*message, Current(*message).channel(), told));
  Mask(message->mutable_recipient());
}

bool IsOver(v1::Message::State state) {
  return state == v1::Message::STATE_DELIVERED || state == v1::Message::STATE_NOT_REACHED ||
         state == v1::Message::STATE_SUPPRESSED;
}

absl::string_view IdOf(absl::string_view name) { return absl::StripPrefix(name, "messages/"); }

absl::Status List(Tx& tx, const v1::ListMessagesRequest& request, v1::ListMessagesResponse& response) {
  const bool any_state = request.state() == v1::Message::STATE_UNSPECIFIED;
  if (request.case_name().empty()) {
    XXT_RETURN_IF_ERROR(tx.List(kMessages, any_state ? "newest" : "in_state", request, &response));
  } else if (!tx.caller.halls.none()) {
    const std::optional<int> state = any_state ? std::nullopt : std::optional<int>(request.state());
    Tx::OwnList list{kListOfCase,
                     {request.case_name(), state, tx.caller.halls.sql()},
                     {"timestamptz", "uuid"},
                     /*descending=*/true};
    XXT_RETURN_IF_ERROR(tx.List(kMessages, std::move(list), request, &response));
  }
  for (v1::Message& found : *response.mutable_messages()) LeavePeopleOut(&found);
  return absl::OkStatus();
}

}  // namespace message

namespace {

absl::Status Get(Tx& tx, const v1::GetMessageRequest& request, v1::Message& found) {
  XXT_RETURN_IF_ERROR(tx.Get(message::kMessages, request.name(), &found));
  message::Show(tx.now, &found);
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::MessageService, message::Making> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateMessage, Message, std::bind_front(message::Create, settings_))
  XXT_READ(PreviewMessage, PreviewMessageResponse, std::bind_front(message::Preview, settings_))
  XXT_READ(GetMessage, Message, Get)
  XXT_READ(ListMessages, ListMessagesResponse, message::List)
  XXT_CHANGE(ResolveInDoubt, Message, std::bind_front(message::ResolveInDoubt, std::cref(settings_.policy)))
  XXT_CHANGE(WithdrawMessage, Message, std::bind_front(message::Withdraw, std::cref(settings_.policy)))
  XXT_CHANGE(CorrectRecipient, CorrectRecipientResponse, std::bind_front(message::CorrectRecipient, settings_))
};

}  // namespace

edge::Slice MessageSlice(const edge::Host& host, const message::Parts& parts) {
  return {{message::ReportCaseKind(host, parts.pool, parts.making.intake)},
          {message::InDoubtKind(host, parts.making.policy), message::DeadTaskKind(host)},
          {edge::ServiceOf<Service>(parts.making)}};
}

}  // namespace xxt::notification
