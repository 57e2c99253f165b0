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

// Whether the type has a personal field at any depth.
bool HasPersonal(const google::protobuf::Descriptor& type);

// Takes every personal text out of `message`, in the order of their paths; its
// place stays, empty. What was sealed stays so: `sealed_before` are the leaves
// that the row had when it was loaded. A field that they name is taken out
// wherever it stands now, whatever this version says of it; and so is what
// PutBack has left for a newer one.
std::vector<Leaf> TakeOut(google::protobuf::Message* message, const std::vector<Leaf>& sealed_before);

// Puts them back. A text whose place this version does not know is left for a
// newer one, as an unknown field of the part of the message that it lies in. So
// it goes where that part goes, is copied with it, and is gone with it when
// another is put in its place: whoever changes a message need not know of it.
void PutBack(const std::vector<Leaf>& leaves, google::protobuf::Message* message);

// The leaves as bytes (xixinting.common.v1.Leaves), and back. INTERNAL if they
// are none.
std::string Encode(const std::vector<Leaf>& leaves);
absl::StatusOr<std::vector<Leaf>> Decode(absl::string_view bytes);

}  // namespace xxt::seal

#endif  // XXT_COMMON_SEAL_SPLIT_H_
