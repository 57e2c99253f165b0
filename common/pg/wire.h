#ifndef XXT_COMMON_PG_WIRE_H_
#define XXT_COMMON_PG_WIRE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "common/pg/param.h"

namespace xxt::pg {

// The parameters of one statement as libpq takes them: in binary where the
// statement's type is known and the value has that form, else as text.
class Wire {
 public:
  // `types`: what PostgreSQL takes the parameters for, as it described the
  // statement; empty while it has not been asked.
  Wire(const std::vector<Param>& params, const std::vector<unsigned>& types);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::string bytes_;  // of all of them
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_WIRE_H_
