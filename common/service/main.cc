#include "common/service/main.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/store/table.h"

namespace xxt::service {
namespace {

constexpr int kUsage = 2;

// One a line: name, SQL and parameters, with tabs between.
void PrintStatements() {
  for (const store::TableBase::Described& one : store::TableBase::Statements()) {
    std::puts(
        absl::StrCat(one.statement->name, "\t", one.statement->sql, "\t", absl::StrJoin(one.parameters, ", ")).c_str());
  }
}

}  // namespace

std::optional<int> ParseCommandLine(int argc, char** argv, const std::string& service, CommandLine* line) {
  CLI::App app(absl::StrCat("The ", service, " service of Xixinting."));
  app.set_version_flag("--version", XXT_VERSION);
  app.add_option("--config", line->config_file, "YAML file")->required();
  app.add_flag("--check-config", line->check_config, "Say whether the configuration is good, and exit");
  app.add_flag("--print-config", line->print_config, "Print the configuration in force with its sources, and exit");
  const auto print_statements = [] {
    PrintStatements();
    throw CLI::Success();
  };
  app.add_flag_callback("--print-statements", print_statements, "Print the SQL made from the messages, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kUsage;
  }
  return std::nullopt;
}

std::optional<int> LoadConfig(const CommandLine& line, const std::string& service,
                              const std::function<void(config::Binder&)>& bind,
                              const std::function<std::vector<std::string>()>& problems) {
  if (line.print_config) {
    std::fputs(config::Print(service, line.config_file, bind).c_str(), stdout);
    return 0;
  }
  if (const absl::Status loaded = config::Load(service, line.config_file, bind); !loaded.ok()) {
    std::fprintf(stderr, "%s\n", std::string(loaded.message()).c_str());
    return kUsage;
  }
  std::vector<std::string> found = problems();
  for (std::string& problem : store::TableBase::Problems()) found.push_back(std::move(problem));
  for (const std::string& problem : found) std::fprintf(stderr, "%s\n", problem.c_str());
  if (!found.empty()) return kUsage;
  if (!line.check_config) return std::nullopt;
  std::puts("configuration is good");
  return 0;
}

}  // namespace xxt::service
