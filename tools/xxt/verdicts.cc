#include "tools/xxt/verdicts.h"

#include <algorithm>
#include <set>
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

  // The tables against what the version that runs was built for.
  void OfSchema() {
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_migrations_run", {})) continue;
      const bool run = gauge.value == 1;
      Add(Text("表结构", "schema"), run,
          run ? Text("是这个版本要的", "as this version needs it")
              : Text("比这个版本要的旧", "older than this version needs"),
          Text("迁移没有跑：运行它（集群里是 Job migrations），步骤见 playbook.zh-CN.md“升级”",
               "migrations were not run: run them (in a cluster the Job `migrations`); playbook.md, “Upgrade”, has the "
               "steps"));
    }
  }

  // The clock here against that of PostgreSQL, by which leases and retries go.
  void OfClock() {
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_process_clock_ahead_seconds", {})) continue;
      const absl::Duration ahead = absl::Seconds(gauge.value);
      Add(Text("与库时钟", "clock against PostgreSQL's"), absl::AbsDuration(ahead) <= kLargestSkew,
          absl::StrCat(ahead < absl::ZeroDuration() ? Text("慢 ", "behind by ") : Text("快 ", "ahead by "),
                       Span(absl::AbsDuration(ahead))),
          Text("两台机器的时钟不一致：校准时间同步（chrony、ntp）",
               "the machines' clocks differ: mend their time service"));
    }
  }

  // Below what events are told, and what of the cluster holds that back: a replication slot, too.
  void OfLedger() {
    bool told = false;
    absl::Duration oldest;
    std::set<std::string> holders;
    for (const Gauge& gauge : gauges_) {
      const std::string holder = LabelOf(gauge, "holder");
      if (Is(gauge, "xixinting_ledger_horizon_age_seconds", {})) {
        told = true;
        const absl::Duration age = absl::Seconds(gauge.value);
        oldest = std::max(oldest, age);
        if (age > (holder == "snapshot" ? kLongSnapshot : kLongTransaction)) holders.insert(holder);
      } else if (Is(gauge, "xixinting_ledger_horizon_age_transactions", {}) && gauge.value > kFarBehind) {
        holders.insert(holder);
      }
    }
    if (!told) return;
    const bool good = holders.empty();
    Add(Text("事件账", "ledger"), good,
        good ? absl::StrCat(Text("最老的 ", "the oldest that holds it back: "), Span(oldest))
             : absl::StrCat(Text("被拖住：", "held back by: "), absl::StrJoin(holders, Text("、", ", "))),
        Text("订阅听不到新的事：runbooks/LedgerHeldBack.md 写明各项怎么办（长事务、预备事务、快照、落后的复制槽）",
             "watches hear nothing new: runbooks/LedgerHeldBack.md says what to do about each (a long transaction, a "
             "prepared one, a snapshot, a replication slot that is behind)"));
  }

  void OfTables() {
    OfMost("xixinting_partition_months_ahead", Text("分区", "partitions"), -kMonthsAhead, -1,
           Text("备不足两个月的：", "less than two months ahead: "), Text("备足两个月", "two months ahead"),
           Text("分区快用完：看日志中的 service.house_not_kept，见 runbooks/PartitionsEnd.md",
                "there is no room for what comes: see service.house_not_kept in the log, runbooks/PartitionsEnd.md"));
    OfMost("xixinting_store_unreadable_rows_total", Text("存储的行", "rows"), 0, 1,
           Text("读到损坏的：", "damaged ones were read: "), Text("没有读到损坏的", "no damaged one was read"),
           Text("运行 xxt-store verify，它逐行写明哪里坏了",
                "run xxt-store verify, which names each and says what to do"));
  }

  // Its own certificate, and the last of the CAs that it trusts.
  void OfCertificates() {
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_certificate_expiry_timestamp_seconds", {})) continue;
      const bool own = LabelOf(gauge, "certificate") == "own";
      OfEnd(own ? Text("证书", "certificate") : Text("所信任的 CA", "trusted CAs"), gauge.value, kCertificateAhead,
            Text("该更新而没有更新：集群里看 cert-manager，步骤见 playbook.zh-CN.md“轮换”",
                 "it was not renewed: see cert-manager in a cluster; playbook.md, “Rotate”, has the steps"));
    }
  }

  // Keys and secrets: whether what counts is what stands in their files.
  void OfSecrets() {
    bool told = false;
    std::vector<std::string> unfit;
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_secret_in_force", {})) continue;
      told = true;
      if (gauge.value < 1) unfit.push_back(LabelOf(gauge, "key"));
    }
    if (!told) return;
    Add(Text("密钥文件", "key files"), unfit.empty(),
        unfit.empty() ? Text("在用的即文件里的", "what they hold is what counts")
                      : absl::StrCat(Text("读不了，仍用旧的：", "cannot be taken, the old still counts: "),
                                     absl::StrJoin(unfit, Text("、", ", "))),
        Text("该服务日志中的 secret.not_taken 写明原因：改正配置中这一项所指的文件",
             "secret.not_taken in its log says why: mend the file that this key of the configuration names"));
  }

  void OfCalendar() {
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, "xixinting_calendar_end_timestamp_seconds", {})) continue;
      OfEnd(Text("工作日历", "calendar"), gauge.value, kCalendarAhead,
            Text("国务院公布放假安排后升级：日历随版本发布，见 runbooks/CalendarEnds.md",
                 "upgrade once the next year's is published: it comes with a release, runbooks/CalendarEnds.md"));
    }
  }

  std::vector<Check> Take() { return std::move(checks_); }

 private:
  std::string Text(const char* zh, const char* en) const { return chinese_ ? zh : en; }

  void Add(const std::string& what, bool good, std::string found, std::string remedy) {
    checks_.push_back(
        {absl::StrCat(service_, " ", what), good, std::move(found), good ? std::string() : std::move(remedy)});
  }

  // Of something that ends at a Unix time.
  void OfEnd(const std::string& what, double end, absl::Duration ahead, std::string remedy) {
    const absl::Duration left = absl::UnixEpoch() + absl::Seconds(end) - now_;
    Add(what, left >= ahead,
        left < absl::ZeroDuration() ? absl::StrCat(Text("已到期 ", "ended "), Span(-left), Text("", " ago"))
                                    : absl::StrCat(Text("还有 ", "ends in "), Span(left)),
        std::move(remedy));
  }

  // Of a gauge of each table: bad where `sign` times it is above `limit`. Nothing where none is told.
  void OfMost(const char* name, const std::string& what, double limit, int sign, const std::string& bad,
              const std::string& good, std::string remedy) {
    bool told = false;
    std::vector<std::string> tables;
    for (const Gauge& gauge : gauges_) {
      if (!Is(gauge, name, {})) continue;
      told = true;
      if (sign * gauge.value > limit) tables.push_back(LabelOf(gauge, "table"));
    }
    if (!told) return;
    Add(what, tables.empty(), tables.empty() ? good : absl::StrCat(bad, absl::StrJoin(tables, Text("、", ", "))),
        std::move(remedy));
  }

  std::string Span(absl::Duration span) const {
    if (span < absl::Minutes(2)) return absl::StrCat(absl::ToInt64Seconds(span), Text(" 秒", " s"));
    if (span < absl::Hours(2)) return absl::StrCat(absl::ToInt64Minutes(span), Text(" 分钟", " min"));
    if (span < absl::Hours(72)) return absl::StrCat(absl::ToInt64Hours(span), Text(" 小时", " h"));
    return absl::StrCat(absl::ToInt64Hours(span) / 24, Text(" 天", " days"));
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
  verdicts.OfSchema();
  verdicts.OfClock();
  verdicts.OfTables();
  verdicts.OfLedger();
  verdicts.OfTasks();
  verdicts.OfOutside();
  verdicts.OfCalendar();
  verdicts.OfCertificates();
  verdicts.OfSecrets();
  return verdicts.Take();
}

}  // namespace xxt::cli
