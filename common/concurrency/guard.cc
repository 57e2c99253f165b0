#include "common/concurrency/guard.h"

#include <atomic>
#include <exception>
#include <typeinfo>

#include "common/log/log.h"

namespace xxt {
namespace {

std::atomic<std::int64_t> caught{0};

void Note(absl::string_view where, const char* type) {
  ++caught;
  // Its type only: the text may hold what was sent.
  log::Error("exception.caught", {{"where", where}, {"type", type}});
}

}  // namespace

bool Guarded(absl::string_view where, absl::FunctionRef<void()> job) {
  try {
    job();
    return true;
  } catch (const std::exception& error) {
    Note(where, typeid(error).name());
  } catch (...) {
    Note(where, "unknown");
  }
  return false;
}

std::int64_t CaughtExceptions() { return caught; }

}  // namespace xxt
