#ifndef XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_
#define XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/intake/cases/telling_rules.h"

// The payload of a case.tell task.
namespace xxt::intake::message_payload {

std::string Write(const Message& message);

// Errors: INTERNAL if `payload` is not what Write makes.
absl::StatusOr<Message> Read(absl::string_view payload);

}  // namespace xxt::intake::message_payload

#endif  // XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_
