// What leaves a service: every field of every response, as the edge presents it. What a caller may see is what
// protos/shown.txt lists, which people change on purpose: a field of state that lacks `internal` shows here, before it
// is shown to anybody.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edge/fields.h"
#include "common/edge/methods.h"
#include "common/edge/present.h"
#include "common/identity/caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::common::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ::testing::HasSubstr;
using ::testing::Not;

const identity::Caller kOfficer = {"staff/wang", "halls/110102016", {"officer"}, {}};
const identity::Caller kService = {"services/referral", "", {"service"}, {}};
constexpr char kNumber[] = "11010519491231002X";

bool IsOurs(const Descriptor& type) { return absl::StartsWith(type.full_name(), "xixinting."); }

void Fill(Message* message, int choice, std::set<const Descriptor*> around);

// Whether a field is filled where it is the turn of the oneof's member `choice`.
bool IsChosen(const FieldDescriptor& field, int choice) {
  const auto* oneof = field.real_containing_oneof();
  return oneof == nullptr || oneof->field(choice % oneof->field_count()) == &field;
}

void FillField(Message* message, const FieldDescriptor& field, int choice, const std::set<const Descriptor*>& around) {
  const auto& reflection = *message->GetReflection();
  const bool many = field.is_repeated();
  const bool number = field.options().GetExtension(v1::personal) == v1::PERSONAL_NUMBER;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = number ? kNumber : "x";
      many ? reflection.AddString(message, &field, text) : reflection.SetString(message, &field, text);
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (around.count(field.message_type()) > 0) return;  // a type may hold itself
      Fill(many ? reflection.AddMessage(message, &field) : reflection.MutableMessage(message, &field), choice, around);
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      many ? reflection.AddEnumValue(message, &field, 1) : reflection.SetEnumValue(message, &field, 1);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      many ? reflection.AddInt32(message, &field, 7) : reflection.SetInt32(message, &field, 7);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      many ? reflection.AddInt64(message, &field, 7) : reflection.SetInt64(message, &field, 7);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      many ? reflection.AddBool(message, &field, true) : reflection.SetBool(message, &field, true);
      return;
    default:
      ADD_FAILURE() << field.full_name() << ": say here how it is filled";
  }
}

// Sets every field, at every depth, and one that nobody knows; of a oneof, one member. `around`: the types that this
// message lies in.
void Fill(Message* message, int choice, std::set<const Descriptor*> around) {
  const Descriptor& type = *message->GetDescriptor();
  if (!IsOurs(type)) return;
  around.insert(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsChosen(*type.field(i), choice)) FillField(message, *type.field(i), choice, around);
  }
  if (type.options().map_entry()) return;
  message->GetReflection()->MutableUnknownFields(message)->AddLengthDelimited(1000, "unknown");
}

// The fields that are set in messages of a type, by their place in it.
using Seen = std::map<std::string, std::map<int, const FieldDescriptor*>>;

void Look(const Message& message, Seen* seen) {
  const auto& reflection = *message.GetReflection();
  if (!IsOurs(*message.GetDescriptor())) return;
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    (*seen)[message.GetDescriptor()->full_name()][field->index()] = field;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) Look(reflection.GetMessage(message, field), seen);
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
      Look(reflection.GetRepeatedMessage(message, field, i), seen);
    }
  }
}

int MostChoices() {
  int most = 1;
  for (const auto* file : AllFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      for (int j = 0; j < file->message_type(i)->oneof_decl_count(); ++j) {
        most = std::max(most, file->message_type(i)->oneof_decl(j)->field_count());
      }
    }
  }
  return most;
}

// All that is set in a response of `method` when `show` has seen it.
template <typename Show>
void LookAt(const MethodDescriptor& method, const Show& show, Seen* seen) {
  const Message* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type());
  for (int choice = 0; choice < MostChoices(); ++choice) {
    const std::unique_ptr<Message> response(prototype->New());
    Fill(response.get(), choice, {});
    show(response.get());
    Look(*response, seen);
  }
}

