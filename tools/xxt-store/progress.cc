#include "tools/xxt-store/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace xxt::store_tool {
namespace {

constexpr char kClearLine[] = "\r\x1b[K";

}  // namespace

void Progress::Add(std::int64_t count, const std::string& where) {
  done_ += count;
  const absl::Time now = absl::Now();
  if (now - told_ < (live_ ? absl::Seconds(1) : absl::Seconds(10))) return;
  told_ = now;
  // Rows come and go meanwhile: more may be done than there were.
  const std::string line =
      absl::StrCat(what_, " ", done_, "/", std::max(total_, done_), where.empty() ? "" : " ", where);
  err_ << (live_ ? kClearLine : "") << line << (live_ ? "" : "\n") << std::flush;
}

void Progress::End(const std::string& outcome) {
  err_ << (live_ ? kClearLine : "") << what_ << " " << outcome << "\n" << std::flush;
}

}  // namespace xxt::store_tool
