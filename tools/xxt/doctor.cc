#include "tools/xxt/doctor.h"

#include <cstdlib>
#include <iostream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "tools/xxt/http.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "tools/xxt/text_time.h"
#include "xixinting/common/v1/clock_service.pb.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;

constexpr char kOperator[] = "staff/ops";
constexpr absl::Duration kLargestSkew = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(100);

// One thing that was looked at.
struct Check {
  std::string what;
  bool good = false;
  std::string found;
  std::string remedy;  // what to do if not good
};

// Gauges of a page in Prometheus' text format, each name summed over its
// labels; what has the label state="dead" also as "NAME dead".
using GaugeSums = std::map<std::string, double>;

GaugeSums ReadGauges(const std::string& page) {
  GaugeSums sums;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    const std::size_t space = line.rfind(' ');
    double value = 0;
    if (line.empty() || line[0] == '#' || space == absl::string_view::npos ||
        !absl::SimpleAtod(line.substr(space + 1), &value)) {
      continue;
    }
    const std::string name(line.substr(0, line.find_first_of("{ ")));
    sums[name] += value;
    if (absl::StrContains(line, "state=\"dead\"")) sums[absl::StrCat(name, " dead")] += value;
  }
  return sums;
}

class Doctor {
 public:
  Doctor(Session& session, Rpc& rpc, const Context& context, absl::Time until)
      : session_(session), rpc_(rpc), context_(context), until_(until) {}

  void Examine(const std::string& service) {
    if (!ExamineHealth(service)) return;
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

  // What a service says of its stores and of its tasks.
  void ExamineMetrics(const std::string& service, const std::string& url) {
    const absl::StatusOr<HttpAnswer> answer = Fetch(url, "", absl::Seconds(3));
    if (!answer.ok() || answer->status != 200) return ExaminePage(absl::StrCat(service, " metrics"), url);
    const GaugeSums sums = ReadGauges(answer->body);
    const auto value = [&sums](const char* name) {
      const auto found = sums.find(name);
      return found == sums.end() ? 0 : found->second;
    };
    const double in_use = value("xixinting_pg_connections_in_use");
    const double limit = value("xixinting_pg_connections_limit");
    Add({absl::StrCat(service, " PostgreSQL"), in_use < limit,
         absl::StrCat(Text("连接 ", "connections "), in_use, "/", limit),
         Text("连接用满了：看慢语句与 postgres.connections",
              "all are in use: see slow statements, postgres.connections")});
    Add({absl::StrCat(service, " Redis"), value("xixinting_redis_up") == 1,
         value("xixinting_redis_up") == 1 ? Text("连通", "reached") : Text("连不上", "not reached"),
         Text("任务仍会办理，只是慢些；请看 Redis 是否在运行", "tasks go on, more slowly; see whether Redis runs")});
    const double dead = value("xixinting_tasks dead");
    Add({absl::StrCat(service, Text(" 任务", " tasks")), dead == 0,
         absl::StrCat(Text("待办 ", "open "), value("xixinting_tasks"), Text("，停办 ", ", dead "), dead),
         Text("停办的任务有人在看吗？xxt task list 可查，xxt task requeue 重启",
              "somebody must look at dead tasks: `xxt task list`; `xxt task requeue` starts them again")});
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
        Add({what, false, "NOT_SERVING",
             Text("服务在运行但没准备好：看它的日志，多半是数据库未连上或结构版本不符",
                  "it runs but is not ready: its log says why, mostly the database")});
      } else {
        Add({what, false, absl::StrCat(endpoint, " ", std::string(serving.status().message())),
             Text("连不上：服务没有启动，或 context 里的端口不对；tools/dev up 启动",
                  "cannot be reached: it does not run, or the context's port is wrong; tools/dev up starts it")});
      }
      return false;
    }
  }

  void ExamineToken(const std::string& service) {
    const std::string what = absl::StrCat(service, " ", Text("凭证", "token"));
    const auto method = FindMethod("xixinting.common.v1.TaskService/ListTasks");
    v1::ListTasksRequest request;
    request.set_page_size(1);
    const auto answer = rpc_.Unary(**method, request, session_.OptionsFor(service, kOperator));
    if (answer.ok()) {
      Add({what, true, Text("已接受", "accepted"), ""});
      return;
    }
    const bool refused = answer.status().code() == absl::StatusCode::kUnauthenticated;
    Add({what, false, absl::StrCat(ReasonOf(answer.status()), " ", std::string(answer.status().message())),
         refused ? Text("服务的 jwks.json 与 keys_dir 不是同一套，或两台机器时钟相差太多：tools/dev reset 重来",
                        "the service's jwks.json is not of keys_dir, or the clocks differ; tools/dev reset starts anew")
                 : Text("看服务的日志", "see the service's log")});
  }

  // Every service must have the same business time.
  void ExamineClock(const std::string& service) {
    const std::string what = absl::StrCat(service, " ", Text("时钟", "clock"));
    const auto method = FindMethod("xixinting.common.v1.ClockService/AdvanceClock");
    v1::AdvanceClockRequest request;
    request.mutable_by();
    const auto answer = rpc_.Unary(**method, request, session_.OptionsFor(service, kOperator));
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

}  // namespace

absl::StatusOr<ExitCode> DoctorCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const Context* context, session.context());
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const CalendarStep wait, ParseStep(arguments.Get("--wait", "0s")));
  Doctor doctor(session, *rpc, *context, Add(absl::Now(), wait));
  for (const char* service : {"intake", "referral", "notification"}) doctor.Examine(service);
  for (const auto& [service, url] : context->metrics()) {
    doctor.ExamineMetrics(service, absl::EndsWith(url, "/metrics") ? url : url + "/metrics");
  }
  for (const auto& [name, page] :
       {std::pair{"phone", "/control"}, std::pair{"mail", "/control"}, std::pair{"archive", "/status"}}) {
    const auto sim = context->sims().find(name);
    if (sim != context->sims().end()) doctor.ExaminePage(name, sim->second + page);
  }
  if (interrupted) return kInterrupted;
  return doctor.Report() ? kOk : kUnavailable;
}

}  // namespace xxt::cli
