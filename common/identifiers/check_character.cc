#include "common/identifiers/check_character.h"

namespace xxt::identifiers {

int HybridCheckValue(absl::Span<const int> values, int alphabet_size) {
  int product = alphabet_size;
  for (const int value : values) {
    int sum = (product + value) % alphabet_size;
    if (sum == 0) sum = alphabet_size;
    product = (2 * sum) % (alphabet_size + 1);
  }
  return (alphabet_size + 1 - product) % alphabet_size;
}

}  // namespace xxt::identifiers
