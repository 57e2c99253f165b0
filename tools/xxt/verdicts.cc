#include "tools/xxt/verdicts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace xxt::cli {
namespace {

class Verdicts {
 public:
  Verdicts(const std::string& service, const std::vector<Gauge>& gauges, absl::Time now, bool chinese)
      : service_(service), gauges_(gauges), now_(now), chinese_(chinese) {}

  void OfStores() {
    const double in_use = Sum("xixinting_pg_connections_in_use");
    const double limit = Sum("xixinting_pg_connections_limit");
    Add("PostgreSQL", in_use < limit, absl::StrCat(Text("连接 ", "connections "), in_use, "/", limit),
        Text("连接用满了：看慢语句与 postgres.connections",
             "all are in use: see slow statements, postgres.connections"));
    const bool redis = Sum("xixinting_redis_up") == 1;
    Add("Redis", redis, redis ? Text("连通", "reached") : Text("连不上", "not reached"),
        Text("任务仍会办理，只是慢些；请看 Redis 是否在运行", "tasks go on, more slowly; see whether Redis runs"));
  }

  void OfTasks() {
    const double dead = Sum("xixinting_tasks", {{"state", "dead"}});
    Add(Text("任务", "tasks"), dead == 0,
        absl::StrCat(Text("待办 ", "open "), Sum("xixinting_tasks") - dead, Text("，停办 ", ", dead "), dead),
        Text("停办的任务有人在看吗？xxt task list 可查，xxt task requeue 重启",
             "somebody must look at dead tasks: `xxt task list`; `xxt task requeue` starts them again"));
    double oldest = 0;
    std::string kind;
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_task_oldest_age_seconds", {{"done_by", "machine"}}) || gauge.value <= oldest) continue;
      oldest = gauge.value;
      kind = LabelOf(gauge, "kind");
    }
    const std::string waits = absl::StrCat(Text("等得最久的 ", "the oldest waits "), Span(absl::Seconds(oldest)));
    Add(Text("队列", "queue"), absl::Seconds(oldest) <= kLongestStandstill,
        kind.empty() ? Text("没有等待的", "nothing waits") : absl::StrCat(waits, " (", kind, ")"),
        Text("到时间的任务没有人办：看该服务的日志，tasks.workers 是否够用",
             "what is due is not done: see the service's log, and whether tasks.workers are enough"));
  }

  void OfOutside() {
    std::vector<std::string> resting;
    for (const Gauge& gauge : gauges_) {
      if (Is(gauge, "xixinting_party_at_rest", {}) && gauge.value > 0) resting.push_back(LabelOf(gauge, "party"));
    }
    Add(Text("对外", "outside"), resting.empty(),
        resting.empty() ? Text("没有不应答的", "nobody is silent")
                        : absl::StrCat(Text("不应答：", "silent: "), absl::StrJoin(resting, Text("、", ", "))),
        Text("连续几次没有答复，暂停后再试：看邮件系统、短信网关与网络",
             "gave no answer several times, and is tried again after a rest: see mail system, gateway, network"));
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_mailbox_last_look_timestamp_seconds", {})) continue;
      const absl::Duration age = std::max(now_ - (absl::UnixEpoch() + absl::Seconds(gauge.value)), absl::Duration());
      Add(Text("邮箱", "mailbox"), age <= kLongestStandstill,
          chinese_ ? absl::StrCat(Span(age), "前读过") : absl::StrCat("read ", Span(age), " ago"),
          Text("收不到来信：看日志中的 mail.fetch_failed，核对 mail.imap_url 与账号",
               "no mail comes in: see mail.fetch_failed in the log, mail.imap_url and the account"));
    }
  }

  std::vector<Check> Take() { return std::move(checks_); }

 private:
  std::string Text(const char* zh, const char* en) const { return chinese_ ? zh : en; }

  void Add(const std::string& what, bool good, std::string found, std::string remedy) {
    checks_.push_back(
        {absl::StrCat(service_, " ", what), good, std::move(found), good ? std::string() : std::move(remedy)});
  }

  std::string Span(absl::Duration span) const {
    if (span < absl::Minutes(2)) return absl::StrCat(absl::ToInt64Seconds(span), Text(" 秒", " s"));
    if (span < absl::Hours(2)) return absl::StrCat(absl::ToInt64Minutes(span), Text(" 分钟", " min"));
    return absl::StrCat(absl::ToInt64Hours(span), Text(" 小时", " h"));
  }

  // Whether it is called so and has these labels, whatever others it has.
  static bool Is(const Gauge& gauge, const char* name, const GaugeLabels& labels) {
    return gauge.name == name && std::all_of(labels.begin(), labels.end(), [&gauge](const auto& label) {
             const auto found = gauge.labels.find(label.first);
             return found != gauge.labels.end() && found->second == label.second;
           });
  }

  static std::string LabelOf(const Gauge& gauge, const std::string& name) {
    const auto found = gauge.labels.find(name);
    return found == gauge.labels.end() ? "?" : found->second;
  }

  double Sum(const char* name, const GaugeLabels& labels = {}) const {
    double sum = 0;
    for (const Gauge& gauge : gauges_) sum += Is(gauge, name, labels) ? gauge.value : 0;
    return sum;
  }

  const std::string service_;
  const std::vector<Gauge>& gauges_;
  const absl::Time now_;
  const bool chinese_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> Judge(const std::string& service, const std::vector<Gauge>& gauges, absl::Time now, bool chinese) {
  Verdicts verdicts(service, gauges, now, chinese);
  verdicts.OfStores();
  verdicts.OfTasks();
  verdicts.OfOutside();
  return verdicts.Take();
}

}  // namespace xxt::cli
