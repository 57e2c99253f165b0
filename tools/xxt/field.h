#ifndef XXT_TOOLS_XXT_FIELD_H_
#define XXT_TOOLS_XXT_FIELD_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Fields of any message, set from what was typed.
namespace xxt::cli {

// The field at `path`, "entry.attempt.result".
// Errors: INTERNAL if there is none: the command table is wrong.
absl::StatusOr<const google::protobuf::FieldDescriptor*> FieldAt(const google::protobuf::Descriptor& type,
                                                                 const std::string& path);

// Sets the field at `path` to what `texts` say, as its type asks for: enum
// values without their prefix in any case ("closed"), times as ParseMoment
// reads them against `now`, days as "2026-03-02", everything else as it is.
// A field that is not repeated takes one text.
// Errors: FIELD_INVALID naming the field as `called` and what is allowed.
absl::Status SetField(google::protobuf::Message* message, const std::string& path,
                      const std::vector<std::string>& texts, absl::Time now, const std::string& called);

// The value that `text` means: "in-progress", "IN_PROGRESS" and "STATE_IN_PROGRESS" are one; null if there is none.
const google::protobuf::EnumValueDescriptor* FindValue(const google::protobuf::EnumDescriptor& type,
                                                       const std::string& text);
// FIELD_INVALID of a field that takes values of `type`, naming them.
absl::Status NoSuchValue(const google::protobuf::EnumDescriptor& type, const std::string& called);

// The enum's values as they may be typed: "in-progress", "closed".
std::vector<std::string> ChoicesOf(const google::protobuf::EnumDescriptor& type);

// "IN_PROGRESS" for STATE_IN_PROGRESS.
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_FIELD_H_
