#ifndef XXT_COMMON_IDENTIFIERS_RESOURCE_NAME_H_
#define XXT_COMMON_IDENTIFIERS_RESOURCE_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// Parses resource names, once, at the edge (AIP-122).
//
// What an id looks like goes by its collection, and is said here alone. Errors never repeat the name.

// Whether ids in `collection` are codes that people give, or numbers that are counted, not UUIDs made here.
bool HasCodes(absl::string_view collection);

// What ids in `collection` look like, as FieldRule.pattern (options.proto) spells it: six or nine digits for "halls"
// (GB/T 2260), a word for other codes, "{uuid}" for every other one.
absl::string_view IdPatternOf(absl::string_view collection);

// Whether `id` is one that `collection` may have.
bool IsIdIn(absl::string_view collection, absl::string_view id);

// Returns the id in a name like "cases/{uuid}", for `collection` "cases".
// Errors: INVALID_ARGUMENT if `name` is not of that form.
absl::StatusOr<std::string> ParseName(absl::string_view name, absl::string_view collection);

// The two ids of a name like "cases/{uuid}/parties/{uuid}".
struct ChildName {
  std::string parent_id;
  std::string id;
};

// Splits a name in `collection` ("parties") under `parent_collection` ("cases").
// Errors: INVALID_ARGUMENT if `name` is not of that form.
absl::StatusOr<ChildName> ParseChildName(absl::string_view name, absl::string_view parent_collection,
                                         absl::string_view collection);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_RESOURCE_NAME_H_
