#ifndef XXT_TOOLS_XXT_STORE_PROGRESS_H_
#define XXT_TOOLS_XXT_STORE_PROGRESS_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace xxt::store_tool {

// How far a long command is: on a terminal one line that is written over each
// second, elsewhere a line each ten seconds.
class Progress {
 public:
  Progress(std::ostream& err, bool live, std::string what, std::int64_t total)
      : err_(err), live_(live), what_(std::move(what)), total_(total) {}

  // `count` more are done. `where`: the last one, from which it may go on later.
  void Add(std::int64_t count, const std::string& where = "");
  // The last line.
  void End(const std::string& outcome);

  std::int64_t done() const { return done_; }

 private:
  std::ostream& err_;
  const bool live_;
  const std::string what_;
  const std::int64_t total_;
  std::int64_t done_ = 0;
  absl::Time told_ = absl::Now();
};

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_PROGRESS_H_
