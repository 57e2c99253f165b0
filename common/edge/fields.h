#ifndef XXT_COMMON_EDGE_FIELDS_H_
#define XXT_COMMON_EDGE_FIELDS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

// What is known of a field by its name and place, so that protos need not say it
// again and again:
//   in a resource       name, state, etag, create_time, update_time: not said by callers
//   in a "…Request"     request_id, name, parent: required; page_size, page_token,
//                       etag: their ranges
//   anywhere            what has a resource_reference: the pattern of such names
// Whatever a proto does say of such a field counts instead.
namespace xxt::edge {

// False for what is never taken from a caller: OUTPUT_ONLY, IDENTIFIER,
// internal, and the above.
bool SaidByCallers(const google::protobuf::FieldDescriptor& field);

// Whether it is for requests alone, and no response holds it: INPUT_ONLY.
bool SaidByCallersOnly(const google::protobuf::FieldDescriptor& field);

// Whether the proto leaves it to the field's name what it may hold: a field of a
// "…Request" without behaviour, rule or info.
bool ByConvention(const google::protobuf::FieldDescriptor& field);

// Whether a request without it is refused: REQUIRED, or by convention.
bool Required(const google::protobuf::FieldDescriptor& field);

// The pattern of names that `field` takes, by its resource_reference, as
// FieldRule.pattern spells it: "cases/{uuid}/promises/{uuid}"; of what a list
// lists also "cases/-", all of them (AIP-159): a list that goes over no more than
// one parent responds to that with RESOURCE_NOT_FOUND. Empty if it refers to
// nothing that its file or an import of it has or defines: does not build
// (protos/access_check.cc).
std::string NamePatternOf(const google::protobuf::FieldDescriptor& field);

// The fields of one type to which something is to be done, and the messages in
// which there are such at any depth.
struct Step {
  const google::protobuf::FieldDescriptor* field;
  bool wanted;  // else it only leads to some
};
using Wanted = bool (*)(const google::protobuf::FieldDescriptor&);

// The steps of `type`, found once for each thread and never changed.
const std::vector<Step>& StepsOf(const google::protobuf::Descriptor& type, Wanted wanted);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_FIELDS_H_
