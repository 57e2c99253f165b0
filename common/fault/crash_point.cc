#include "common/fault/crash_point.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace xxt::fault {
namespace {

// Parsed once from XXT_CRASH_AT.
struct Target {
  std::string name;
  long passage = 0;
  int signal = SIGKILL;
};

const Target& CrashTarget() {
  static const Target* const target = [] {
    auto* parsed = new Target();
    if (const char* text = std::getenv("XXT_CRASH_AT"); text != nullptr) {
      std::string spec(text);
      constexpr char kStop[] = ":stop";
      if (spec.size() > sizeof kStop && spec.compare(spec.size() - 5, 5, kStop) == 0) {
        parsed->signal = SIGSTOP;
        spec.resize(spec.size() - 5);
      }
      const auto colon = spec.rfind(':');
      parsed->name = spec.substr(0, colon);
      parsed->passage = colon == std::string::npos ? 1 : std::atol(spec.c_str() + colon + 1);
    }
    return parsed;
  }();
  return *target;
}

}  // namespace

void MaybeCrash(const char* name) {
  const Target& target = CrashTarget();
  if (target.name.empty() || (target.name != "*" && target.name != name)) return;
  static std::atomic<long> passages{0};
  if (++passages == target.passage) raise(target.signal);
}

bool Planted(const char* name) {
  static const std::string* const planted = new std::string([] {
    const char* text = std::getenv("XXT_PLANTED_BUG");
    return std::string(text == nullptr ? "" : text);
  }());
  return *planted == name;
}

}  // namespace xxt::fault
