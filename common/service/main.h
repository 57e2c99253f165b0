#ifndef XXT_COMMON_SERVICE_MAIN_H_
#define XXT_COMMON_SERVICE_MAIN_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/rpc/server.h"

namespace xxt::service {

// What the command line asks for.
struct CommandLine {
  std::string config_file;
  bool check_config = false;
  bool print_config = false;
};

// Parses --config, --check-config, --print-config, --print-statements, --version, --help. Returns
// an exit code if the process is done already.
std::optional<int> ParseCommandLine(int argc, char** argv, const std::string& service, CommandLine* line);

// Loads, checks or prints the configuration as asked. `problems` are those of
// the values that `bind` got. Returns an exit code if the process is done: 0,
// or 2 with every problem on standard error.
std::optional<int> LoadConfig(const CommandLine& line, const std::string& service,
                              const std::function<void(config::Binder&)>& bind,
                              const std::function<std::vector<std::string>()>& problems);

// main() of a service: runs Assembly::Start(config) until SIGTERM or SIGINT,
// then drains. Exit codes: 0 stopped as asked, 1 could not start, 2 usage or
// configuration.
template <typename Config, typename Assembly>
int Main(int argc, char** argv, const std::string& service) {
  // absl's own mutexes: Debian's build looks for deadlocks by default, at 2 % of the time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CommandLine line;
  if (const std::optional<int> done = ParseCommandLine(argc, argv, service, &line)) return *done;
  rpc::StopSignals stop_signals;  // before any thread exists
  Config config;
  if (const std::optional<int> done = LoadConfig(
          line, service, [&config](config::Binder& binder) { config.Bind(binder); },
          [&config] { return config.Problems(); })) {
    return *done;
  }
  log::Start(service, config.service.log_level);
  auto assembly = Assembly::Start(config);
  if (!assembly.ok()) {
    log::Error("service.start_failed", {{"status", assembly.status()}});
    return 1;
  }
  log::Info("service.started", {{"port", (*assembly)->port()}});
  stop_signals.Wait();
  (*assembly)->Drain();
  log::Info("service.stopped");
  return 0;
}

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_MAIN_H_
