#include "services/notification/message/words.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::notification::message {
namespace {

v1::Words ToProto(Rendered rendered) {
  v1::Words words;
  words.set_sms(std::move(rendered.sms_text));
  words.set_call(std::move(rendered.call_text));
  words.set_late(std::move(rendered.late_text));
  words.set_written(std::move(rendered.written_text));
  return words;
}

// Errors: TEMPLATE_PARAMETER_INVALID.
absl::StatusOr<Rendered> Render(const Template& words, const Parameters& parameters, const v1::Recipient& recipient) {
  if (const std::vector<ParameterFault> faults = words.Check(parameters); !faults.empty()) {
    const ParameterFault& fault = faults.front();
    return errors::TemplateParameterInvalid(fault.parameter, absl::StrCat("参数 ", fault.parameter, " ", fault.zh),
                                            absl::StrCat("parameter ", fault.parameter, " ", fault.en));
  }
  absl::StatusOr<Rendered> rendered =
      words.Render(parameters, recipient.language_code(), recipient.display_name(), recipient.easy_reading());
  if (rendered.ok()) return rendered;
  return errors::TemplateParameterInvalid("parameters", "各项参数合起来不能作为短信发出",
                                          absl::StrCat("the parameters together: ", rendered.status().message()));
}

// Whether a letter is on its way, or came: what it says does not change any more.
bool IsPosted(const v1::Message& message) {
  return std::any_of(message.deliveries().begin(), message.deliveries().end(), [](const v1::Delivery& delivery) {
    const bool left = delivery.state() != v1::Delivery::STATE_CREATED && delivery.state() != v1::Delivery::STATE_FAILED;
    return delivery.channel() == common::CHANNEL_POST && left;
  });
}

}  // namespace

absl::StatusOr<Parameters> ParametersOf(const v1::Message& message) {
  Parameters parameters;
  for (const v1::Parameter& parameter : message.parameters()) {
    const std::string& name = parameter.name();
    if (parameters.count(name) > 0) {
      return errors::TemplateParameterInvalid(name, absl::StrCat("参数 ", name, " 重复"),
                                              absl::StrCat("parameter ", name, " is there twice"));
    }
    switch (parameter.value_case()) {
      case v1::Parameter::kText:
        parameters.emplace(name, parameter.text());
        break;
      case v1::Parameter::kNumber:
        parameters.emplace(name, static_cast<std::int64_t>(parameter.number()));
        break;
      case v1::Parameter::kDate:
        parameters.emplace(name, rpc::FromProto(parameter.date()));
        break;
      case v1::Parameter::kTime:
        parameters.emplace(name, rpc::FromProto(parameter.time()));
        break;
      case v1::Parameter::VALUE_NOT_SET:
        break;
    }
  }
  return parameters;
}

absl::Status Write(const Catalogue& catalogue, v1::Message* message) {
  const Template* words = catalogue.Find(message->template_());
  if (words == nullptr) {
    return errors::NotFound("notification.xixinting/Template", absl::StrCat("templates/", message->template_()));
  }
  XXT_ASSIGN_OR_RETURN(const Parameters parameters, ParametersOf(*message));
  XXT_ASSIGN_OR_RETURN(Rendered rendered, Render(*words, parameters, message->recipient()));
  message->set_headline(std::move(rendered.headline));
  *message->mutable_words() = ToProto(std::move(rendered));
  message->set_template_version(words->version());
  message->set_urgent(words->urgent());
  const absl::Time until = words->TrueUntil(parameters);
  if (until != absl::InfiniteFuture()) rpc::ToProto(until, message->mutable_true_until());
  return absl::OkStatus();
}

v1::Words WordsFor(const Catalogue& catalogue, const v1::Message& message, const v1::Recipient& recipient) {
  const Template* words = catalogue.Find(message.template_());
  const absl::StatusOr<Parameters> parameters = ParametersOf(message);
  if (words == nullptr || !parameters.ok()) return message.words();
  absl::StatusOr<Rendered> rendered = Render(*words, *parameters, recipient);
  return rendered.ok() ? ToProto(*std::move(rendered)) : message.words();
}

absl::Time TrueUntil(const v1::Message& message) {
  return message.has_true_until() ? rpc::FromProto(message.true_until()) : absl::InfiniteFuture();
}

const std::string& WordsBy(const v1::Message& message, common::Channel channel, absl::Time at) {
  const v1::Words& words = message.words();
  const bool late = at >= TrueUntil(message);
  if (channel == common::CHANNEL_PHONE) return late ? words.late() : words.call();
  const bool short_words =
      channel == common::CHANNEL_SMS || channel == common::CHANNEL_WECHAT || channel == common::CHANNEL_WEB;
  if (short_words) return words.sms();
  if (late && channel == common::CHANNEL_POST && !IsPosted(message)) return words.late();
  // What an older version wrote has no words for letters.
  return words.written().empty() ? words.sms() : words.written();
}

}  // namespace xxt::notification::message
