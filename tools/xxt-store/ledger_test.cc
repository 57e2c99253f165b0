// The ledger of a database, tampered with as its administrator could: the tool names where it begins.

#include "tools/xxt-store/ledger.h"

#include <algorithm>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/events/events.h"
#include "common/events/sealing.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "tools/xxt-store/tool_world.h"

namespace xxt::store_tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LedgerTest : public ToolTest {
 protected:
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static std::string Hex(const std::string& bytes) { return absl::StrCat("'\\x", absl::BytesToHexString(bytes), "'"); }

  // Commits `count` events and seals them in one block.
  void Seal(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) {
                    events::Append(session, {"", "case.created.v1", absl::StrCat("cases/", ++made_ % 3),
                                             "halls/110102016", "staff/wang", "新诉求", absl::Now()});
                    return absl::OkStatus();
                  }).ok());
    }
    // One block: until nobody holds any of them back.
    const std::string behind = absl::StrCat(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) > max(transaction::text::bigint)::text::xid8 FROM "
        "backbone.event");
    for (const absl::Time deadline = Soon(); Sql(behind) != "t" && absl::Now() < deadline;) std::this_thread::yield();
    SealRest();
  }
  void SealRest() {
    ASSERT_EQ(pg::InTransaction(db_.pool(), Soon(),
                                [&](pg::Session& session) { return events::SealNext(session, keys_).status(); }),
              absl::OkStatus());
  }

  // What it says to standard output, without the end of the line.
  std::string Verified(const std::optional<events::Head>& head = std::nullopt) {
    out_.str("");
    const ExitCode code = VerifyEvents(Around(), head);
    std::string said = Out();
    if (!said.empty()) said.pop_back();
    EXPECT_EQ(code == kFailed, absl::StartsWith(said, "backbone.event ")) << said;
    return said;
  }
  std::vector<events::Record> AllEvents() {
    std::vector<events::Record> all;
    const auto next = Events(*connection_);
    while (const std::optional<events::Record> one = next()) all.push_back(*one);
    return all;
  }
  std::vector<events::Block> AllBlocks() {
    std::vector<events::Block> all;
    const auto next = Blocks(*connection_, 1'000'000);
    while (const std::optional<events::Block> one = next()) all.push_back(*one);
    return all;
  }

  int made_ = 0;
};

constexpr char kHead[] = "[0-9]+:[0-9a-f]{64}";

TEST_F(LedgerTest, ThatWasSealedIsGoodAndItsHeadIsTold) {
  EXPECT_EQ(Verified(), "") << "nothing was sealed";
  Seal(3);
  Seal(2);
  const std::string head = Verified();
  EXPECT_THAT(head, ::testing::MatchesRegex(kHead));
  EXPECT_THAT(Err(), HasSubstr("5 as they were sealed, blocks 1 to 2\n"));
  Seal(1);
  EXPECT_THAT(Verified(ParseHead(head)), StartsWith("3:"));
  EXPECT_EQ(ToText(*ParseHead(head)), head);
  for (const char* wrong : {"", "2", "2:ab", "0:", "x:y", ":"}) EXPECT_EQ(ParseHead(wrong), std::nullopt) << wrong;
}

// What it costs, by hand: --gtest_also_run_disabled_tests --gtest_filter=*AMillion*
TEST_F(LedgerTest, DISABLED_AMillionEvents) {
  Sql("INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time) SELECT gen_random_uuid(), "
      "'intake.case.next-action-set.v1', 'cases/' || gen_random_uuid(), 'halls/110102016', 'staff/wang', "
      "'下一步：请申请人带上户口簿到窗口', now() FROM generate_series(1, 1000000)");
  absl::Time begun = absl::Now();
  for (int i = 0; i < 2000; ++i) SealRest();
  std::cout << "sealed in " << absl::Now() - begun << "\n";
  begun = absl::Now();
  EXPECT_THAT(Verified(), StartsWith("2000:"));
  std::cout << "verified in " << absl::Now() - begun << ": " << Err();
}

// A ledger of eight blocks, of which two keys have sealed four each, and a copy to bring it back from.
class TamperedTest : public LedgerTest {
 protected:
  TamperedTest() {
    for (int i = 0; i < 8; ++i) {
      if (i == 4) BeginWith({2, 1});
      Seal(5);
    }
    Sql("CREATE TABLE public.good_event AS SELECT * FROM backbone.event; "
        "CREATE TABLE public.good_seal AS SELECT * FROM backbone.event_seal");
    events_ = AllEvents();
    blocks_ = AllBlocks();
    head_ = {blocks_.back().number, blocks_.back().hash};
  }

