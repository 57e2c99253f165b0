#include "common/rpc/page.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

}  // namespace

std::string PageScope(absl::string_view method, const identity::HallScope& halls,
                      const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  for (const char* name : {"page_token", "page_size"})
    rest->GetReflection()->ClearField(rest.get(), FieldOf(*rest, name));
  return absl::StrCat(method, "\n", halls.sql().value_or("*"), "\n", rest->SerializeAsString());
}

absl::StatusOr<Page> ReadPage(const Call& call, const google::protobuf::Message& request,
                              const std::vector<paging::Part>& parts) {
  const auto* reflection = request.GetReflection();
  Page page;
  page.size = paging::PageSize(reflection->GetInt32(request, FieldOf(request, "page_size")));
  page.scope = PageScope(call.method, call.caller.halls, request);
  XXT_ASSIGN_OR_RETURN(
      page.after, paging::ReadToken(page.scope, reflection->GetString(request, FieldOf(request, "page_token")), parts));
  return page;
}

}  // namespace xxt::rpc
