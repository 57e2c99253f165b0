#ifndef XXT_COMMON_IDENTITY_HALL_SCOPE_H_
#define XXT_COMMON_IDENTITY_HALL_SCOPE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace xxt::identity {

// Whose resources somebody may touch: of no hall, of one, of all. Nothing else
// says "all", least of all an empty text.
class HallScope {
 public:
  HallScope() = default;  // of none
  static HallScope One(std::string hall) { return hall.empty() ? HallScope() : HallScope(Kind::kOne, std::move(hall)); }
  static HallScope All() { return HallScope(Kind::kAll, ""); }

  bool none() const { return kind_ == Kind::kNone; }
  bool all() const { return kind_ == Kind::kAll; }
  bool Covers(absl::string_view hall) const { return all() || (kind_ == Kind::kOne && hall == hall_); }

  // For a query that reads NULL as "of any hall"; a scope of none matches nothing.
  std::optional<std::string> sql() const { return all() ? std::nullopt : std::optional<std::string>(hall_); }

 private:
  enum class Kind { kNone, kOne, kAll };
  HallScope(Kind kind, std::string hall) : kind_(kind), hall_(std::move(hall)) {}

  Kind kind_ = Kind::kNone;
  std::string hall_;
};

}  // namespace xxt::identity

#endif  // XXT_COMMON_IDENTITY_HALL_SCOPE_H_
