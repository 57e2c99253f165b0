#ifndef XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_
#define XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "xixinting/notification/v1/message.pb.h"

// The payload of a case.tell task: what of a message is known when it is queued,
// its template, event, topic, audience (empty: the applicant) and parameters, and nothing personal. By hand, for
// every case that is opened has one, and protos are written as JSON by reflection.
namespace xxt::intake::message_payload {

std::string Write(const ::xixinting::notification::v1::Message& message);

// Errors: INTERNAL if `payload` is not what Write makes.
absl::StatusOr<::xixinting::notification::v1::Message> Read(absl::string_view payload);

}  // namespace xxt::intake::message_payload

#endif  // XXT_SERVICES_INTAKE_CASES_MESSAGE_PAYLOAD_H_
