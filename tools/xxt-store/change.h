#ifndef XXT_TOOLS_XXT_STORE_CHANGE_H_
#define XXT_TOOLS_XXT_STORE_CHANGE_H_

#include <cstdint>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "common/store/table.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {

// Writes rows of a table beside the running service. Those of a page that want
// it are written in one transaction, which locks their roots first, as every
// change of the service does, and waits for nobody: rows whose root somebody holds
// come last, one by one. Of a batch that PostgreSQL refuses each row is
// tried alone. What cannot be written is told, counted and left. It may be
// broken off at any time and begun again.
class Change {
 public:
  Change(const Surroundings& around, const store::TableBase& table) : around_(around), table_(table) {}
  virtual ~Change() = default;
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // Over all rows behind `after` (ids; empty: all), `batch` at a time.
  void Run(const std::vector<std::string>& after, int batch);

  std::int64_t seen() const { return seen_; }
  std::int64_t written() const { return written_; }
  std::int64_t left() const { return left_; }
  // Behind which row (its name; empty: none) a run that is broken off may go on: the
  // last one before all that somebody held. It is what the progress tells.
  const std::string& place() const { return place_; }

 protected:
  // Whether the row, as it was read, is to be written. May Leave it.
  virtual bool Wants(const Row& row) = 0;
  // Writes those of `rows` that want it still; their roots are locked. Returns
  // how many. May Leave one. May run again after its transaction has failed.
  virtual std::int64_t Write(pqxx::transaction_base& transaction, const std::vector<const Row*>& rows) = 0;

  void Leave(const Row& row, std::vector<Text> why) { leaving_.emplace_back(row.name, std::move(why)); }

  const Surroundings& around_;
  const store::TableBase& table_;

 private:
  void Page(const std::vector<Row>& rows);
  void MovePlace(const std::vector<Row>& rows);
  void Held();
  void One(const Row& row, bool wait);
  void Try(const std::vector<const Row*>& rows, bool wait);
  std::vector<std::string> LockRoots(pqxx::transaction_base& transaction, const std::vector<const Row*>& rows,
                                     bool wait) const;
  void TellLeft();

  std::vector<Row> held_;  // in the order of their ids
  std::string place_;
  std::vector<std::pair<std::string, std::vector<Text>>> leaving_;  // names; not told yet
  std::int64_t seen_ = 0;
  std::int64_t written_ = 0;
  std::int64_t left_ = 0;
};

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_CHANGE_H_
