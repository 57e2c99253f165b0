#include "common/store/page.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::store {

absl::StatusOr<Page> ReadPage(absl::string_view method, const identity::HallScope& halls,
                              const google::protobuf::Message& request, const std::vector<paging::Part>& parts) {
  const auto* size = request.GetDescriptor()->FindFieldByName("page_size");
  const auto* token = request.GetDescriptor()->FindFieldByName("page_token");
  if (size == nullptr || token == nullptr) return errors::Internal("store.page");
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  for (const auto* field : {size, token}) rest->GetReflection()->ClearField(rest.get(), field);

  Page page;
  page.size = paging::PageSize(request.GetReflection()->GetInt32(request, size));
  page.scope = absl::StrCat(method, "\n", halls.sql().value_or("*"), "\n", rest->SerializeAsString());
  XXT_ASSIGN_OR_RETURN(page.after,
                       paging::ReadToken(page.scope, request.GetReflection()->GetString(request, token), parts));
  return page;
}

}  // namespace xxt::store
