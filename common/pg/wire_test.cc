#include "common/pg/wire.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::pg {
namespace {

absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

// The one connection of the test learns the types of a statement with its first
// use; from then on values go in binary.
class WireTest : public testing::Test {
 protected:
  static PoolOptions OneConnection(PoolOptions options) {
    options.connections = 1;
    return options;
  }

  // What PostgreSQL understood.
  absl::StatusOr<std::string> Ask(const Statement& statement, const std::vector<Param>& params) {
    std::string said;
    XXT_RETURN_IF_ERROR(Read(pool_, Soon(), [&](Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const Result rows, session.RunParams(statement, params));
      said = rows[0].IsNull(0) ? "NULL" : rows[0].Text(0);
      return absl::OkStatus();
    }));
    return said;
  }

  // Asks with each of `params`, then with each again.
  void ExpectSame(const Statement& statement, const std::vector<std::pair<Param, std::string>>& params) {
    for (int time = 1; time <= 2; ++time) {
      for (const auto& [param, expected] : params) {
        const absl::StatusOr<std::string> said = Ask(statement, {param});
        ASSERT_TRUE(said.ok()) << statement.sql << ": " << said.status();
        EXPECT_EQ(*said, expected) << statement.sql << ", time " << time;
      }
    }
  }

  test::Database db_{"intake"};
  Pool pool_{OneConnection(db_.options())};
};

constexpr char kId[] = "0197a000-0000-7000-8000-00000000000f";

TEST_F(WireTest, ValuesMeanTheSameInTextAndInBinary) {
  constexpr Statement kUuid{"wire.uuid", "SELECT $1::uuid::text"};
  constexpr Statement kBytea{"wire.bytea", "SELECT encode($1::bytea, 'hex')"};
  constexpr Statement kBool{"wire.bool", "SELECT $1::bool::text"};
  constexpr Statement kInt2{"wire.int2", "SELECT $1::smallint::text"};
  constexpr Statement kInt4{"wire.int4", "SELECT $1::int::text"};
  constexpr Statement kInt8{"wire.int8", "SELECT $1::bigint::text"};
  constexpr Statement kXid8{"wire.xid8", "SELECT $1::xid8::text"};
  constexpr Statement kText{"wire.text", "SELECT $1::text"};
  constexpr Statement kJsonb{"wire.jsonb", "SELECT $1::jsonb ->> 'a'"};
  constexpr Statement kDate{"wire.date", "SELECT $1::date::text"};
  ExpectSame(kUuid, {{kId, kId}, {std::nullopt, "NULL"}, {"0197A000-0000-7000-8000-00000000000F", kId}});
  ExpectSame(kBytea, {{Param::Bytes(absl::string_view("\0\\\xff", 3)), "005cff"}, {Param::Bytes(""), ""}});
  ExpectSame(kBool, {{true, "true"}, {false, "false"}});
  ExpectSame(kInt2, {{-32768, "-32768"}, {7, "7"}});
  ExpectSame(kInt4, {{-7, "-7"}, {"8", "8"}});
  ExpectSame(kInt8, {{std::int64_t{-4611686018427387904}, "-4611686018427387904"}});
  ExpectSame(kXid8, {{std::uint64_t{18446744073709551615U}, "18446744073709551615"}});
  ExpectSame(kText, {{"悉心听", "悉心听"}, {7, "7"}, {true, "t"}});
  ExpectSame(kJsonb, {{R"({"a":"b"})", "b"}});
  ExpectSame(kDate, {{absl::CivilDay(2026, 3, 2), "2026-03-02"}});
}

TEST_F(WireTest, TimesMeanTheSameInTextAndInBinary) {
  constexpr Statement kTime{"wire.time", "SELECT $1::timestamptz::text"};
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9, 0, 1), absl::UTCTimeZone()) + absl::Microseconds(42);
  ExpectSame(kTime, {{time, "2026-03-02 09:00:01.000042+00"},
                     {absl::UnixEpoch() - absl::Microseconds(1), "1969-12-31 23:59:59.999999+00"},
                     {absl::InfiniteFuture(), "infinity"},
                     {absl::InfinitePast(), "-infinity"},
                     {"infinity", "infinity"},
                     {std::nullopt, "NULL"}});
}