  static constexpr char kBringBack[] =
      "DELETE FROM backbone.event; DELETE FROM backbone.event_seal; "
      "INSERT INTO backbone.event OVERRIDING SYSTEM VALUE SELECT * FROM public.good_event; "
      "INSERT INTO backbone.event_seal SELECT * FROM public.good_seal; ";

  std::size_t Up(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }
  static std::string At(const events::Record& one) {
    return absl::StrCat("transaction = '", one.position.transaction, "' AND row_number = ", one.position.row);
  }
  static std::string Named(const events::Record& one) { return absl::StrCat(NameOf(one.position), " ", one.event.id); }
  static std::string In(std::size_t event) { return absl::StrCat("block ", event / 5 + 1, " position "); }

  // What is done to an event, of 40 in blocks of five, and what is to be said.
  struct Tamper {
    std::string sql;
    std::string where;
    std::string what;
    std::optional<events::Head> head = std::nullopt;
  };
  Tamper Edited(std::size_t at) {
    const std::vector<std::string> edits = {"id = gen_random_uuid()",
                                            "type = 'case.closed.v1'",
                                            "subject = 'cases/9'",
                                            "hall = 'halls/1'",
                                            "actor = 'staff/li'",
                                            "summary = '旧诉求'",
                                            "time = time - interval '1 microsecond'",
                                            "record_time = record_time + interval '1 microsecond'"};
    return {absl::StrCat("UPDATE backbone.event SET ", edits[Up(edits.size() - 1)], " WHERE ", At(events_[at])),
            absl::StrCat(In(at), NameOf(events_[at].position), " "), "was changed after it was sealed"};
  }
  Tamper Deleted(std::size_t at) {
    return {absl::StrCat("DELETE FROM backbone.event WHERE ", At(events_[at])),
            absl::StrCat(In(at), at < 39 ? Named(events_[at + 1]) : NameOf(events_[38].position) + " and behind"),
            "an event is missing that was sealed"};
  }
  // In the same place as one that is there; the one with the larger id comes behind.
  Tamper Inserted(std::size_t at) {
    const std::string id = "00000000-0000-4000-8000-000000000001";
    return {absl::StrCat("INSERT INTO backbone.event OVERRIDING SYSTEM VALUE SELECT transaction, row_number, '", id,
                         "', type, subject, hall, 'staff/li', summary, time, record_time FROM backbone.event WHERE ",
                         At(events_[at])),
            absl::StrCat(In(at), NameOf(events_[at].position), " ", id), "was inserted"};
  }
  // Two change their transactions.
  Tamper Reordered(std::size_t at) {
    const std::size_t other = (at + 1 + Up(38)) % 40;
    const std::uint64_t one = events_[std::min(at, other)].position.transaction;
    const events::Position two = events_[std::max(at, other)].position;
    return {absl::StrCat("UPDATE backbone.event SET transaction = CASE transaction WHEN '", one, "' THEN '",
                         two.transaction, "'::xid8 ELSE '", one, "'::xid8 END WHERE transaction IN ('", one, "', '",
                         two.transaction, "')"),
            absl::StrCat(In(std::min(at, other)), one, "-", two.row), "stands before its time"};
  }
  // With the events, as if it had never been.
  Tamper CutOff(std::size_t at) {
    const std::size_t last = std::min<std::size_t>(at / 5, 6);
    return {absl::StrCat("DELETE FROM backbone.event_seal WHERE number > ", last + 1,
                         "; DELETE FROM backbone.event WHERE transaction > '",
                         events_[last * 5 + 4].position.transaction, "'"),
            "block 8 ", "truncated: the head that was kept is not there", head_};
  }
  // With key 1, which key 2 has replaced in block 5.
  Tamper ResealedWithOldKey(std::size_t at) {
    at = 25 + at % 15;
    return {Forged(at, 1, 7), In(at) + Named(events_[at / 5 * 5]), "sealed with a key that had been replaced"};
  }
  // With the key that has sealed it.
  Tamper Forked(std::size_t at) {
    at = at % 35;
    return {Forged(at, blocks_[at / 5].key, at / 5), In(at + 5) + Named(events_[at / 5 * 5 + 5]), "fork"};
  }

