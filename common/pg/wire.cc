#include "common/pg/wire.h"

namespace xxt::pg {

Wire::Wire(const std::vector<Param>& params, const std::vector<unsigned>& types)
    : values_(params.size()), lengths_(params.size()), formats_(params.size()) {
  std::vector<std::size_t> begins(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    begins[i] = bytes_.size();
    if (i < types.size() && params[i].AppendBinary(types[i], &bytes_)) {
      formats_[i] = 1;
      lengths_[i] = static_cast<int>(bytes_.size() - begins[i]);
    } else {
      params[i].AppendText(&bytes_);
      bytes_.push_back('\0');
    }
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!params[i].is_null()) values_[i] = bytes_.data() + begins[i];
  }
}

}  // namespace xxt::pg
