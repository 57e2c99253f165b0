#ifndef XXT_COMMON_STORE_OWNER_H_
#define XXT_COMMON_STORE_OWNER_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"

// Whom a message tells of that is no row, such as a response, and whose key is
// to seal it where it is kept.
namespace xxt::store {

// The root that `message` is of: the first of the resources which it names, in the
// order of its fields at all depths, that lies under a root with a data key in a
// table of this program. Empty: it names none.
std::string RootOf(const google::protobuf::Message& message);

// The data key of `root`, wrapped, as its row has it; empty if it was erased, or
// there is no such row. For one that a transaction has locked: Tx::FindKey.
absl::StatusOr<std::string> WrappedKeyOf(pg::Session& session, absl::string_view root);

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_OWNER_H_
