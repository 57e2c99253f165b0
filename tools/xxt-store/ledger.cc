#include "tools/xxt-store/ledger.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace xxt::store_tool {
namespace {

constexpr int kEvents = 5'000;
constexpr int kBlocks = 200;

// What an event is made of, then its block.
constexpr char kEventColumns[] =
    "SELECT e.transaction, e.row_number, e.id, e.type, e.subject, e.hall, e.actor, e.summary, "
    "(extract(epoch FROM e.time) * 1000000)::bigint, (extract(epoch FROM e.record_time) * 1000000)::bigint";
constexpr char kBlock[] =
    " LEFT JOIN LATERAL (SELECT number, hash FROM backbone.event_seal"
    " WHERE (last_transaction, last_row) >= (e.transaction, e.row_number)"
    " ORDER BY last_transaction, last_row LIMIT 1) AS b ON true";
constexpr char kBlocksPage[] =
    "SELECT number, (extract(epoch FROM seal_time) * 1000000)::bigint,"
    " (extract(epoch FROM previous_time) * 1000000)::bigint, encode(previous_hash, 'hex'),"
    " (extract(epoch FROM oldest_time) * 1000000)::bigint, key_id, encode(leaves, 'hex'), encode(hash, 'hex'),"
    " encode(mac, 'hex') FROM backbone.event_seal WHERE number > $1 AND number <= $2 ORDER BY number LIMIT ";

std::string Text(const pqxx::field& field) { return std::string(field.c_str(), field.size()); }
absl::Time Time(const pqxx::field& micros) { return absl::FromUnixMicros(micros.as<std::int64_t>()); }
std::string Bytes(const pqxx::field& hex) { return absl::HexStringToBytes(absl::string_view(hex.c_str(), hex.size())); }

events::Record RecordOf(const pqxx::row& row) {
  return {{Text(row[2]), Text(row[3]), Text(row[4]), Text(row[5]), Text(row[6]), Text(row[7]), Time(row[8])},
          {row[0].as<std::uint64_t>(), row[1].as<std::int64_t>()},
          Time(row[9])};
}

events::Block BlockOf(const pqxx::row& row) {
  return {row[0].as<std::int64_t>(),  Time(row[1]),  Time(row[2]),  Bytes(row[3]), Time(row[4]),
          row[5].as<std::uint32_t>(), Bytes(row[6]), Bytes(row[7]), Bytes(row[8])};
}

// Rows one by one, which `read` brings page by page, given the last row of the page before; nothing is the end.
template <typename Row>
std::function<std::optional<Row>()> ByPages(std::function<std::vector<Row>(const Row* last)> read) {
  struct State {
    std::vector<Row> page;
    std::size_t at = 0;
  };
  return [read = std::move(read), state = State{}]() mutable -> std::optional<Row> {
    if (state.at == state.page.size()) {
      state.page = read(state.page.empty() ? nullptr : &state.page.back());
      state.at = 0;
      if (state.page.empty()) return std::nullopt;
    }
    return state.page[state.at++];
  };
}

// A page behind `last`, of events that nothing can come before any more.
pqxx::result EventsBehind(pqxx::connection_base& db, const std::string& select, const std::string& subject,
                          const events::Record* last) {
  const events::Position position = last == nullptr ? events::Position{} : last->position;
  pqxx::read_transaction transaction(db);
  const std::string where =
      subject.empty() ? "e.type <> ''" : absl::StrCat("e.subject <> '' AND e.subject = ", transaction.quote(subject));
  return transaction.exec_params(
      absl::StrCat(select, " WHERE ", where,
                   " AND (e.transaction, e.row_number) > ($1::xid8, $2::bigint)"
                   " AND e.transaction < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY ",
                   subject.empty() ? "" : "e.subject, ", "e.transaction, e.row_number LIMIT ", kEvents),
      absl::StrCat(position.transaction), position.row);
}

const events::Position& PositionOf(const events::Record& one) { return one.position; }
const events::Position& PositionOf(const SealedRecord& one) { return one.record.position; }

// Somebody may have put two in one place: those of the last place of a full page come with the next one.
template <typename Row>
std::vector<Row> WithoutTheLastPlace(std::vector<Row> page) {
  if (page.size() < kEvents || PositionOf(page.front()) == PositionOf(page.back())) return page;
  const events::Position last = PositionOf(page.back());
  while (PositionOf(page.back()) == last) page.pop_back();
  return page;
}

}  // namespace

std::function<std::optional<SealedRecord>()> ExportedEvents(pqxx::connection_base& db, const std::string& subject) {
  return ByPages<SealedRecord>([&db, subject](const SealedRecord* last) {
    std::vector<SealedRecord> page;
    for (const pqxx::row& row : EventsBehind(
             db, absl::StrCat(kEventColumns, ", b.number, encode(b.hash, 'hex') FROM backbone.event AS e", kBlock),
             subject, last == nullptr ? nullptr : &last->record)) {
      page.push_back({RecordOf(row), row[10].as<std::int64_t>(0), row[11].as<std::string>("")});
    }
    return WithoutTheLastPlace(std::move(page));
  });
}

std::function<std::optional<events::Record>()> Events(pqxx::connection_base& db) {
  return ByPages<events::Record>([&db](const events::Record* last) {
    std::vector<events::Record> page;
    for (const pqxx::row& row : EventsBehind(db, absl::StrCat(kEventColumns, " FROM backbone.event AS e"), "", last)) {
      page.push_back(RecordOf(row));
    }
    return WithoutTheLastPlace(std::move(page));
  });
}

std::function<std::optional<events::Block>()> Blocks(pqxx::connection_base& db, std::int64_t last_number) {
  return ByPages<events::Block>([&db, last_number](const events::Block* last) {
    std::vector<events::Block> page;
    pqxx::read_transaction transaction(db);
    for (const pqxx::row& row : transaction.exec_params(
             absl::StrCat(kBlocksPage, kBlocks), last == nullptr ? std::int64_t{0} : last->number, last_number)) {
      page.push_back(BlockOf(row));
    }
    return page;
  });
}

std::string NameOf(const events::Position& position) { return absl::StrCat(position.transaction, "-", position.row); }

std::optional<events::Head> ParseHead(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  std::int64_t number = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &number) || number < 1) return std::nullopt;
  if (parts[1].size() != 2 * events::kHash) return std::nullopt;
  for (const char c : parts[1]) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  return events::Head{number, absl::HexStringToBytes(parts[1])};
}

std::string ToText(const events::Head& head) {
  return absl::StrCat(head.first, ":", absl::BytesToHexString(head.second));
}

}  // namespace xxt::store_tool
