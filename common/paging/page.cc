#include "common/paging/page.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::paging {

std::string ScopeOf(absl::string_view method, const identity::HallScope& halls,
                    const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) rest->GetReflection()->ClearField(rest.get(), field);
  }
  return absl::StrCat(method, "\n", halls.sql().value_or("*"), "\n", rest->SerializeAsString());
}

absl::StatusOr<Page> ReadPage(absl::string_view method, const identity::HallScope& halls,
                              const google::protobuf::Message& request, const std::vector<Part>& parts) {
  const auto* size = request.GetDescriptor()->FindFieldByName("page_size");
  const auto* token = request.GetDescriptor()->FindFieldByName("page_token");
  if (size == nullptr || token == nullptr) return errors::Internal("paging.page");
  Page page;
  page.size = PageSize(request.GetReflection()->GetInt32(request, size));
  page.scope = ScopeOf(method, halls, request);
  XXT_ASSIGN_OR_RETURN(page.after, ReadToken(page.scope, request.GetReflection()->GetString(request, token), parts));
  return page;
}

}  // namespace xxt::paging
