#include "tools/xxt/doctor.h"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "tools/xxt/addresses.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/gauges.h"
#include "tools/xxt/http.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "tools/xxt/text_time.h"
#include "tools/xxt/verdicts.h"
#include "xixinting/common/v1/clock_service.pb.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;

constexpr char kOperator[] = "staff/ops";
constexpr const char* kServices[] = {"intake", "referral", "notification"};
constexpr absl::Duration kPause = absl::Milliseconds(100);

class Doctor {
 public:
  Doctor(Session& session, Rpc& rpc, const Context& context, absl::Time until)
      : session_(session), rpc_(rpc), context_(context), until_(until) {}

  void Examine(const std::string& service) {
    if (!ExamineName(service) || !ExamineHealth(service)) return;
    if (!ActsAsSomebody()) return;
    ExamineToken(service);
    ExamineClock(service);
  }

  // A page that should answer 200.
  void ExaminePage(const std::string& what, const std::string& url) {
    const absl::StatusOr<HttpAnswer> answer = Fetch(url, "", absl::Seconds(3));
    if (answer.ok() && answer->status == 200) {
      Add({what, true, url, ""});
    } else {
      Add({what, false, answer.ok() ? absl::StrCat(url, " ", answer->status) : std::string(answer.status().message()),
           Text("请看该进程是否在运行：tools/dev status", "see whether it runs: tools/dev status")});
    }
  }

  // What a service says of itself; see verdicts.h.
  void ExamineMetrics(const std::string& service) {
    const auto known = context_.metrics().find(service);
    if (known == context_.metrics().end()) {
      return Add({absl::StrCat(service, " metrics"), false, Text("没有查看", "not looked at"),
                  Text("在 context 文件中写明 metrics，或只用 --serving",
                       "name it under `metrics` in the context, or ask for --serving alone")});
    }
    const std::string url = absl::EndsWith(known->second, "/metrics") ? known->second : known->second + "/metrics";
    const absl::StatusOr<HttpAnswer> answer = Fetch(url, "", absl::Seconds(3));
    if (!answer.ok() || answer->status != 200) return ExaminePage(absl::StrCat(service, " metrics"), url);
    for (Check& check : Judge(service, ReadGauges(answer->body), absl::Now(), session_.chinese())) {
      Add(std::move(check));
    }
  }

  // True if nothing was found.
  bool Report() const {
    Json list = Json::array();
    bool good = true;
    for (const Check& check : checks_) {
      good = good && check.good;
      list.push_back({{"check", check.what}, {"ok", check.good}, {"found", check.found}, {"remedy", check.remedy}});
    }
    if (session_.settings().format == Format::kJson) {
      std::cout << list.dump(2) << "\n";
      return good;
    }
    for (const Check& check : checks_) {
      std::cout << (check.good ? "✓ " : "✗ ") << check.what << Text("：", ": ") << check.found << "\n";
      if (!check.good && !check.remedy.empty()) std::cout << "  → " << check.remedy << "\n";
    }
    std::cout << (good ? Text("一切正常。", "All is well.")
                       : Text("有问题，请按上面的提示处理。", "Something is wrong; see above."))
              << "\n";
    return good;
  }

 private:
  std::string Text(const char* zh, const char* en) const { return session_.chinese() ? zh : en; }
  void Add(Check check) { checks_.push_back(std::move(check)); }

  // An address needs no looking up, and is not shown.
  bool ExamineName(const std::string& service) {
    const absl::StatusOr<std::string> endpoint = context_.Endpoint(service);
    if (!endpoint.ok()) return true;  // which health says
    absl::StatusOr<std::vector<std::string>> addresses = AddressesOf(*endpoint);
    while (!addresses.ok() && absl::Now() < until_ && !interrupted) {
      absl::SleepFor(kPause);
      addresses = AddressesOf(*endpoint);
    }
    const std::string what = absl::StrCat(service, " ", Text("名称", "name"));
    if (!addresses.ok()) {
      Add({what, false, absl::StrCat(*endpoint, " ", std::string(addresses.status().message())),
           Text("查不到地址：核对 context 里的 endpoints、这台机器的域名解析；集群里是该服务的 Service 没有 pod",
                "it has no address: check `endpoints` in the context and this machine's name resolution; in a cluster "
                "its Service has no pods")});
      return false;
    }
    if (!addresses->empty()) Add({what, true, absl::StrCat(*endpoint, " = ", absl::StrJoin(*addresses, ", ")), ""});
    return true;
  }

  bool ExamineHealth(const std::string& service) {
    const std::string what = absl::StrCat(service, " ", Text("服务", "health"));
    for (;;) {
      const absl::StatusOr<bool> serving = rpc_.Serving(service, absl::Seconds(1));
      if (serving.ok() && *serving) {
        Add({what, true, "SERVING", ""});
        return true;
      }
      if (absl::Now() < until_ && !interrupted) {
        absl::SleepFor(kPause);
        continue;
      }
      const std::string endpoint = context_.Endpoint(service).value_or("");
      if (serving.ok()) {
        Add({what, false, absl::StrCat("NOT_SERVING: ", WhyNot(service)),
             Text(
                 "服务在运行但没准备好：数据库连不上、是备库、没跑迁移，或密钥文件是别的库的；它日志中的 "
                 "health.not_serving 写明是哪一样，见 runbooks/NotReady.md",
                 "it runs but is not ready: PostgreSQL is not reached, is a standby, lacks tables (migrations), or the "
                 "key file is of another database; health.not_serving in its log says which, runbooks/NotReady.md what "
                 "to do")});
      } else {
        Add({what, false, absl::StrCat(endpoint, " ", std::string(serving.status().message())),
             Text("连不上：服务没有启动，或 context 里的端口不对；tools/dev up 启动",
                  "cannot be reached: it does not run, or the context's port is wrong; tools/dev up starts it")});
      }
      return false;
    }
  }

