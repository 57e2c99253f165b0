#include "tools/xxt-store/change.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/store/compiled.h"
#include "tools/xxt-store/progress.h"

namespace xxt::store_tool {
namespace {

constexpr char kLockNotAvailable[] = "55P03";

Text WhyRefused(const std::exception& error) {
  const std::string why(absl::StripTrailingAsciiWhitespace(error.what()));
  return {absl::StrCat("数据库拒绝：", why), absl::StrCat("PostgreSQL refuses: ", why)};
}

}  // namespace

void Change::Run(const std::vector<std::string>& after, int batch) {
  Progress progress(around_.err, around_.live, table_.name(), Count(around_.db, table_));
  Walk(around_.db, table_, after, batch, [&](const std::vector<Row>& rows) {
    const bool none_held = held_.empty();
    Page(rows);
    if (none_held) MovePlace(rows);
    progress.Add(static_cast<std::int64_t>(rows.size()), place_);
  });
  Held();
  seen_ = progress.done();
  progress.End(Text{absl::StrCat("看了 ", seen_, " 条，改写 ", written_, " 条，", left_, " 条没动"),
                    absl::StrCat(seen_, " rows, ", written_, " written, ", left_, " left")}
                   .In(around_.language));
}

void Change::Page(const std::vector<Row>& rows) {
  std::vector<const Row*> wanting;
  for (const Row& row : rows) {
    if (Wants(row)) wanting.push_back(&row);
  }
  TellLeft();
  if (wanting.empty()) return;
  try {
    Try(wanting, false);
    return;
  } catch (const pqxx::sql_error&) {
  } catch (const pqxx::transaction_rollback&) {
  }
  for (const Row* row : wanting) One(*row, false);
}

// None of a page before was held.
void Change::MovePlace(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    if (!held_.empty() && row.ids == held_.front().ids) return;
    place_ = row.name;
  }
}

// So that nothing is held while another is waited for.
void Change::Held() {
  for (const Row& row : std::exchange(held_, {})) One(row, true);
  leaving_.clear();
  for (const Row& row : held_)
    Leave(row, {{"一直有人在改，请再运行一次", "somebody holds it all the time: run this again"}});
  TellLeft();
}

void Change::One(const Row& row, bool wait) {
  try {
    Try({&row}, wait);
    return;
  } catch (const pqxx::transaction_rollback&) {  // a deadlock
    held_.push_back(row);
  } catch (const pqxx::sql_error& error) {
    leaving_.clear();
    if (error.sqlstate() == kLockNotAvailable) {
      held_.push_back(row);
    } else {
      Leave(row, {WhyRefused(error)});
      TellLeft();
    }
  }
}

void Change::Try(const std::vector<const Row*>& rows, bool wait) {
  leaving_.clear();  // of a try that failed
  std::vector<const Row*> mine;
  std::vector<Row> others;
  pqxx::work transaction(around_.db);
  transaction.exec0("SET TRANSACTION READ WRITE");
  const std::vector<std::string> locked = LockRoots(transaction, rows, wait);
  for (const Row* row : rows) {
    if (std::binary_search(locked.begin(), locked.end(), row->ids[0])) {
      mine.push_back(row);
    } else if (!wait) {
      others.push_back(*row);
    }  // else it is gone
  }
  const std::int64_t written = mine.empty() ? 0 : Write(transaction, mine);
  transaction.commit();
  written_ += written;
  std::move(others.begin(), others.end(), std::back_inserter(held_));
  TellLeft();
}

// The ids of the rows' roots that are locked now, sorted. They are locked in the
// order of their ids, as whoever locks several does.
std::vector<std::string> Change::LockRoots(pqxx::transaction_base& transaction, const std::vector<const Row*>& rows,
                                           bool wait) const {
  const store::TableBase& root = table_.root() == nullptr ? table_ : *table_.root();
  std::vector<std::string> ids;
  for (const Row* row : rows) ids.push_back(row->ids[0]);
  const pqxx::result found =
      Execute(transaction,
              absl::StrCat("SELECT id FROM ", root.name(), " WHERE id = ANY ($1::", root.compiled().pattern.types[0],
                           "[]) ORDER BY id FOR NO KEY UPDATE", wait ? "" : " SKIP LOCKED"),
              {pg::Param(ids)});
  std::vector<std::string> locked;
  for (const pqxx::row& one : found) locked.emplace_back(one[0].c_str());
  std::sort(locked.begin(), locked.end());  // codes have the order of the database's language
  return locked;
}

void Change::TellLeft() {
  for (const auto& [name, why] : leaving_) {
    ++left_;
    for (const Text& one : why) {
      around_.Complain({absl::StrCat(name, "：", one.zh), absl::StrCat(name, ": ", one.en)});
    }
  }
  leaving_.clear();
}

}  // namespace xxt::store_tool
