#include "common/edge/present.h"

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "common/edge/fields.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::common::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

v1::Personal PersonalOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::personal); }

bool ForNobody(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::internal) || SaidByCallersOnly(field);
}

bool NotForAll(const FieldDescriptor& field) {
  return ForNobody(field) || PersonalOf(field) != v1::PERSONAL_UNSPECIFIED;
}

// "110***********002X": the first three and the last four characters of an
// identity number (eighteen, or fifteen once), and of anything shorter none.
std::string Masked(const std::string& number) {
  constexpr std::size_t kHead = 3;
  constexpr std::size_t kTail = 4;
  if (number.size() <= 2 * (kHead + kTail)) return std::string(number.size(), '*');
  return number.substr(0, kHead) + std::string(number.size() - kHead - kTail, '*') +
         number.substr(number.size() - kTail);
}

void Mask(Message* message, const FieldDescriptor& field) {
  const Reflection& reflection = *message->GetReflection();
  if (!field.is_repeated()) {
    reflection.SetString(message, &field, Masked(reflection.GetString(*message, &field)));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(*message, &field); ++i) {
    reflection.SetRepeatedString(message, &field, i, Masked(reflection.GetRepeatedString(*message, &field, i)));
  }
}

void PresentIn(Message* message, View view, bool masked) {
  const Reflection& reflection = *message->GetReflection();
  for (const Step& step : StepsOf(*message->GetDescriptor(), NotForAll)) {
    const FieldDescriptor& field = *step.field;
    if (step.wanted) {
      if (ForNobody(field) || view == View::kBasic) {
        reflection.ClearField(message, &field);
      } else if (masked && PersonalOf(field) == v1::PERSONAL_NUMBER) {
        Mask(message, field);
      }
    } else if (!field.is_repeated()) {
      if (reflection.HasField(*message, &field)) PresentIn(reflection.MutableMessage(message, &field), view, masked);
    } else {
      for (int i = 0; i < reflection.FieldSize(*message, &field); ++i) {
        PresentIn(reflection.MutableRepeatedMessage(message, &field, i), view, masked);
      }
    }
  }
}

}  // namespace

View ViewOf(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("view");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return View::kFull;
  const auto* value = request.GetReflection()->GetEnum(request, field);
  return absl::EndsWith(value->name(), "_VIEW_BASIC") ? View::kBasic : View::kFull;
}

void Present(const identity::Caller& caller, View view, Message* response) {
  response->DiscardUnknownFields();
  PresentIn(response, view, !caller.Has("service"));
}

}  // namespace xxt::edge
