// What the doctor reads on a metrics page, and what it thinks of it.

#include "tools/xxt/verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/xxt/gauges.h"

namespace xxt::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'795'700'000);

constexpr char kWell[] = R"(# HELP xixinting_tasks Tasks by kind and state
# TYPE xixinting_tasks gauge
xixinting_pg_connections_in_use{pool="requests"} 2
xixinting_pg_connections_in_use{pool="background"} 1
xixinting_pg_connections_limit{pool="requests"} 6
xixinting_pg_connections_limit{pool="background"} 6
xixinting_redis_up 1
xixinting_tasks{done_by="machine",kind="referral.send_mail",state="retry"} 3
xixinting_tasks{done_by="people",kind="referral.carry",state="pending"} 4
xixinting_task_oldest_age_seconds{done_by="machine",kind="referral.send_mail",state="retry"} 59.5
xixinting_task_oldest_age_seconds{done_by="people",kind="referral.carry",state="pending"} 90000
xixinting_party_at_rest{party="bodies/archive"} 0
xixinting_mailbox_last_look_timestamp_seconds 1795699997
xixinting_migrations_run 1
xixinting_process_clock_ahead_seconds 0.004
xixinting_ledger_horizon_age_seconds{holder="transaction"} 2.5
xixinting_ledger_horizon_age_transactions{holder="transaction"} 17
xixinting_partition_months_ahead{table="backbone.event"} 6.1
xixinting_store_unreadable_rows_total{table="referral.entries"} 0
xixinting_calendar_end_timestamp_seconds 1800000000
xixinting_certificate_expiry_timestamp_seconds{certificate="own"} 1798000000
xixinting_certificate_expiry_timestamp_seconds{certificate="ca"} 1898000000
xixinting_secret_in_force{key="seal.key_file"} 1
)";

// What is wrong with a page of `more` and what is well besides, as "what: found".
std::vector<std::string> Wrong(const std::string& more, bool chinese = false) {
  std::vector<std::string> wrong;
  for (const Check& check : Judge("referral", ReadGauges(absl::StrCat(kWell, more)), kNow, chinese)) {
    EXPECT_EQ(check.good, check.remedy.empty()) << check.what;
    if (!check.good) wrong.push_back(absl::StrCat(check.what, ": ", check.found));
  }
  return wrong;
}

std::string Found(const std::string& what, bool chinese = false) {
  for (const Check& check : Judge("referral", ReadGauges(kWell), kNow, chinese)) {
    if (check.what == what) return check.found;
  }
  return "";
}

TEST(ReadGauges, TellsNamesLabelsAndValues) {
  const std::vector<Gauge> gauges =
      ReadGauges("# HELP a b\na 1\nb{x=\"1\",y=\"a \\\"b\\\" \\\\ \\n}\"} 2.5e3\nc{} -1 1795700000000\n");
  ASSERT_EQ(gauges.size(), 3U);
  EXPECT_EQ(gauges[0].name, "a");
  EXPECT_THAT(gauges[0].labels, IsEmpty());
  EXPECT_EQ(gauges[0].value, 1);
  EXPECT_EQ(gauges[1].name, "b");
  EXPECT_THAT(gauges[1].labels, ElementsAre(Pair("x", "1"), Pair("y", "a \"b\" \\ \n}")));
  EXPECT_EQ(gauges[1].value, 2500);
  EXPECT_EQ(gauges[2].name, "c");
  EXPECT_EQ(gauges[2].value, -1);
}

TEST(ReadGauges, LeavesOutWhatIsNone) {
  EXPECT_THAT(ReadGauges(""), IsEmpty());
  EXPECT_THAT(ReadGauges("<html>\n\na\na b\na{ 1\na{x} 1\na{x=\"1} 1\na{x=\"1\\\na{x=\"1\"}\na Nan\n#"), IsEmpty());
}

TEST(Verdicts, AreGoodWhereAllIsWell) {
  EXPECT_THAT(Wrong(""), IsEmpty());
  EXPECT_THAT(Wrong("", true), IsEmpty());
}

TEST(Verdicts, OfTheQueueAreOfWhatTheMachineDoesAlone) {
  EXPECT_EQ(Found("referral queue"), "the oldest waits 59 s (referral.send_mail)");
  EXPECT_EQ(Found("referral 队列", true), "等得最久的 59 秒 (referral.send_mail)");
  constexpr char kOldest[] = "xixinting_task_oldest_age_seconds{kind=\"referral.chase\",state=\"pending\",done_by=";
  EXPECT_THAT(Wrong(absl::StrCat(kOldest, "\"people\"} 100000\n")), IsEmpty());
  EXPECT_THAT(Wrong(absl::StrCat(kOldest, "\"machine\"} 600\n")), IsEmpty());
  EXPECT_THAT(Wrong(absl::StrCat(kOldest, "\"machine\"} 601\n")),
              ElementsAre("referral queue: the oldest waits 10 min (referral.chase)"));
  EXPECT_THAT(Wrong(absl::StrCat(kOldest, "\"machine\"} 20000\n"), true),
              ElementsAre("referral 队列: 等得最久的 5 小时 (referral.chase)"));
}

TEST(Verdicts, CountTheDeadOnce) {
  EXPECT_EQ(Found("referral tasks"), "open 7, dead 0");
  EXPECT_THAT(Wrong("xixinting_tasks{done_by=\"machine\",kind=\"referral.chase\",state=\"dead\"} 2\n"),
              ElementsAre("referral tasks: open 7, dead 2"));
}

