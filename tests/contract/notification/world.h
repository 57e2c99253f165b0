#ifndef XXT_TESTS_CONTRACT_NOTIFICATION_WORLD_H_
#define XXT_TESTS_CONTRACT_NOTIFICATION_WORLD_H_

#include <curl/curl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/identifiers/uuid.h"
#include "common/testing/tokens.h"
#include "services/notification/assembly.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/fake_intake.h"
#include "tests/contract/service_world.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// The notification service as its clients see it: real stubs, real stores, the
// simulated SMS gateway, and an intake service that only remembers.
namespace xxt::notification {

namespace v1 = ::xixinting::notification::v1;
namespace common = ::xixinting::common::v1;
namespace intake = ::xixinting::intake::v1;
using Json = nlohmann::json;

inline constexpr char kHall[] = "halls/110102016";
inline constexpr char kOtherHall[] = "halls/110102014";
inline constexpr char kCode[] = "0102-26-000042-1";

// Callers.
inline std::string Officer() { return test::Token("staff/wang", kHall, {"officer"}); }
inline std::string Clerk() { return test::Token("staff/chen", kHall, {"counter"}); }
inline std::string Stranger() { return test::Token("staff/officer-110102014", kOtherHall, {"officer", "leader"}); }
inline std::string District() { return test::Token("staff/qu", "", {"district"}); }
inline std::string Intake() { return test::Token("services/intake", "", {"service"}); }

inline std::string NewId() { return identifiers::NewUuid(absl::Now()); }

using contract::Eventually;
using contract::FakeIntake;

// The simulated gateway and its telephones, tools/sim/phone_gateway.py.
class Gateway {
 public:
  explicit Gateway(const std::string& dir) {
    token_file_ = dir + "/token";
    SetTokens("secret");
    int ready[2];
    if (pipe(ready) != 0) std::abort();
    const std::string ledger = dir + "/ledger";
    pid_ = fork();  // other threads may run: nothing is allocated in the child
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // ctest waits for whoever has its output open
      dup2(ready[1], STDOUT_FILENO);
      execl("/usr/bin/python3", "python3", XXT_SOURCE_DIR "/tools/sim/phone_gateway.py", "--port", "0", "--ledger",
            ledger.c_str(), "--token-file", token_file_.c_str(), nullptr);
      _exit(127);
    }
    close(ready[1]);
    std::string line;
    for (char c = 0; read(ready[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
    close(ready[0]);
    const std::size_t at = line.find("http=");
    if (at == std::string::npos) {
      std::fprintf(stderr, "The gateway did not start: %s\n", line.c_str());
      std::abort();
    }
    url_ = "http://127.0.0.1:" + line.substr(at + 5);
  }
  ~Gateway() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  const std::string& url() const { return url_; }

  // Makes the next `count` messages meet `mode`; 0: until changed.
  void Set(const std::string& mode, int count = 0) {
    Http("/control", Json({{"mode", mode}, {"count", count}}).dump());
  }
  // Makes the next messages meet these modes, one each.
  void Script(const std::vector<std::string>& modes) { Control({{"script", modes}}); }
  void DelayReceipts(int milliseconds) { Control({{"receipt_delay_ms", milliseconds}}); }
  // A receipt of the message that was sent with `key`.
  void AddReceipt(const std::string& key, const std::string& state) {
    Control({{"add_receipts", {{"count", 1}, {"state", state}, {"client_ref", key}}}});
  }
  // Anything that phone_gateway.py --help knows.
  void Control(const Json& wanted) { Http("/control", wanted.dump()); }
  // These tokens are good from now on, a line each.
  void SetTokens(const std::string& tokens) { std::ofstream(token_file_) << tokens; }

  // What the gateway took with this key.
  std::vector<Json> Taken(const std::string& key) {
    std::vector<Json> rows;
    for (const Json& row : Json::parse(Http("/ledger", ""))) {
      if (row.at("key") == key) rows.push_back(row);
    }
    return rows;
  }
  int counter(const char* name) { return Json::parse(Http("/control", "")).at(name).get<int>(); }

 private:
  static std::size_t Append(char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }
  std::string Http(const std::string& path, const std::string& body) {
    std::string answer;
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, (url_ + path).c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (!body.empty()) curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    if (curl_easy_perform(curl) != CURLE_OK) std::abort();
    curl_easy_cleanup(curl);
    return answer;
  }

  pid_t pid_ = 0;
  std::string token_file_;
  std::string url_;
};

// The service with its stores and neighbours, for all tests of the program.
class World final : public contract::ServiceWorld<World, Assembly, Config> {
 public:
  World() : ServiceWorld("notification") {
    Configure();
    Start();
  }
  ~World() { End(); }

  contract::Surroundings surroundings() const {
    return {running_.address(),
            config_.service.metrics_address,
            config_.intake_address,
            {{"phone", gateway_.url()}},
            &dir_};
  }
  Gateway& gateway() { return gateway_; }
  FakeIntake& intake() { return intake_; }
  // The gateway's token as the service has it from then on.
  void SetToken(const std::string& token) {
    const std::string file = dir_.Write("sms-token", token);
    chmod(file.c_str(), 0600);
  }
  void Advance(absl::Duration by) {
    clock_.Advance(by);
    absl::SleepFor(absl::Milliseconds(30));  // a FileClock is read every 20 ms
  }

  // Moves the clock to `hour` of the next working day.
  void AdvanceTo(int hour) {
    absl::CivilDay day = calendar::ToCivilDay(now()) + 1;
    while (!calendar::WorkingDays::China().IsWorkday(day)) ++day;
    Advance(calendar::AtTimeOfDay(day, hour, 0) - now());
  }

  // Runs the service anew against a gateway that knows a key for so long, and
  // can be asked or not.
  void Restart(absl::Duration idempotency_window, bool queryable = false) {
    End();
    config_.sms_idempotency_window = idempotency_window;
    config_.sms_url = gateway_.url() + "/v1/sms";
    config_.sms_query_url = queryable ? gateway_.url() + "/v1/sms" : "";
    Start();
  }
  // The same where nobody listens.
  void RestartWithout() {
    End();
    config_.sms_url = "http://127.0.0.1:1/v1/sms";
    Start();
  }

  void Start(const contract::Startup& how = {}) {
    config_.service.metrics_address = contract::FreeAddress();
    Config config = config_;
    config.service.probe_period = how.probe_period;
    config.service.trace_otlp_endpoint = how.span_collector;
    config.service.task_lease = how.task_lease;
    if (how.silent_port != 0) {
      config.sms_receipts_url = absl::StrCat("http://127.0.0.1:", how.silent_port, "/v1/receipts");
      config.sms_timeout = absl::Seconds(5);
    }
    running_.Start(config);
  }

 private:
  void Configure() {
    config_.service = contract::ConfigOf("notification", database_, dir_);
    config_.intake_address = intake_server_.address();
    config_.sms_url = gateway_.url() + "/v1/sms";
    config_.sms_receipts_url = gateway_.url() + "/v1/receipts";
    SetToken("secret");
    config_.sms_token = *files::Secret::In("sms.token_file", dir_.File("sms-token"));
    config_.sms_timeout = absl::Seconds(1);
    config_.sms_receipt_poll = absl::Milliseconds(50);
  }

  Gateway gateway_{dir_.path()};
  FakeIntake intake_;
  contract::PeerServer intake_server_{&intake_, intake_.feed()};
};

}  // namespace xxt::notification

#endif  // XXT_TESTS_CONTRACT_NOTIFICATION_WORLD_H_
