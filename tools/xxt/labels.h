#ifndef XXT_TOOLS_XXT_LABELS_H_
#define XXT_TOOLS_XXT_LABELS_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "tools/xxt/failure.h"

// What fields and values are called in front of people.
namespace xxt::cli {

// Of an enum value's full name: "办理中" for STATE_IN_PROGRESS of
// xixinting.intake.v1.Case.State; without the enum's prefix in English, and
// where there is no label.
std::string LabelOfValue(const std::string& enum_type, const std::string& value, Language language);

// Of a field: what its proto says (noun.proto), else by its name.
std::string LabelOf(const google::protobuf::FieldDescriptor& field, Language language);
// By its name: "下一步" for next_action.
std::string LabelOfField(const std::string& field, Language language);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_LABELS_H_
