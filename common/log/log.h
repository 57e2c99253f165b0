#ifndef XXT_COMMON_LOG_LOG_H_
#define XXT_COMMON_LOG_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// JSON lines on standard error: one event, one line, always parseable.
//
//   log::Info("task.settled", {{"task", id}, {"kind", kind}, {"attempt", 2}});
//   {"time":"…","level":"info","service":"intake","event":"task.settled","trace":"…","task":"…",…}
//
// Values are names of resources, codes and counts. Never names, numbers or
// words of people: a test searches the logs for them.
namespace xxt::log {

// One field: text or number.
struct Field {
  absl::string_view key;
  std::string value;
  bool number = false;

  Field(absl::string_view k, absl::string_view v) : key(k), value(v) {}
  Field(absl::string_view k, const std::string& v) : key(k), value(v) {}
  Field(absl::string_view k, const char* v) : key(k), value(v) {}
  Field(absl::string_view k, std::int64_t v) : key(k), value(std::to_string(v)), number(true) {}
  Field(absl::string_view k, int v) : key(k), value(std::to_string(v)), number(true) {}
  Field(absl::string_view k, std::size_t v) : key(k), value(std::to_string(v)), number(true) {}
  Field(absl::string_view k, const absl::Status& status)
      : key(k), value(status.ToString(absl::StatusToStringMode::kWithNoExtraData)) {}
};
using Fields = std::initializer_list<Field>;

// Sets what every line carries. Once, first thing in main. `level` is "debug",
// "info", "warning" or "error".
void Start(absl::string_view service, absl::string_view level);

void Debug(absl::string_view event, Fields fields = {});
void Info(absl::string_view event, Fields fields = {});
void Warning(absl::string_view event, Fields fields = {});
void Error(absl::string_view event, Fields fields = {});

// For what fails again and again while something is away. Of the lines of
// `event` about `of`, a name of which there are few (a server, a code), the first
// is written, and then one in kSeldom, which tells as `unsaid` how many were
// left out before it.
inline constexpr absl::Duration kSeldom = absl::Seconds(10);
void SeldomWarning(absl::string_view event, absl::string_view of, Fields fields);
void SeldomError(absl::string_view event, absl::string_view of, Fields fields);

// Lines of this thread carry `trace` while it lives. Nests.
class Trace {
 public:
  explicit Trace(std::string trace);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  // The thread's trace; empty outside.
  static const std::string& Current();

 private:
  std::string outer_;
};

}  // namespace xxt::log

#endif  // XXT_COMMON_LOG_LOG_H_
