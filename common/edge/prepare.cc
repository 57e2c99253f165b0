#include "common/edge/prepare.h"

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/fields.h"
#include "common/edge/sentinels.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/credit_code.h"
#include "common/identifiers/phone_number.h"
#include "common/identifiers/resident_id.h"
#include "common/status/errors.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::common::v1;
using errors::Violation;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsTime(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Timestamp::descriptor();
}

v1::Format FormatOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::format); }

bool NeedsPreparing(const FieldDescriptor& field) {
  return !SaidByCallers(field) || IsTime(field) || FormatOf(field) != v1::FORMAT_UNSPECIFIED;
}

template <typename Number>
std::optional<std::string> ValueOf(const absl::StatusOr<Number>& parsed) {
  return parsed.ok() ? std::optional<std::string>(parsed->value()) : std::nullopt;
}

// `text` in the one spelling of its format; nullopt if it is none.
std::optional<std::string> Spelled(v1::Format format, const std::string& text, absl::CivilDay today) {
  switch (format) {
    case v1::FORMAT_RESIDENT_ID:
      return ValueOf(identifiers::ResidentId::Parse(text, today));
    case v1::FORMAT_CREDIT_CODE:
      return ValueOf(identifiers::CreditCode::Parse(text));
    case v1::FORMAT_PHONE: {
      const auto parsed = identifiers::PhoneNumber::Parse(text);
      if (!parsed.ok() || parsed->extension().empty()) return ValueOf(parsed);
      return absl::StrCat(parsed->value(), " 转 ", parsed->extension());
    }
    case v1::FORMAT_UNSPECIFIED:
    case XXT_SENTINELS(v1::Format):
      break;
  }
  return text;
}

// What is wrong with a text that is not of its format.
Violation Wrong(v1::Format format, std::string path) {
  switch (format) {
    case v1::FORMAT_RESIDENT_ID:
      return {std::move(path), "身份证号不对，请核对校验位和出生日期",
              "is no valid resident identity number (GB 11643)"};
    case v1::FORMAT_CREDIT_CODE:
      return {std::move(path), "统一社会信用代码不对，请核对校验位", "is no valid credit code (GB 32100)"};
    case v1::FORMAT_PHONE:
      return {std::move(path), "电话号码不对", "is no telephone number that can be rung"};
    case v1::FORMAT_UNSPECIFIED:
    case XXT_SENTINELS(v1::Format):
      break;
  }
  return {std::move(path), "格式不对", "is not well-formed"};
}

void SpellOne(Message* message, const FieldDescriptor& field, int index, absl::CivilDay today, std::string path,
              std::vector<Violation>* found) {
  const Reflection& reflection = *message->GetReflection();
  const std::string text =
      index < 0 ? reflection.GetString(*message, &field) : reflection.GetRepeatedString(*message, &field, index);
  if (text.empty()) return;
  std::optional<std::string> spelled = Spelled(FormatOf(field), text, today);
  if (!spelled.has_value()) {
    found->push_back(Wrong(FormatOf(field), std::move(path)));
  } else if (index < 0) {
    reflection.SetString(message, &field, *std::move(spelled));
  } else {
    reflection.SetRepeatedString(message, &field, index, *std::move(spelled));
  }
}

void PrepareIn(Message* message, const std::string& prefix, absl::CivilDay today, std::vector<Violation>* found) {
  if (auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(message)) {
    time->set_nanos(time->nanos() - time->nanos() % 1000);
    return;
  }
  const Reflection& reflection = *message->GetReflection();
  for (const Step& step : StepsOf(*message->GetDescriptor(), NeedsPreparing)) {
    const FieldDescriptor& field = *step.field;
    if (!SaidByCallers(field)) {
      if (XXT_PLANTED_BUG("output_only_kept")) continue;
      reflection.ClearField(message, &field);
      continue;
    }
    const std::string path = absl::StrCat(prefix, field.name());
    const bool text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!field.is_repeated()) {
      if (text) {
        SpellOne(message, field, -1, today, path, found);
      } else if (reflection.HasField(*message, &field)) {
        PrepareIn(reflection.MutableMessage(message, &field), path + ".", today, found);
      }
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, &field); ++i) {
      const std::string item = absl::StrCat(path, "[", i, "]");
      if (text) {
        SpellOne(message, field, i, today, item, found);
      } else {
        PrepareIn(reflection.MutableRepeatedMessage(message, &field, i), item + ".", today, found);
      }
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> Prepare(const Message& request, absl::CivilDay today) {
  std::unique_ptr<Message> prepared(request.New());
  prepared->CopyFrom(request);
  prepared->DiscardUnknownFields();
  std::vector<Violation> found;
  PrepareIn(prepared.get(), "", today, &found);
  if (!found.empty()) return errors::FieldsInvalid(std::move(found));
  return prepared;
}

void TakeOver(const Message& said, Message* resource) {
  const google::protobuf::Descriptor& type = *resource->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (SaidByCallers(*type.field(i))) resource->GetReflection()->ClearField(resource, type.field(i));
  }
  resource->MergeFrom(said);
}

}  // namespace xxt::edge