  // SQL that writes `block` in place of the one of its number, after `key` has vouched for it.
  std::string Rewritten(events::Block* block, std::uint32_t key) const {
    block->key = key;
    block->hash = events::HashOf(*block);
    block->mac = events::MacOf(*block, keys_);
    return absl::StrCat("UPDATE backbone.event_seal SET leaves = ", Hex(block->leaves),
                        ", previous_hash = ", Hex(block->previous_hash), ", key_id = ", key,
                        ", hash = ", Hex(block->hash), ", mac = ", Hex(block->mac), " WHERE number = ", block->number,
                        "; ");
  }
  // `key` writes anew the blocks from that of `event` to `last`, in which its actor is another.
  std::string Forged(std::size_t event, std::uint32_t key, std::size_t last) {
    std::string sql = absl::StrCat("UPDATE backbone.event SET actor = 'staff/li' WHERE ", At(events_[event]), "; ");
    events::Record forged = events_[event];
    forged.event.actor = "staff/li";
    std::vector<events::Block> blocks = blocks_;
    blocks[event / 5].leaves.replace(event % 5 * events::kHash, events::kHash, events::LeafOf(forged));
    for (std::size_t i = event / 5; i <= last; ++i) {
      if (i > 0) blocks[i].previous_hash = blocks[i - 1].hash;
      sql += Rewritten(&blocks[i], key);
    }
    return sql;
  }

  std::mt19937 random_{20261128};
  std::vector<events::Record> events_;
  std::vector<events::Block> blocks_;
  events::Head head_;
};

TEST_F(TamperedTest, EachSortIsFoundWhereItBegins) {
  const std::vector<std::function<Tamper(std::size_t)>> sorts = {
      [this](std::size_t at) { return Edited(at); },   [this](std::size_t at) { return Deleted(at); },
      [this](std::size_t at) { return Inserted(at); }, [this](std::size_t at) { return Reordered(at); },
      [this](std::size_t at) { return CutOff(at); },   [this](std::size_t at) { return ResealedWithOldKey(at); },
      [this](std::size_t at) { return Forked(at); },
  };
  for (std::size_t turn = 0; turn < 140; ++turn) {
    const Tamper tamper = sorts[turn % sorts.size()](Up(39));
    Sql(absl::StrCat(kBringBack, tamper.sql));
    ASSERT_THAT(Verified(tamper.head), AllOf(StartsWith("backbone.event " + tamper.where), HasSubstr(tamper.what)))
        << tamper.sql;
  }
  Sql(kBringBack);
  EXPECT_EQ(Verified(head_), ToText(head_));
}

TEST_F(TamperedTest, BlocksAreFoundThatWereChangedOrTakenAway) {
  Sql("DELETE FROM backbone.event_seal WHERE number = 3");
  EXPECT_THAT(Verified(),
              AllOf(StartsWith("backbone.event block 4 "), HasSubstr("in front of this block one is missing")));
  Sql(absl::StrCat(kBringBack, "DELETE FROM backbone.event_seal WHERE number = 1"));
  EXPECT_THAT(Verified(), AllOf(StartsWith("backbone.event block 2 "), HasSubstr("one is missing")));
  Sql(absl::StrCat(kBringBack, "UPDATE backbone.event_seal SET oldest_time = '2020-01-01' WHERE number = 6"));
  EXPECT_THAT(Verified(), AllOf(StartsWith("backbone.event block 6 "), HasSubstr("its hash is not of what is in it")));
  Sql(absl::StrCat(kBringBack, "UPDATE backbone.event_seal SET mac = hash WHERE number = 6"));
  EXPECT_THAT(Verified(), AllOf(StartsWith("backbone.event block 6 "), HasSubstr("no key that has sealed it")));
  Sql(absl::StrCat(kBringBack, "DELETE FROM backbone.event_seal WHERE number > 6"));
  EXPECT_THAT(Verified(), StartsWith("6:")) << "they may just be sealed";
  EXPECT_THAT(Err(), HasSubstr("10 not sealed yet"));
  EXPECT_THAT(Verified(head_), HasSubstr("truncated"));
  // The next replica seals them again, but not with the same hash.
  SealRest();
  SealRest();
  EXPECT_THAT(Verified(), ::testing::MatchesRegex(kHead));
  EXPECT_THAT(Verified(events::Head{7, blocks_[6].hash}),
              AllOf(StartsWith("backbone.event block 7 "), HasSubstr("fork")));
}