TEST(Verdicts, NameWhoIsSilent) {
  EXPECT_EQ(Found("referral outside"), "nobody is silent");
  EXPECT_THAT(Wrong("xixinting_party_at_rest{party=\"bodies/tianshou\"} 1\n"
                    "xixinting_party_at_rest{party=\"bodies/wanan\"} 1\n"),
              ElementsAre("referral outside: silent: bodies/tianshou, bodies/wanan"));
}

TEST(Verdicts, OfTheMailboxAreOfItsLastGoodLook) {
  EXPECT_EQ(Found("referral mailbox"), "read 3 s ago");
  EXPECT_THAT(Wrong("xixinting_mailbox_last_look_timestamp_seconds 1795699399\n"),
              ElementsAre("referral mailbox: read 10 min ago"));
  EXPECT_THAT(Wrong("xixinting_mailbox_last_look_timestamp_seconds 1795700100\n"), IsEmpty()) << "its clock is ahead";
  for (const Check& check : Judge("intake", {}, kNow, false)) EXPECT_NE(check.what, "intake mailbox");
}

TEST(Verdicts, OfTheSchemaAreOfWhatTheVersionNeeds) {
  EXPECT_EQ(Found("referral schema"), "as this version needs it");
  EXPECT_THAT(Wrong("xixinting_migrations_run 0\n"), ElementsAre("referral schema: older than this version needs"));
}

TEST(Verdicts, OfClocksAreOfMoreThanAFewSecondsEitherWay) {
  EXPECT_EQ(Found("referral clock against PostgreSQL's"), "ahead by 0 s");
  EXPECT_EQ(Found("referral 与库时钟", true), "快 0 秒");
  constexpr char kAhead[] = "xixinting_process_clock_ahead_seconds ";
  EXPECT_THAT(Wrong(absl::StrCat(kAhead, "5\n")), IsEmpty());
  EXPECT_THAT(Wrong(absl::StrCat(kAhead, "6.5\n")), ElementsAre("referral clock against PostgreSQL's: ahead by 6 s"));
  EXPECT_THAT(Wrong(absl::StrCat(kAhead, "-200\n")),
              ElementsAre("referral clock against PostgreSQL's: behind by 3 min"));
}

TEST(Verdicts, OfTheLedgerNameWhatHoldsItBack) {
  EXPECT_EQ(Found("referral ledger"), "the oldest that holds it back: 2 s");
  constexpr char kAge[] = "xixinting_ledger_horizon_age_seconds{holder=";
  EXPECT_THAT(Wrong(absl::StrCat(kAge, "\"snapshot\"} 600\n")), IsEmpty());
  EXPECT_THAT(Wrong(absl::StrCat(kAge, "\"snapshot\"} 601\n", kAge, "\"slot\"} 61\n")),
              ElementsAre("referral ledger: held back by: slot, snapshot"));
  EXPECT_THAT(Wrong("xixinting_ledger_horizon_age_transactions{holder=\"slot\"} 10000001\n", true),
              ElementsAre("referral 事件账: 被拖住：slot"));
}

TEST(Verdicts, NameTablesThatLackPartitionsAndThoseWithDamagedRows) {
  EXPECT_EQ(Found("referral partitions"), "two months ahead");
  EXPECT_THAT(Wrong("xixinting_partition_months_ahead{table=\"backbone.attempt\"} 1.9\n"),
              ElementsAre("referral partitions: less than two months ahead: backbone.attempt"));
  EXPECT_EQ(Found("referral rows"), "no damaged one was read");
  EXPECT_THAT(Wrong("xixinting_store_unreadable_rows_total{table=\"referral.referrals\"} 1\n"),
              ElementsAre("referral rows: damaged ones were read: referral.referrals"));
}

TEST(Verdicts, OfTheCalendarAreOfAMonthAndAHalf) {
  EXPECT_EQ(Found("referral calendar"), "ends in 49 days");
  EXPECT_THAT(Wrong("xixinting_calendar_end_timestamp_seconds 1799000000\n"),
              ElementsAre("referral calendar: ends in 38 days"));
  EXPECT_THAT(Wrong("xixinting_calendar_end_timestamp_seconds 1795600000\n", true),
              ElementsAre("referral 工作日历: 已到期 27 小时"));
}

TEST(Verdicts, OfCertificatesAreOfTwoWeeks) {
  EXPECT_EQ(Found("referral certificate"), "ends in 26 days");
  EXPECT_EQ(Found("referral trusted CAs"), "ends in 1184 days");
  constexpr char kEnds[] = "xixinting_certificate_expiry_timestamp_seconds{certificate=";
  EXPECT_THAT(Wrong(absl::StrCat(kEnds, "\"own\"} 1796900000\n")),
              ElementsAre("referral certificate: ends in 13 days"));
  EXPECT_THAT(Wrong(absl::StrCat(kEnds, "\"ca\"} 1795699940\n"), true),
              ElementsAre("referral 所信任的 CA: 已到期 60 秒"));
}

TEST(Verdicts, NameTheKeyFilesThatCannotBeTaken) {
  EXPECT_EQ(Found("referral key files"), "what they hold is what counts");
  EXPECT_THAT(Wrong("xixinting_secret_in_force{key=\"identity.jwks_file\"} 0\n"),
              ElementsAre("referral key files: cannot be taken, the old still counts: identity.jwks_file"));
}

TEST(Verdicts, AreBadWhereStoresAreNotReached) {
  const auto full = ReadGauges("xixinting_pg_connections_in_use 6\nxixinting_pg_connections_limit 6\n");
  std::vector<std::string> wrong;
  for (const Check& check : Judge("intake", full, kNow, false)) {
    if (!check.good) wrong.push_back(check.what);
  }
  EXPECT_THAT(wrong, ElementsAre("intake PostgreSQL", "intake Redis"));
}

}  // namespace
}  // namespace xxt::cli
