#include "common/identifiers/resource_name.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/uuid.h"

namespace xxt::identifiers {
namespace {

constexpr std::size_t kMaxWord = 63;

bool IsDivisionCode(absl::string_view id) {
  return (id.size() == 6 || id.size() == 9) &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsWord(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxWord && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

bool HasCodes(absl::string_view collection) {
  return collection == "halls" || collection == "staff" || collection == "bodies" || collection == "benefits" ||
         collection == "channels" || collection == "routeSheets";
}

absl::string_view IdPatternOf(absl::string_view collection) {
  if (collection == "halls") return "([0-9]{6}|[0-9]{9})";
  return HasCodes(collection) ? "[a-z0-9-]{1,63}" : "{uuid}";
}

bool IsIdIn(absl::string_view collection, absl::string_view id) {
  if (collection == "halls") return IsDivisionCode(id);
  return HasCodes(collection) ? IsWord(id) : IsUuid(id);
}

absl::StatusOr<std::string> ParseName(absl::string_view name, absl::string_view collection) {
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (segments.size() != 2 || segments[0] != collection || !IsIdIn(collection, segments[1])) {
    return absl::InvalidArgumentError(
        absl::StrCat("name is not of the form \"", collection, "/", IdPatternOf(collection), "\""));
  }
  return std::string(segments[1]);
}

absl::StatusOr<ChildName> ParseChildName(absl::string_view name, absl::string_view parent_collection,
                                         absl::string_view collection) {
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (segments.size() != 4 || segments[0] != parent_collection || !IsIdIn(parent_collection, segments[1]) ||
      segments[2] != collection || !IsIdIn(collection, segments[3])) {
    return absl::InvalidArgumentError(absl::StrCat("name is not of the form \"", parent_collection, "/",
                                                   IdPatternOf(parent_collection), "/", collection, "/",
                                                   IdPatternOf(collection), "\""));
  }
  return ChildName{std::string(segments[1]), std::string(segments[3])};
}

}  // namespace xxt::identifiers