// A dump brings transaction ids of another cluster; and rows are not always numbered in the order of their
// transactions.
TEST_F(LedgerTest, ARestoredDumpIsGoodOnceAdopted) {
  for (int i = 0; i < 4; ++i) {
    Sql(absl::StrCat(
        "INSERT INTO backbone.event (row_number, id, type, subject, hall, actor, summary, time) OVERRIDING "
        "SYSTEM VALUE VALUES (",
        1000 - i, ", gen_random_uuid(), 't', 's', 'h', 'a', '", i, "', now())"));
    if (i % 2 == 1) Seal(1);
  }
  // And one that is not sealed yet.
  Sql("INSERT INTO backbone.event (row_number, id, type, subject, hall, actor, summary, time) OVERRIDING SYSTEM VALUE "
      "VALUES (900, gen_random_uuid(), 't', 's', 'h', 'a', '4', now())");
  Sql("UPDATE backbone.event SET transaction = (900000000000000 + transaction::text::bigint)::text::xid8; "
      "UPDATE backbone.event_seal SET last_transaction = (900000000000000 + "
      "last_transaction::text::bigint)::text::xid8");
  const events::Block head = AllBlocks().back();
  EXPECT_EQ(Sql("SELECT backbone.adopt_events()"), "7");
  EXPECT_EQ(Sql("SELECT bool_and(transaction = '3') FROM backbone.event"), "t");
  EXPECT_THAT(Verified(events::Head{head.number, head.hash}), StartsWith("2:"));
  EXPECT_THAT(Err(), HasSubstr("6 as they were sealed, blocks 1 to 2, 1 not sealed yet"));
  Seal(2);
  EXPECT_THAT(Verified(events::Head{head.number, head.hash}), StartsWith("3:"));
  EXPECT_THAT(Err(), HasSubstr("9 as they were sealed"));
  EXPECT_EQ(Sql("SELECT backbone.adopt_events()"), "0");
}

// Housekeeping drops months whose term has ended.
TEST_F(TamperedTest, WhatHousekeepingHasDroppedIsSaidAndNoFlaw) {
  Sql(absl::StrCat("DELETE FROM backbone.event WHERE transaction < '", events_[12].position.transaction, "'"));
  EXPECT_THAT(Verified(), HasSubstr("an event is missing"));
  // To the end of this month, at least.
  Sql("UPDATE backbone.retention SET at_least = '-32 days', term = '-32 days' "
      "WHERE relation = 'backbone.event'::regclass");
  EXPECT_EQ(Verified(head_), ToText(head_));
  EXPECT_THAT(Err(), HasSubstr("what is older is past its term: 12 are gone"));
}

TEST_F(TamperedTest, IsSaidInChineseToo) {
  Sql(absl::StrCat("DELETE FROM backbone.event WHERE ", At(events_[7])));
  Surroundings around = Around();
  EXPECT_EQ(VerifyEvents({around.db, around.keys, Language::kChinese, out_, err_}, std::nullopt), kFailed);
  EXPECT_EQ(Out(), absl::StrCat("backbone.event 块 2 位置 ", Named(events_[8]), ": 它前面少了封存过的事件\n"));
}

TEST_F(TamperedTest, EventsOfACaseAreExportedWithTheirBlock) {
  Seal(1);
  ASSERT_TRUE(pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) {
                events::Append(session, {"", "case.closed.v1", "cases/2", "halls/1", "staff/li", "办结", absl::Now()});
                return absl::OkStatus();
              }).ok());
  std::vector<nlohmann::json> lines;
  for (const absl::Time deadline = Soon(); lines.size() < 15 && absl::Now() < deadline;) {
    lines.clear();
    EXPECT_EQ(ExportEvents(Around(), "cases/2"), kDone);
    for (const absl::string_view line : absl::StrSplit(Out(), '\n', absl::SkipEmpty())) {
      lines.push_back(nlohmann::json::parse(std::string(line)));
    }
  }
  ASSERT_EQ(lines.size(), 15U);
  const events::Record& first = events_[1];
  EXPECT_EQ(lines[0]["id"], first.event.id);
  EXPECT_EQ(lines[0]["summary"], "新诉求");
  EXPECT_EQ(lines[0]["block"], 1);
  EXPECT_EQ(lines[0]["block_hash"], absl::BytesToHexString(blocks_[0].hash));
  EXPECT_EQ(lines[0]["leaf"], absl::BytesToHexString(blocks_[0].leaves.substr(events::kHash, events::kHash)));
  EXPECT_EQ(lines[13]["block"], 9);
  EXPECT_FALSE(lines[14].contains("block")) << "not sealed yet";
  for (const nlohmann::json& line : lines) EXPECT_EQ(line["subject"], "cases/2");
}

}  // namespace
}  // namespace xxt::store_tool
