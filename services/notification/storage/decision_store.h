#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_DECISION_STORE_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_DECISION_STORE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

// What people did about a message. Append-only.
namespace xxt::notification::decision_store {

struct Decision {
  std::string message_id;
  std::string staff;    // "staff/wang"
  std::string outcome;  // "REACHED", "SEND_AGAIN", ...
  std::string note;     // personal data
  absl::Time time;      // business time
};

// Queues the insert.
void Insert(pg::Session& session, const Decision& decision);

}  // namespace xxt::notification::decision_store

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_DECISION_STORE_H_
