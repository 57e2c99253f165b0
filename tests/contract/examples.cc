#include "tests/contract/examples.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/testing/scratch_dir.h"
#include "common/testing/tokens.h"
#include "gtest/gtest.h"
#include "tests/contract/service.h"
#include "tools/xxt/context.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/scenario.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "tools/xxt/step.h"
#include "tools/xxt/values.h"

namespace xxt::contract {
namespace {

using cli::Json;

// Adds what is named in the texts of `value`: "case" of "${case.parties[0].name}".
void AddVariables(const Json& value, std::set<std::string>* names) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
      names->insert(text.substr(at + 2, text.find_first_of(".[}", at) - at - 2));
    }
  }
  if (!value.is_structured()) return;
  for (const Json& part : value) AddVariables(part, names);
}

// Takes what `step` saves out of `needed`. False if that is nothing.
bool Saves(const Json& step, std::set<std::string>* needed) {
  if (!step.contains("save")) return false;
  std::size_t saved = 0;
  for (const auto& [name, from] : step["save"].items()) saved += needed->erase(name);
  return saved > 0;
}

bool IsCall(const Json& step) { return step.contains("call"); }

// Where the steps are that are played before the call at `target`, in their order.
std::vector<std::size_t> StepsBefore(const Json& steps, std::size_t target) {
  std::set<std::string> needed;
  AddVariables(steps[target].value("request", Json::object()), &needed);
  const auto first = std::distance(steps.begin(), std::find_if(steps.begin(), steps.end(), IsCall));
  std::vector<std::size_t> found;
  bool played = true;  // the call behind
  for (std::size_t at = target; at-- > static_cast<std::size_t>(first);) {
    if (IsCall(steps[at])) played = Saves(steps[at], &needed);
    if (!played) continue;
    AddVariables(steps[at], &needed);
    found.push_back(at);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

// Writes for xxt where everything is, and the keys of who may call; the file's path.
std::string WriteContext(const std::string& service, const Surroundings& around) {
  Json context = {{"keys_dir", around.dir->path()}, {"sims", Json::object()}, {"endpoints", Json::object()}};
  around.dir->Write("staff-dev.jwk", test::TestStaffKey());
  around.dir->Write("people.yaml", cli::PeopleFile());
  for (const std::string& one : cli::AllServices()) {
    context["endpoints"][one] = one == service ? around.address : around.neighbours;
    around.dir->Write(absl::StrCat("services-", one, ".jwk"), test::TestServiceKey(one));
  }
  for (const auto& [name, url] : around.sims) context["sims"][name] = url;
  return around.dir->Write("context.yaml", cli::ToYaml(context));
}

Json Load(const std::string& service) {
  absl::StatusOr<Json> scenario = cli::LoadScenario(absl::StrCat(XXT_SOURCE_DIR "/tests/examples/", service, ".yaml"));
  if (scenario.ok()) return *std::move(scenario);
  std::fprintf(stderr, "%s\n", scenario.status().ToString().c_str());
  std::abort();
}

// The file of the service under test. One thread at a time.
class File {
 public:
  File() : service_(ServiceUnderTest()), scenario_(Load(service_.name)), steps_(scenario_.at("steps")) {}

  std::vector<Rpc> Rpcs() {
    std::vector<Rpc> rpcs;
    std::set<const google::protobuf::MethodDescriptor*> seen;
    for (std::size_t at = 0; at < steps_.size(); ++at) {
      const auto* method = IsCall(steps_[at]) ? MethodOf(steps_[at]) : nullptr;
      if (method == nullptr || !seen.insert(method).second) continue;
      rpcs.push_back({method, [this, at] { return RequestOf(at); }, [this, at] { return TokenOf(at); }});
    }
    return rpcs;
  }

 private:
  // Null for another service's.
  const google::protobuf::MethodDescriptor* MethodOf(const Json& step) const {
    const auto* method = *cli::FindMethod(step["call"].get<std::string>());
    const std::string whose = step.value("service", cli::ServiceOf(*method));
    return whose == service_.name ? method : nullptr;
  }

  std::unique_ptr<Message> RequestOf(std::size_t target) {
    cli::Session& session = CurrentSession();
    cli::Values values([&session] { return session.BusinessNow(); });
    values.Set("sims", service_.surroundings().sims);
    for (const auto& [name, value] : scenario_.at("vars").items()) values.Set(name, value);
    cli::StepRunner runner(session, values);
    for (const std::size_t at : StepsBefore(steps_, target)) {
      EXPECT_EQ(runner.Run(steps_[at]), "") << "step " << at + 1 << ", " << cli::TitleOf(steps_[at]);
    }
    std::unique_ptr<Message> request = cli::NewMessage(*MethodOf(steps_[target])->input_type());
    const absl::StatusOr<Json> filled = values.Fill(steps_[target].value("request", Json::object()));
    EXPECT_TRUE(filled.ok()) << filled.status();
    if (filled.ok()) {
      EXPECT_EQ(cli::MergeJson(*filled, request.get()), absl::OkStatus());
    }
    cli::FillRequestId(request.get(), identifiers::NewUuid(absl::Now()));
    return request;
  }

  std::string TokenOf(std::size_t target) {
    const std::string as = steps_[target].value("as", scenario_.at("vars").value("as", ""));
    const absl::StatusOr<const cli::Context*> context = CurrentSession().context();
    const absl::StatusOr<std::string> token = context.ok() ? (*context)->Token(as) : context.status();
    EXPECT_TRUE(token.ok()) << token.status();
    return token.value_or("");
  }

  // Another one where the service has started anew.
  cli::Session& CurrentSession() {
    const Surroundings around = service_.surroundings();
    if (session_ == nullptr || address_ != around.address) {
      address_ = around.address;
      cli::Settings settings;
      settings.context_file = WriteContext(service_.name, around);
      session_ = std::make_unique<cli::Session>(std::move(settings));
    }
    return *session_;
  }

  const Service& service_;
  const Json scenario_;
  const Json& steps_;
  std::string address_;
  std::unique_ptr<cli::Session> session_;
};

std::vector<Rpc> ThatStream(bool stream) {
  std::vector<Rpc> found;
  std::copy_if(Examples().begin(), Examples().end(), std::back_inserter(found),
               [stream](const Rpc& rpc) { return rpc.method->server_streaming() == stream; });
  return found;
}

}  // namespace

const std::vector<Rpc>& Examples() {
  static File* const file = new File();
  static const std::vector<Rpc>* const rpcs = new std::vector<Rpc>(file->Rpcs());
  return *rpcs;
}

std::vector<Rpc> Unary() { return ThatStream(false); }
std::vector<Rpc> Streams() { return ThatStream(true); }

}  // namespace xxt::contract