  // Whoever the token is of that it was given, else the operator whom it has the key of.
  std::string Operator() const { return HasToken() ? session_.settings().as : kOperator; }
  bool HasToken() const { return absl::StartsWith(session_.settings().as, absl::string_view(&kTokenFile, 1)); }
  // The cluster's probe has no keys: it acts as nobody.
  bool ActsAsSomebody() const { return HasToken() || !context_.keys_dir().empty(); }

  // What a call that needs the store and a token comes to.
  absl::Status Ask(const std::string& service) {
    const auto method = FindMethod("xixinting.common.v1.TaskService/ListTasks");
    v1::ListTasksRequest request;
    request.set_page_size(1);
    return rpc_.Unary(**method, request, session_.OptionsFor(service, Operator())).status();
  }

  static std::string Said(const absl::Status& status) {
    return absl::StrCat(ReasonOf(status), " ", std::string(status.message()));
  }

  // Of a service that says NOT_SERVING. What it answers shows more than health does.
  std::string WhyNot(const std::string& service) {
    if (!ActsAsSomebody()) return Text("没有密钥，无从再问", "there is no key to ask more with");
    const absl::Status status = Ask(service);
    return status.ok() ? Text("调用仍有答复：正在停止、刚启动，或迁移没有跑全",
                              "calls are answered: it is being stopped, has just begun, or lacks migrations")
                       : Said(status);
  }

  void ExamineToken(const std::string& service) {
    const std::string what = absl::StrCat(service, " ", Text("凭证", "token"));
    const absl::Status status = Ask(service);
    if (status.ok()) {
      Add({what, true, Text("已接受", "accepted"), ""});
      return;
    }
    const bool refused = absl::IsUnauthenticated(status);
    Add({what, false, Said(status),
         refused ? Text("服务的 jwks.json 与 keys_dir 不是同一套，或只认身份提供方（--as @令牌文件），或两台机器时钟"
                        "相差太多；开发环境用 tools/dev reset 重来",
                        "the service's jwks.json is not of keys_dir, or it believes an identity provider alone (then "
                        "--as @FILE with its token), or the clocks differ; in development tools/dev reset starts anew")
                 : Text("看服务的日志", "see the service's log")});
  }

  // Every service must have the same business time.
  void ExamineClock(const std::string& service) {
    const std::string what = absl::StrCat(service, " ", Text("时钟", "clock"));
    const auto method = FindMethod("xixinting.common.v1.ClockService/AdvanceClock");
    v1::AdvanceClockRequest request;
    request.mutable_by();
    const auto answer = rpc_.Unary(**method, request, session_.OptionsFor(service, Operator()));
    if (answer.status().code() == absl::StatusCode::kUnimplemented) {
      Add({what, true, Text("真实时间（无测试时钟）", "real time (no test clock)"), ""});
      return;
    }
    if (!answer.ok()) {
      Add({what, false, std::string(answer.status().message()), Text("看服务的日志", "see the service's log")});
      return;
    }
    const auto& now = static_cast<const v1::AdvanceClockResponse&>(**answer).now();
    const absl::Duration ahead = absl::FromUnixSeconds(now.seconds()) - absl::Now();
    if (!first_ahead_known_) first_ahead_ = ahead;
    first_ahead_known_ = true;
    const bool good = absl::AbsDuration(ahead - first_ahead_) <= kLargestSkew;
    Add({what, good, session_.chinese() ? ToChinese(absl::Now() + ahead) : ToRfc3339(absl::Now() + ahead),
         Text("各服务的业务时间不一致：检查它们的 clock.test_file 是否同一个文件",
              "business times differ: see that clock.test_file is the same file everywhere")});
  }

  Session& session_;
  Rpc& rpc_;
  const Context& context_;
  const absl::Time until_;
  std::vector<Check> checks_;
  absl::Duration first_ahead_;
  bool first_ahead_known_ = false;
};

// What does not keep a service from serving.
void ExamineWork(const Context& context, Doctor& doctor) {
  for (const char* service : kServices) doctor.ExamineMetrics(service);
  for (const auto& [name, page] :
       {std::pair{"phone", "/control"}, std::pair{"mail", "/control"}, std::pair{"archive", "/status"}}) {
    const auto sim = context.sims().find(name);
    if (sim != context.sims().end()) doctor.ExaminePage(absl::StrCat(name, " sim"), sim->second + page);
  }
}

}  // namespace

absl::StatusOr<ExitCode> DoctorCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const Context* context, session.context());
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  const absl::StatusOr<CalendarStep> wait = ParseStep(arguments.Get("--wait", "0s"));
  if (!wait.ok()) return About("--wait", wait.status());
  Doctor doctor(session, *rpc, *context, Add(absl::Now(), *wait));
  for (const char* service : kServices) doctor.Examine(service);
  if (!arguments.Has("--serving")) ExamineWork(*context, doctor);
  if (interrupted) return kInterrupted;
  return doctor.Report() ? kOk : kUnavailable;
}

}  // namespace xxt::cli
