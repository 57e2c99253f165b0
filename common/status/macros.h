#ifndef XXT_COMMON_STATUS_MACROS_H_
#define XXT_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function if `expr` is not OK.
#define XXT_RETURN_IF_ERROR(expr)                             \
  do {                                                        \
    if (absl::Status xxt_status = (expr); !xxt_status.ok()) { \
      return xxt_status;                                      \
    }                                                         \
  } while (false)

// Declares `lhs` from the value of `expr`, or returns its status.
#define XXT_ASSIGN_OR_RETURN(lhs, expr) XXT_ASSIGN_OR_RETURN_IMPL(XXT_CONCAT(xxt_or_, __LINE__), lhs, expr)

// NOLINTBEGIN(bugprone-macro-parentheses): `lhs` may be a declaration
#define XXT_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                              \
  if (!tmp.ok()) return std::move(tmp).status();  \
  lhs = *std::move(tmp)
// NOLINTEND(bugprone-macro-parentheses)

#define XXT_CONCAT(a, b) XXT_CONCAT_IMPL(a, b)
#define XXT_CONCAT_IMPL(a, b) a##b

#endif  // XXT_COMMON_STATUS_MACROS_H_
