#ifndef XXT_COMMON_STORE_ROW_H_
#define XXT_COMMON_STORE_ROW_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/pg/result.h"
#include "common/seal/seal.h"
#include "common/seal/split.h"
#include "common/store/table.h"

// A message as a row keeps it: its bytes, and what is personal apart.
namespace xxt::store {

// The data key of a root, as the root's row has it.
class RootKey {
 public:
  // `wrapped` empty: it was erased.
  static RootKey Of(const seal::Keyring& keys, absl::string_view root, absl::string_view wrapped);
  explicit RootKey(seal::DataKey key) : key_(std::move(key)) {}

  // Null if it was erased, or cannot be used.
  const seal::DataKey* key() const { return key_.has_value() ? &*key_ : nullptr; }
  bool erased() const { return erased_; }

 private:
  RootKey() = default;
  std::optional<seal::DataKey> key_;
  bool erased_ = false;
};

// What was in `sealed` when a row was read.
struct Unsealed {
  std::vector<seal::Leaf> leaves;
  bool damaged = false;  // there is a blob that does not open, though nothing was erased
};

// Reads the bytes of `row` at column `at`, and the blob right behind them, into
// `message`, whose name is `name`. False if the bytes cannot be read, or are
// of another name; `message` is then empty. A blob that does not open leaves its texts out.
// Both are logged and counted. Of an erased root everything personal is left out, also what
// stands open because it was not personal when it was written; of a blob that does not
// open that stays, so that a save does not lose it.
bool ReadRow(const TableBase& table, absl::string_view name, const RootKey& key, const pg::Row& row, int at,
             google::protobuf::Message* message, Unsealed* unsealed);
// The same without the blob, and without all that is personal.
bool ReadOpen(const TableBase& table, absl::string_view name, const pg::Row& row, int at,
              google::protobuf::Message* message);

// Whether the message, or one in it, is in a state that only a newer version knows.
bool IsInNewerState(const TableBase& table, const google::protobuf::Message& message);

// What a row is to hold.
struct Written {
  std::string message;
  std::vector<seal::Leaf> leaves;
};
// `message` stays as it is. `before` are the leaves that the row had.
Written WriteRow(const std::vector<seal::Leaf>& before, google::protobuf::Message* message);

// The column `search` of a row that says `message`, whole; nullopt if there is nothing to find it by.
std::optional<std::string> SearchOf(const seal::Keyring& keys, const google::protobuf::Message& message);

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_ROW_H_
