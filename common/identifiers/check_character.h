#ifndef XXT_COMMON_IDENTIFIERS_CHECK_CHARACTER_H_
#define XXT_COMMON_IDENTIFIERS_CHECK_CHARACTER_H_

#include "absl/types/span.h"

namespace xxt::identifiers {

// Returns the check value of an ISO 7064 hybrid system MOD M+1,M over `values`.
//
// M is the size of the alphabet: 10 gives MOD 11,10 (digits), 36 gives MOD 37,36. Every
// value, and the result, is in [0, M). M must be even. Finds every single wrong character
// and nearly every swap of neighbours.
int HybridCheckValue(absl::Span<const int> values, int alphabet_size);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_CHECK_CHARACTER_H_
