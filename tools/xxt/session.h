#ifndef XXT_TOOLS_XXT_SESSION_H_
#define XXT_TOOLS_XXT_SESSION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/xxt/context.h"
#include "tools/xxt/print.h"
#include "tools/xxt/rpc.h"

namespace xxt::cli {

// What was asked for on the command line, whatever the command.
struct Settings {
  std::string context_file;
  std::string as;
  Format format = Format::kTable;
  Style style;
  absl::Duration timeout = absl::Seconds(10);
  bool timeout_given = false;
  absl::Duration repeat_for;  // see CallOptions
  std::string request_id;
};

// One run of the program: its settings, and the connection, made when needed.
class Session {
 public:
  explicit Session(Settings settings) : settings_(std::move(settings)) { settings_.style.now = absl::Now(); }

  const Settings& settings() const { return settings_; }
  bool chinese() const { return settings_.style.language == Language::kChinese; }

  // Errors: INVALID_ARGUMENT if no context was named; those of Context::Load.
  absl::StatusOr<const Context*> context();
  absl::StatusOr<Rpc*> rpc();

  // How to call `service` as `as`, or as --as says if that is empty.
  CallOptions OptionsFor(const std::string& service, const std::string& as = "") const;

  // Business time: the instance's test clock if it has one, else the real
  // time.
  absl::Time BusinessNow();

 private:
  Settings settings_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Rpc> rpc_;
};

// What followed a command's name: flags by their name, "--state" or "CASE".
// A flag without a value holds "true".
struct Arguments {
  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::string> words;  // all of the command line, as typed
  bool took_task = false;          // the lease is this program's own: nobody had it before

  bool Has(const std::string& name) const { return values.count(name) != 0; }
  std::string Get(const std::string& name, const std::string& fallback = "") const {
    const auto found = values.find(name);
    return found == values.end() || found->second.empty() ? fallback : found->second.front();
  }
};

// Writes `status` to standard error, in the form that the settings ask for.
void PrintFailure(const absl::Status& status, const Settings& settings);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_SESSION_H_
