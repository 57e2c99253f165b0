#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_WORDS_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_WORDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/notification/message/delivery.h"
#include "services/notification/template/catalogue.h"
#include "services/notification/template/template_text.h"
#include "xixinting/notification/v1/message.pb.h"

// What a message says: the words of its template, made once and kept, so that what
// is told does not change with the templates. Personal data.
namespace xxt::notification::message {

// Its parameters as templates take them. One without a value is left out: the
// template says that it misses it.
// Errors: TEMPLATE_PARAMETER_INVALID of one that is there twice.
absl::StatusOr<Parameters> ParametersOf(const v1::Message& message);

// Writes the words for its recipient, and what the template says of them: until when
// they are true, their line for officers, how urgent they are.
// Errors: RESOURCE_NOT_FOUND (template), TEMPLATE_PARAMETER_INVALID.
absl::Status Write(const Catalogue& catalogue, v1::Message* message);

// The words for another recipient; those there are, if the template of today does not
// take the parameters of then.
v1::Words WordsFor(const Catalogue& catalogue, const v1::Message& message, const v1::Recipient& recipient);

// From when on the words that are sent or said are not true any more.
// InfiniteFuture: they always are.
absl::Time TrueUntil(const v1::Message& message);

// The words as they are told by `channel` at `at`.
const std::string& WordsBy(const v1::Message& message, common::Channel channel, absl::Time at);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_WORDS_H_
