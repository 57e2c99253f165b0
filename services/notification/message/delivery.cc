#include "services/notification/message/delivery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::notification::message {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(DeliveryState::kCreated) == v1::Delivery::STATE_CREATED);
static_assert(static_cast<int>(DeliveryState::kSending) == v1::Delivery::STATE_SENDING);
static_assert(static_cast<int>(DeliveryState::kAccepted) == v1::Delivery::STATE_ACCEPTED);
static_assert(static_cast<int>(DeliveryState::kDelivered) == v1::Delivery::STATE_DELIVERED);
static_assert(static_cast<int>(DeliveryState::kFailed) == v1::Delivery::STATE_FAILED);
static_assert(static_cast<int>(DeliveryState::kInDoubt) == v1::Delivery::STATE_IN_DOUBT);
static_assert(static_cast<int>(FailureKind::kTemporary) == v1::Delivery::FAILURE_TEMPORARY);
static_assert(static_cast<int>(FailureKind::kPermanent) == v1::Delivery::FAILURE_PERMANENT);
static_assert(static_cast<int>(FailureKind::kTechnical) == v1::Delivery::FAILURE_TECHNICAL);

v1::Delivery& Current(v1::Message& message) { return *message.mutable_deliveries(message.deliveries_size() - 1); }

const v1::Delivery& Current(const v1::Message& message) { return message.deliveries(message.deliveries_size() - 1); }

v1::Delivery* Find(v1::Message& message, absl::string_view id) {
  auto& deliveries = *message.mutable_deliveries();
  const auto found = std::find_if(deliveries.begin(), deliveries.end(),
                                  [id](const v1::Delivery& delivery) { return delivery.id() == id; });
  return found == deliveries.end() ? nullptr : &*found;
}

v1::Delivery& Add(v1::Message& message, std::string id, common::Channel channel, absl::Time now) {
  v1::Delivery& delivery = *message.add_deliveries();
  delivery.set_id(std::move(id));
  delivery.set_channel(channel);
  delivery.set_state(v1::Delivery::STATE_CREATED);
  rpc::ToProto(now, delivery.mutable_update_time());
  return delivery;
}

bool IsByPerson(common::Channel channel) { return channel == common::CHANNEL_PHONE || channel == common::CHANNEL_POST; }

DeliveryState StateOf(const v1::Delivery& delivery) { return static_cast<DeliveryState>(delivery.state()); }

bool IsUntouched(const v1::Delivery& delivery) {
  const bool unsent =
      delivery.state() == v1::Delivery::STATE_CREATED || delivery.state() == v1::Delivery::STATE_SENDING;
  return unsent && !delivery.in_flight();
}

bool MayHaveArrived(const v1::Message& message) {
  return std::any_of(message.deliveries().begin(), message.deliveries().end(), [](const v1::Delivery& delivery) {
    return delivery.state() == v1::Delivery::STATE_IN_DOUBT || delivery.state() == v1::Delivery::STATE_ACCEPTED;
  });
}

Advance Reach(v1::Delivery& delivery, DeliveryState news) {
  const Advance advance = Join(StateOf(delivery), news);
  delivery.set_state(static_cast<v1::Delivery::State>(advance.state));
  return advance;
}

void Note(v1::Delivery& delivery, DeliveryState news, FailureKind failure, std::string detail, absl::Time now) {
  Reach(delivery, news);
  delivery.set_failure(static_cast<v1::Delivery::Failure>(failure));
  delivery.set_detail(std::move(detail));
  rpc::ToProto(now, delivery.mutable_update_time());
}

namespace flight {
namespace {

constexpr pg::Statement kSave{"delivery.save", R"sql(
  INSERT INTO notification.deliveries AS d (id, message_id, channel, in_flight_since)
  VALUES ($1, $2, $3, CASE WHEN $4::boolean THEN now() END)
  ON CONFLICT (id) DO UPDATE SET in_flight_since = excluded.in_flight_since
   WHERE (d.in_flight_since IS NULL) = $4::boolean)sql"};

constexpr pg::Statement kMessage{"delivery.message", "SELECT message_id FROM notification.deliveries WHERE id = $1"};

constexpr pg::Statement kFor{"delivery.in_flight_for", R"sql(
  SELECT coalesce((date_part('epoch', statement_timestamp() - in_flight_since) * 1000000)::bigint, 0)
    FROM notification.deliveries WHERE id = $1)sql"};

absl::Status NotFound(absl::string_view delivery) {
  return errors::NotFound("notification.xixinting/Delivery", absl::StrCat("deliveries/", delivery));
}

}  // namespace

void Save(pg::Session& session, absl::string_view message, const v1::Message& of) {
  for (const v1::Delivery& delivery : of.deliveries()) {
    session.Queue(kSave, delivery.id(), message, static_cast<int>(delivery.channel()), delivery.in_flight());
  }
}

absl::StatusOr<std::string> MessageOf(pg::Session& session, absl::string_view delivery) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kMessage, delivery));
  if (rows.empty()) return NotFound(delivery);
  return absl::StrCat("messages/", rows[0].View(0));
}

absl::StatusOr<absl::Duration> For(pg::Session& session, absl::string_view delivery) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFor, delivery));
  if (rows.empty()) return NotFound(delivery);
  return absl::Microseconds(rows[0].Int(0));
}

}  // namespace flight

}  // namespace xxt::notification::message
