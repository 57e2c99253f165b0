#ifndef XXT_TOOLS_XXT_STORE_OPENED_H_
#define XXT_TOOLS_XXT_STORE_OPENED_H_

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "common/seal/split.h"
#include "common/store/table.h"
#include "tools/xxt-store/row.h"
#include "tools/xxt-store/text.h"

// What a row says, and what is wrong with it. Pure.
namespace xxt::store_tool {

// What became of the blob of a row.
enum class Blob {
  kNone,     // nothing personal is in it
  kOpened,   // what was in it is back in the message
  kErased,   // its root's key was erased: nobody reads it any more
  kClosed,   // no keys were given
  kDamaged,  // it does not open, though nothing was erased; `faults` say why
};

struct Opened {
  std::unique_ptr<google::protobuf::Message> message;  // whole; null if its bytes cannot be read
  Blob blob = Blob::kNone;
  std::vector<seal::Leaf> sealed;     // what was in the blob
  std::vector<seal::Leaf> bare;       // personal, but open in the row; of an erased root no more in the message
  std::optional<seal::DataKey> key;   // of its root
  std::optional<std::string> search;  // what it is found by; where that cannot be told, as the row has it
  std::vector<Text> faults;           // never with what is personal
};

// The data key of the row's root, which is not erased. Nullopt, with what is wrong.
std::optional<seal::DataKey> KeyOf(const Row& row, const seal::Keyring& keys, std::vector<Text>* faults);

// `keys` may be null: blobs stay closed, which is no fault.
Opened Open(const store::TableBase& table, const Row& row, const seal::Keyring* keys);

// The values of the derived columns, in their order, as this version derives
// them from a message.
std::vector<pg::Param> Derive(const store::TableBase& table, const google::protobuf::Message& message);
// A fault for each column of the row that differs from them, and for what it is
// found by. It must have a message.
std::vector<Text> ColumnFaults(const store::TableBase& table, const Row& row, const Opened& opened);

// Puts *** in place of all that is personal.
void Mask(Opened* opened);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_OPENED_H_
