#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_REPORT_STORE_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_REPORT_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/notification/domain/message.h"

// What the case is told of a message.
namespace xxt::notification::report_store {

// What became of a message at one moment.
struct Report {
  std::string id;  // of the task that carries it
  std::string message_id;
  int version = 1;  // among the reports of this message
  MessageState state = MessageState::kDelivered;
  Channel channel = Channel::kSms;  // of the try it speaks of
  absl::Time time;                  // business time
};

// Queues the insert.
void Insert(pg::Session& session, const Report& report);

// Errors: NOT_FOUND.
absl::StatusOr<Report> Load(pg::Session& session, absl::string_view id);

}  // namespace xxt::notification::report_store

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_REPORT_STORE_H_