// Tasks and the clock, and streams of events, are written as they are.
bool IsPresented(const MethodDescriptor& method) {
  return method.file()->package() != "xixinting.common.v1" && !method.server_streaming();
}

// "xixinting.intake.v1.Case: name title *summary", by type; "*" goes from BASIC views.
std::string List(const Seen& full, const Seen& basic) {
  std::string list;
  for (const auto& [type, fields] : full) {
    absl::StrAppend(&list, type, ":");
    const auto also = basic.find(type);
    for (const auto& [place, field] : fields) {
      const bool in_basic = also != basic.end() && also->second.count(place) > 0;
      absl::StrAppend(&list, in_basic ? " " : " *", field->name());
    }
    absl::StrAppend(&list, "\n");
  }
  return list;
}

std::string ListOnFile() {
  std::ifstream file(XXT_SOURCE_DIR "/protos/shown.txt");
  std::string list;
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, "#")) absl::StrAppend(&list, line, "\n");
  }
  return list;
}

TEST(Shown, IsWhatPeopleHaveListed) {
  Seen full;
  Seen basic;
  for (const MethodDescriptor* method : AllMethods()) {
    const bool presented = IsPresented(*method);
    for (const auto& [view, seen] : {std::pair{View::kFull, &full}, std::pair{View::kBasic, &basic}}) {
      const auto show = [&, of = view](Message* response) {
        if (presented) Present(kOfficer, of, response);
      };
      LookAt(*method, show, seen);
    }
  }
  EXPECT_EQ(List(full, basic), ListOnFile()) << "protos/shown.txt says otherwise. State that is not for callers is "
                                                "marked internal; what is for them is listed.";
}

TEST(Shown, IsNothingInternalToAnybodyAndNothingUnknown) {
  for (const identity::Caller& caller : {kOfficer, kService}) {
    for (const MethodDescriptor* method : AllMethods()) {
      const auto show = [&](Message* response) {
        if (!IsPresented(*method)) return;
        Present(caller, View::kFull, response);
        EXPECT_THAT(response->SerializeAsString(), Not(HasSubstr("unknown"))) << method->full_name();
        if (caller.Has("service")) return;
        EXPECT_THAT(response->SerializeAsString(), Not(HasSubstr(kNumber))) << method->full_name();
      };
      Seen seen;
      LookAt(*method, show, &seen);
      for (const auto& [type, fields] : seen) {
        for (const auto& [place, field] : fields) {
          EXPECT_FALSE(field->options().GetExtension(v1::internal))
              << method->full_name() << ": " << field->full_name();
        }
      }
    }
  }
}

// Nothing takes it out.
TEST(Shown, OfWhatIsWrittenAsItIsNothingIsPersonalOrOnlySaidByCallers) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (IsPresented(*method)) continue;
    Seen seen;
    LookAt(
        *method, [](const Message*) {}, &seen);
    for (const auto& [type, fields] : seen) {
      for (const auto& [place, field] : fields) {
        EXPECT_EQ(field->options().GetExtension(v1::personal), v1::PERSONAL_UNSPECIFIED) << field->full_name();
        EXPECT_FALSE(SaidByCallersOnly(*field)) << field->full_name();
      }
    }
  }
}

void ExpectLinesPersonal(const Descriptor& type) {
  for (int i = 0; i < type.nested_type_count(); ++i) ExpectLinesPersonal(*type.nested_type(i));
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!field.options().GetExtension(v1::rule).multiline()) continue;
    EXPECT_NE(field.options().GetExtension(v1::personal), v1::PERSONAL_UNSPECIFIED) << field.full_name();
  }
}

// What is said in lines is somebody's own words, and may be about anybody. An officer's note on a task was overlooked.
TEST(Personal, AreWordsOfSeveralLines) {
  for (const auto* file : AllFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) ExpectLinesPersonal(*file->message_type(i));
  }
}

}  // namespace
}  // namespace xxt::edge
