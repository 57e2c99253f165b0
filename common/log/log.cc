#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <map>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"

namespace xxt::log {
namespace {

struct Output {
  std::shared_ptr<spdlog::logger> logger;
  std::string service;
};

Output& Out() {
  static Output* const output = [] {
    auto* made =
        new Output{std::make_shared<spdlog::logger>("xxt", std::make_shared<spdlog::sinks::stderr_sink_mt>()), ""};
    made->logger->set_pattern("%v");
    return made;
  }();
  return *output;
}

thread_local std::string current_trace;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void AppendText(std::string* line, absl::string_view text) {
  line->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line->push_back('\\');
      line->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      line->append(absl::StrFormat("\\u%04x", static_cast<unsigned>(c)));
    } else {
      line->push_back(c);
    }
  }
  line->push_back('"');
}

void AppendField(std::string* line, absl::string_view key, absl::string_view value) {
  line->push_back(',');
  AppendText(line, key);
  line->push_back(':');
  AppendText(line, value);
}

void AppendNumber(std::string* line, absl::string_view key, absl::string_view value) {
  line->push_back(',');
  AppendText(line, key);
  line->push_back(':');
  line->append(value.data(), value.size());
}

void Write(spdlog::level::level_enum level, absl::string_view level_name, absl::string_view event, Fields fields,
           std::size_t unsaid = 0) {
  const Output& out = Out();
  if (!out.logger->should_log(level)) return;
  std::string line = "{\"time\":\"";
  line += absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line.push_back('"');
  AppendField(&line, "level", level_name);
  AppendField(&line, "service", out.service);
  AppendField(&line, "event", event);
  if (!current_trace.empty()) AppendField(&line, "trace", current_trace);
  for (const Field& field : fields) {
    (field.number ? AppendNumber : AppendField)(&line, field.key, field.value);
  }
  if (unsaid > 0) AppendNumber(&line, "unsaid", absl::StrCat(unsaid));
  line.push_back('}');
  out.logger->log(level, line);
}

// Lines that are written seldom. Thread-safe.
class Repeated {
 public:
  // How many were left out before this line; nullopt: it is left out, too.
  std::optional<std::size_t> Say(absl::string_view event, absl::string_view of) {
    const MutexLock lock(mu_);
    Line& line = lines_[absl::StrCat(event, " ", of)];
    if (!line.again_at.passed()) {
      ++line.unsaid;
      return std::nullopt;
    }
    line.again_at = SteadyTime::Now() + kSeldom;
    return std::exchange(line.unsaid, 0);
  }

 private:
  struct Line {
    SteadyTime again_at;
    std::size_t unsaid = 0;
  };
  Mutex mu_;
  std::map<std::string, Line> lines_ XXT_GUARDED_BY(mu_);
};

std::optional<std::size_t> SayAgain(absl::string_view event, absl::string_view of) {
  static auto* const repeated = new Repeated;
  return repeated->Say(event, of);
}

}  // namespace

void Start(absl::string_view service, absl::string_view level) {
  Output& out = Out();
  out.service = std::string(service);
  out.logger->set_level(spdlog::level::from_str(std::string(level)));
}

void Debug(absl::string_view event, Fields fields) { Write(spdlog::level::debug, "debug", event, fields); }
void Info(absl::string_view event, Fields fields) { Write(spdlog::level::info, "info", event, fields); }
void Warning(absl::string_view event, Fields fields) { Write(spdlog::level::warn, "warning", event, fields); }
void Error(absl::string_view event, Fields fields) { Write(spdlog::level::err, "error", event, fields); }

void SeldomWarning(absl::string_view event, absl::string_view of, Fields fields) {
  if (const auto unsaid = SayAgain(event, of)) Write(spdlog::level::warn, "warning", event, fields, *unsaid);
}
void SeldomError(absl::string_view event, absl::string_view of, Fields fields) {
  if (const auto unsaid = SayAgain(event, of)) Write(spdlog::level::err, "error", event, fields, *unsaid);
}

Trace::Trace(std::string trace) : outer_(std::exchange(current_trace, std::move(trace))) {}
Trace::~Trace() { current_trace = std::move(outer_); }
const std::string& Trace::Current() { return current_trace; }

}  // namespace xxt::log
