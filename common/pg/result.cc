#include "common/pg/result.h"

#include <libpq-fe.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "common/log/log.h"

namespace xxt::pg {
namespace {

constexpr unsigned kByteaType = 17;  // pg_type.oid, the same in every PostgreSQL

[[noreturn]] void WrongType(const char* wanted) {
  log::Error("pg.wrong_column_type", {{"wanted", wanted}});
  std::abort();
}

int Digits(absl::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') WrongType("timestamptz");
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// "2026-11-23 06:33:18.123456+00": sessions run in UTC.
absl::Time ParseTimestamp(absl::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  if (text.size() < 22 || text.substr(text.size() - 3) != "+00") WrongType("timestamptz");
  const absl::CivilSecond second(Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2), Digits(text, 11, 2),
                                 Digits(text, 14, 2), Digits(text, 17, 2));
  const absl::string_view fraction = text.substr(19, text.size() - 22);
  std::int64_t micros = 0;
  for (std::size_t i = 1; i < 7; ++i) micros = micros * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return absl::FromCivil(second, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

}  // namespace

Result::Result(pg_result* owned) : result_(owned) {}

void Result::Free::operator()(pg_result* result) const { PQclear(result); }

int Result::size() const { return result_ == nullptr ? 0 : PQntuples(result_.get()); }

bool Row::IsNull(int column) const { return PQgetisnull(result_, row_, column) == 1; }

absl::string_view Row::View(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::Int(int column) const {
  std::int64_t value = 0;
  if (!IsNull(column) && !absl::SimpleAtoi(View(column), &value)) WrongType("bigint");
  return value;
}

bool Row::Bool(int column) const { return View(column) == "t"; }

absl::Time Row::Time(int column) const { return IsNull(column) ? absl::InfinitePast() : ParseTimestamp(View(column)); }

std::string Row::Bytes(int column) const {
  const absl::string_view text = View(column);
  if (text.empty()) return "";
  if (PQftype(result_, column) != kByteaType) WrongType("bytea");
  // In binary it is what it is; else "\\x" and digits.
  return PQfformat(result_, column) == 1 ? std::string(text) : absl::HexStringToBytes(text.substr(2));
}

}  // namespace xxt::pg
