#include "common/edge/fields.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/identifiers/resource_name.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/field_info.pb.h"
#include "google/api/resource.pb.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::common::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

bool SaysABehavior(const FieldDescriptor& field) {
  return field.options().ExtensionSize(google::api::field_behavior) > 0;
}

bool Behaves(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  const auto& behaviors = field.options().GetRepeatedExtension(google::api::field_behavior);
  return std::find(behaviors.begin(), behaviors.end(), behavior) != behaviors.end();
}

// The pattern of the resource called `type` in `file` or what it imports.
std::string PatternIn(const FileDescriptor& file, const std::string& type, std::set<const FileDescriptor*>* seen) {
  if (!seen->insert(&file).second) return "";
  for (int i = 0; i < file.message_type_count(); ++i) {
    const auto& resource = file.message_type(i)->options().GetExtension(google::api::resource);
    if (resource.type() == type && resource.pattern_size() > 0) return resource.pattern(0);
  }
  for (const auto& resource : file.options().GetRepeatedExtension(google::api::resource_definition)) {
    if (resource.type() == type && resource.pattern_size() > 0) return resource.pattern(0);
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    if (std::string found = PatternIn(*file.dependency(i), type, seen); !found.empty()) return found;
  }
  return "";
}

bool LeadsToWanted(const FieldDescriptor& field, Wanted wanted, std::set<const Descriptor*>* seen) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
  const Descriptor& type = *field.message_type();
  if (!seen->insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    if (wanted(*type.field(i)) || LeadsToWanted(*type.field(i), wanted, seen)) return true;
  }
  return false;
}

std::vector<Step> FindSteps(const Descriptor& type, Wanted wanted) {
  std::vector<Step> steps;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    std::set<const Descriptor*> seen;
    if (wanted(field)) {
      steps.push_back({&field, true});
    } else if (LeadsToWanted(field, wanted, &seen)) {
      steps.push_back({&field, false});
    }
  }
  return steps;
}

}  // namespace

bool SaidByCallers(const FieldDescriptor& field) {
  static constexpr std::array<absl::string_view, 5> kOurs = {"name", "state", "etag", "create_time", "update_time"};
  if (Behaves(field, google::api::OUTPUT_ONLY) || Behaves(field, google::api::IDENTIFIER)) return false;
  if (field.options().GetExtension(v1::internal)) return false;
  const bool of_resource = field.containing_type()->options().HasExtension(google::api::resource);
  return !of_resource || SaysABehavior(field) || std::find(kOurs.begin(), kOurs.end(), field.name()) == kOurs.end();
}

bool SaidByCallersOnly(const FieldDescriptor& field) { return Behaves(field, google::api::INPUT_ONLY); }

bool ByConvention(const FieldDescriptor& field) {
  return absl::EndsWith(field.containing_type()->name(), "Request") && !SaysABehavior(field) &&
         !field.options().HasExtension(v1::rule) && !field.options().HasExtension(google::api::field_info);
}

bool Required(const FieldDescriptor& field) {
  if (!ByConvention(field)) return Behaves(field, google::api::REQUIRED);
  return field.name() == "request_id" || field.name() == "name" || field.name() == "parent";
}

std::string NamePatternOf(const FieldDescriptor& field) {
  if (!field.options().HasExtension(google::api::resource_reference)) return "";
  const auto& reference = field.options().GetExtension(google::api::resource_reference);
  const bool of_parent = !reference.child_type().empty();
  std::set<const FileDescriptor*> seen;
  const std::string pattern = PatternIn(*field.file(), of_parent ? reference.child_type() : reference.type(), &seen);
  if (pattern.empty()) return "";
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  if (of_parent) parts.resize(parts.size() - 2);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (absl::StartsWith(parts[i], "{")) parts[i] = std::string(identifiers::IdPatternOf(parts[i - 1]));
  }
  const bool of_any_parent = of_parent && absl::StartsWith(field.containing_type()->name(), "List");
  if (of_any_parent) parts.back() = absl::StrCat("(", parts.back(), "|-)");
  return absl::StrJoin(parts, "/");
}

const std::vector<Step>& StepsOf(const Descriptor& type, Wanted wanted) {
  // Of each thread, so that no call waits for another to look.
  thread_local std::map<std::pair<const Descriptor*, Wanted>, std::vector<Step>> known;
  const auto [found, fresh] = known.try_emplace({&type, wanted});
  if (fresh) found->second = FindSteps(type, wanted);
  return found->second;  // entries are never removed or changed
}

}  // namespace xxt::edge