TEST_F(WireTest, ArraysMeanTheSameInTextAndInBinary) {
  constexpr Statement kUuids{"wire.uuids", "SELECT $1::uuid[]::text"};
  constexpr Statement kByteas{"wire.byteas", "SELECT $1::bytea[]::text"};
  constexpr Statement kTexts{"wire.texts", "SELECT $1::text[]::text"};
  constexpr Statement kBools{"wire.bools", "SELECT $1::bool[]::text"};
  constexpr Statement kInt2s{"wire.int2s", "SELECT $1::smallint[]::text"};
  constexpr Statement kInt4s{"wire.int4s", "SELECT $1::int[]::text"};
  constexpr Statement kInt8s{"wire.int8s", "SELECT $1::bigint[]::text"};
  constexpr Statement kTimes{"wire.times", "SELECT $1::timestamptz[]::text"};
  constexpr Statement kJsonbs{"wire.jsonbs", "SELECT $1::jsonb[]::text"};
  const Param null(std::nullopt);
  const auto with_null = [&null](const Param& value) { return Param::Array({&value, &null}); };
  ExpectSame(kUuids, {{with_null(kId), absl::StrCat("{", kId, ",NULL}")}, {Param::Array({}), "{}"}});
  ExpectSame(kByteas, {{with_null(Param::Bytes("a")), R"({"\\x61",NULL})"}});
  ExpectSame(kTexts, {{std::vector<std::string>{"a,\"\\", ""}, R"({"a,\"\\",""})"}});
  ExpectSame(kBools, {{with_null(true), "{t,NULL}"}});
  ExpectSame(kInt2s, {{with_null(-1), "{-1,NULL}"}});
  ExpectSame(kInt4s, {{with_null(-1), "{-1,NULL}"}});
  ExpectSame(kInt8s, {{with_null(-1), "{-1,NULL}"}});
  ExpectSame(kTimes, {{with_null(absl::UnixEpoch()), R"({"1970-01-01 00:00:00+00",NULL})"},
                      {with_null("infinity"), "{infinity,NULL}"}});
  ExpectSame(kJsonbs, {{with_null("{}"), "{\"{}\",NULL}"}});
}

// Text and bytes come in binary, too, once it is known that nothing else does.
TEST_F(WireTest, RowsOfTextAndBytesAreTheSameHoweverTheyCome) {
  constexpr Statement kRows{"wire.rows", "SELECT $1::text, $2::bytea, NULL::bytea, ''::bytea"};
  constexpr Statement kMixed{"wire.mixed", "SELECT $1::text, $2::bytea, NULL::bytea, ''::bytea, 7::bigint, now()"};
  const std::string bytes("\0\\x41\xff", 6);
  for (int time = 1; time <= 3; ++time) {
    for (const Statement* statement : {&kRows, &kMixed}) {
      EXPECT_TRUE(Read(pool_, Soon(), [&](Session& session) -> absl::Status {
                    XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(*statement, "悉心听", Param::Bytes(bytes)));
                    EXPECT_EQ(rows[0].Text(0), "悉心听");
                    EXPECT_EQ(rows[0].Bytes(1), bytes);
                    EXPECT_TRUE(rows[0].IsNull(2));
                    EXPECT_EQ(rows[0].Bytes(2), "");
                    EXPECT_FALSE(rows[0].IsNull(3));
                    EXPECT_EQ(rows[0].Bytes(3), "");
                    if (statement == &kMixed) {
                      EXPECT_EQ(rows[0].Int(4), 7);
                    }
                    return absl::OkStatus();
                  }).ok());
    }
  }
}

// What PostgreSQL refuses in text it refuses afterwards, too, and the connection lives on.
TEST_F(WireTest, AValueThatIsNoneIsRefusedHoweverItIsSent) {
  constexpr Statement kUuid{"wire.refused", "SELECT $1::uuid::text"};
  for (int time = 1; time <= 3; ++time) {
    EXPECT_EQ(errors::ReasonOf(Ask(kUuid, {"no id"}).status()), "INTERNAL");
    EXPECT_EQ(Ask(kUuid, {kId}).value(), kId);
  }
}

// Its types were not told: the next use prepares it anew.
TEST_F(WireTest, AStatementThatWasNotReachedIsPreparedAgain) {
  constexpr Statement kFails{"wire.fails", "SELECT 1 / $1::int"};
  constexpr Statement kAfter{"wire.after", "SELECT $1::uuid::text"};
  const absl::Status failed = Read(pool_, Soon(), [&](Session& session) {
    session.Queue(kFails, 0);
    return session.Run(kAfter, kId).status();
  });
  EXPECT_EQ(errors::ReasonOf(failed), "INTERNAL");
  ExpectSame(kAfter, {{kId, kId}});
}

}  // namespace
}  // namespace xxt::pg
