#ifndef XXT_COMMON_EDGE_ROOM_H_
#define XXT_COMMON_EDGE_ROOM_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// What grows in a resource by what methods do, and not by what a caller says at once: how much of it there may be is
// said by its field in the proto, as FieldRule.max_items, or 100. A row is read and written whole, so that nothing in
// it grows without bound. The field must be one of the type, and repeated.
namespace xxt::edge {

// Whether one more may be added to `field` of `of`. Of its places the last `kept` are left for what must not be
// refused.
bool HasRoom(const google::protobuf::Message& of, const char* field, int kept = 0);

// The same. Errors: STATE_FORBIDS, of the resource.
absl::Status CheckRoom(const google::protobuf::Message& of, const char* field, int kept = 0);

// The same for the children of `parent`, of which there are `count`: the field of the list says how many it may have.
absl::Status CheckRoomFor(const google::protobuf::Descriptor& list, const char* field, absl::string_view parent,
                          int count);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_ROOM_H_
