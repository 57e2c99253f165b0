#ifndef XXT_COMMON_SEAL_SPLIT_H_
#define XXT_COMMON_SEAL_SPLIT_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Takes the personal texts out of a message and puts them back.
namespace xxt::seal {

// One personal text and where it was, in field numbers: "9[0].2", "7[3]".
// Numbers, for a name may change.
struct Leaf {
  std::string path;
  std::string text;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// Whether the type has a personal field at any depth. Read from the descriptor
// once.
bool HasPersonal(const google::protobuf::Descriptor& type);

// Takes every personal text out of `message`, in the order of their paths; its
// place stays, empty. What an earlier version had sealed stays so:
// `sealed_before` are the leaves that the row had when it was loaded. A path of
// them is taken out again whatever the field says now, and one that this version
// does not know is handed on as it is, as long as what it lies in is there.
std::vector<Leaf> TakeOut(google::protobuf::Message* message, const std::vector<Leaf>& sealed_before);

// Puts them back. A path that this version does not know is left out; TakeOut
// hands it on, for the same place. So what has personal fields and stands in a
// list is never taken out of the middle of it: it is marked, or has a row of its own.
void PutBack(const std::vector<Leaf>& leaves, google::protobuf::Message* message);

// The leaves as bytes (xixinting.common.v1.Leaves), and back. INTERNAL if they
// are none.
std::string Encode(const std::vector<Leaf>& leaves);
absl::StatusOr<std::vector<Leaf>> Decode(absl::string_view bytes);

}  // namespace xxt::seal

#endif  // XXT_COMMON_SEAL_SPLIT_H_
