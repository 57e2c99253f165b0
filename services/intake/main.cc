// xxt-intake: the case list of the listening windows.

#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/rpc/server.h"
#include "services/intake/assembly.h"
#include "services/intake/config.h"

int main(int argc, char** argv) {
  CLI::App cli("The intake service of Xixinting.");
  std::string file;
  bool print = false;
  cli.add_option("--config", file, "YAML file")->required();
  cli.add_flag("--print-config", print, "Print the configuration in force, and where it comes from");
  CLI11_PARSE(cli, argc, argv);

  xxt::rpc::StopSignals stop;  // before any thread exists
  xxt::intake::Config config;
  const auto bind = [&config](xxt::config::Binder& binder) { config.Bind(binder); };
  if (print) {
    std::puts(xxt::config::Print("intake", file, bind).c_str());
    return 0;
  }
  if (const absl::Status loaded = xxt::config::Load("intake", file, bind); !loaded.ok()) {
    std::fprintf(stderr, "%s\n", std::string(loaded.message()).c_str());
    return 2;
  }
  xxt::log::Start("intake", config.service.log_level);
  auto assembly = xxt::intake::Assembly::Start(config);
  if (!assembly.ok()) {
    xxt::log::Error("intake.start_failed", {{"status", assembly.status()}});
    return 1;
  }
  xxt::log::Info("intake.started", {{"port", (*assembly)->port()}});
  stop.Wait();
  (*assembly)->Drain();
  return 0;
}
