#include "tools/xxt/scenario.h"

#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/macros.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/narrator.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

std::string Escaped(const std::string& text) {
  std::string clean;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') clean += c;
  }
  return absl::StrReplaceAll(clean, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

absl::Status CheckSteps(const Json& scenario, const char* key) {
  if (!scenario.contains(key)) return absl::OkStatus();
  if (!scenario[key].is_array()) return Ill(absl::StrCat(key, " 应为列表"), absl::StrCat(key, " is not a list"));
  for (std::size_t i = 0; i < scenario[key].size(); ++i) {
    const absl::Status checked = StepRunner::Check(scenario[key][i]);
    if (!checked.ok()) return About(absl::StrCat(key, "[", i, "]"), checked);
  }
  return absl::OkStatus();
}

class Player {
 public:
  Player(Session& session, const Context& context, const std::string& path, bool narrate)
      : session_(session),
        context_(context),
        values_([&session] { return session.BusinessNow(); }),
        runner_(session, values_),
        narrator_(session, context, narrate) {
    report_.file = path;
  }

  ScenarioReport Play(const Json& scenario) {
    report_.desc = scenario.value("desc", report_.file);
    narrator_.Title(report_.desc);
    if (SetVariables(scenario)) PlaySteps(scenario, "steps", /*cleaning_up=*/false);
    PlaySteps(scenario, "cleanup", /*cleaning_up=*/true);
    return report_;
  }

 private:
  bool SetVariables(const Json& scenario) {
    values_.Set("sims", context_.sims());
    const Json variables = scenario.contains("vars") ? scenario["vars"] : Json::object();
    for (const auto& [name, value] : variables.items()) {
      absl::StatusOr<Json> filled = values_.Fill(value);
      if (!filled.ok()) {
        Fail({absl::StrCat("vars.", name), absl::ZeroDuration(), filled.status().ToString()});
        return false;
      }
      values_.Set(name, *std::move(filled));
    }
    return true;
  }

  // An interruption ends the steps; what cleans up is played to its end.
  void PlaySteps(const Json& scenario, const char* key, bool cleaning_up) {
    if (!scenario.contains(key)) return;
    for (std::size_t i = 0; i < scenario[key].size(); ++i) {
      const Json& step = scenario[key][i];
      if (interrupted && !cleaning_up) return;
      const absl::Time start = absl::Now();
      StepReport report{absl::StrFormat("%s %02d %s", key, i + 1, TitleOf(step)), {}, runner_.Run(step)};
      report.took = absl::Now() - start;
      if (report.failure.empty()) report.failure = Tell(step);
      if (!report.failure.empty()) {
        Fail(std::move(report));
        return;
      }
      report_.steps.push_back(std::move(report));
    }
  }

  std::string Tell(const Json& step) {
    if (!narrator_.on()) return "";
    const absl::StatusOr<Json> words =
        values_.Fill(Json{{"say", step.value("say", "")}, {"who", step.value("who", "")}});
    if (!words.ok()) return words.status().ToString();
    narrator_.Say(step, *words, session_.BusinessNow());
    if (step.contains("show")) narrator_.Show(step["show"].get<std::string>(), runner_.last());
    return "";
  }

  void Fail(StepReport report) {
    std::cerr << report_.file << ": " << report.title << "\n" << report.failure;
    report_.steps.push_back(std::move(report));
  }

  Session& session_;
  const Context& context_;
  Values values_;
  StepRunner runner_;
  Narrator narrator_;
  ScenarioReport report_;
};

}  // namespace

absl::StatusOr<Json> LoadScenario(const std::string& path) {
  XXT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  absl::StatusOr<Json> scenario = ParseYaml(text);
  absl::Status checked = scenario.status();
  if (checked.ok() && !scenario->is_object()) checked = Ill("故事应为映射", "a scenario is a map");
  if (checked.ok()) {
    for (const auto& [key, value] : scenario->items()) {
      if (key != "desc" && key != "vars" && key != "steps" && key != "cleanup") {
        checked = Ill(absl::StrCat("没有 ", key, " 这一项"), absl::StrCat("unknown key ", key));
      }
    }
  }
  for (const char* key : {"steps", "cleanup"}) {
    if (checked.ok()) checked = CheckSteps(*scenario, key);
  }
  if (!checked.ok()) return About(path, checked);
  return scenario;
}

ScenarioReport PlayScenario(Session& session, const Context& context, const std::string& path, const Json& scenario,
                            bool narrate) {
  return Player(session, context, path, narrate).Play(scenario);
}

std::string ToJunit(const std::vector<ScenarioReport>& reports) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const ScenarioReport& report : reports) {
    int failures = 0;
    std::string cases;
    for (const StepReport& step : report.steps) {
      failures += step.failure.empty() ? 0 : 1;
      absl::StrAppend(&cases, "    <testcase classname=\"", Escaped(report.file), "\" name=\"", Escaped(step.title),
                      "\" time=\"", absl::StrFormat("%.3f", absl::ToDoubleSeconds(step.took)), "\"");
      if (step.failure.empty()) {
        absl::StrAppend(&cases, "/>\n");
      } else {
        absl::StrAppend(&cases, ">\n      <failure>", Escaped(step.failure), "</failure>\n    </testcase>\n");
      }
    }
    absl::StrAppend(&xml, "  <testsuite name=\"", Escaped(report.desc), "\" tests=\"", report.steps.size(),
                    "\" failures=\"", failures, "\">\n", cases, "  </testsuite>\n");
  }
  return absl::StrCat(xml, "</testsuites>\n");
}

}  // namespace xxt::cli
