#include "tools/xxt/schema.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/edge/methods.h"
#include "common/status/errors.h"
#include "tools/xxt/failure.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

// True if `name` is an end of `full` from a dot or slash on.
bool EndsInPart(const std::string& full, const std::string& name) {
  if (full == name) return true;
  return absl::EndsWith(full, absl::StrCat(".", name)) || absl::EndsWith(full, absl::StrCat("/", name));
}

}  // namespace

std::vector<std::string> AllServices() { return {"intake", "referral", "notification"}; }

absl::StatusOr<const pb::MethodDescriptor*> FindMethod(const std::string& name) {
  std::vector<const pb::MethodDescriptor*> found;
  std::vector<std::string> names;
  for (const pb::MethodDescriptor* method : edge::AllMethods()) {
    if (EndsInPart(NameOf(*method), name) || EndsInPart(method->full_name(), name)) {
      found.push_back(method);
      names.push_back(NameOf(*method));
    }
  }
  if (found.empty())
    return errors::InBothLanguages(absl::StatusCode::kNotFound,
                                   absl::StrCat("没有方法 ", name, "，可用 xxt api ls 查看"),
                                   absl::StrCat("no method ", name, "; see `xxt api ls`"));
  if (found.size() > 1) {
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument,
                                   absl::StrCat(name, " 可指：", absl::StrJoin(names, "、")),
                                   absl::StrCat(name, " may be any of ", absl::StrJoin(names, ", ")));
  }
  return found.front();
}

std::string NameOf(const pb::MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

std::string ServiceOf(const pb::MethodDescriptor& method) {
  const std::vector<std::string> parts = absl::StrSplit(method.service()->full_name(), '.');
  return parts[1] == "common" ? "" : parts[1];
}

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor& type) {
  return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

}  // namespace xxt::cli
