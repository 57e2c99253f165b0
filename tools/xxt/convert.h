#ifndef XXT_TOOLS_XXT_CONVERT_H_
#define XXT_TOOLS_XXT_CONVERT_H_

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// YAML, JSON and protobuf, one into the other.
namespace xxt::cli {

// Keeps the order of keys, as people wrote them.
using Json = nlohmann::ordered_json;

// Spelling of field names in JSON.
enum class Names {
  kProto,  // "next_action", as in the proto files and in scenarios
  kJson,   // "nextAction", as proto3 JSON has it
};

// Reads one YAML (or JSON) document. Unquoted true, false, null and numbers
// become such values; everything else is text.
// Errors: INVALID_ARGUMENT with line and column.
absl::StatusOr<Json> ParseYaml(const std::string& text);

// The contents of `path`, or of standard input for "-".
// Errors: NOT_FOUND.
absl::StatusOr<std::string> ReadFile(const std::string& path);

std::string ToYaml(const Json& value);

// Merges proto3 JSON, with field names in either spelling and values of enums also
// as flags take them ("phone" for CHANNEL_PHONE), into `message`.
// Errors: FIELD_INVALID naming the field, and what there is.
absl::Status MergeJson(const Json& value, google::protobuf::Message* message);

Json ToJson(const google::protobuf::Message& message, Names names);

// The value at `path`, "case.parties[0].name"; null if there is none. An
// index of -1 means the last.
Json ValueAt(const Json& value, const std::string& path);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_CONVERT_H_
