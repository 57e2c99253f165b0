#ifndef XXT_TOOLS_XXT_NOUNS_H_
#define XXT_TOOLS_XXT_NOUNS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

// Nouns and verbs, from the names in the protos. A noun is a message that is a
// resource, or says in its option `noun` what people call it.
namespace xxt::cli {

// What a method does to what.
struct Deed {
  std::string group;  // "unmatched-mail" of FileUnmatchedMail
  std::string verb;   // "file"
  // Null if the method is about none: then the group is its service's name.
  const google::protobuf::Descriptor* noun = nullptr;
};

// The noun that the method's name ends with, in the singular or plural, and what
// stands before it. A method that ends with none, as SetNextAction, does all of
// its name to the noun that its `name` or `parent` is, else to that of its
// service's first method.
Deed DeedOf(const google::protobuf::MethodDescriptor& method);

// The resource that a field's resource_reference names, or the one below which
// there are those that it names as child_type; null if there is none.
const google::protobuf::Descriptor* NamedBy(const google::protobuf::FieldDescriptor& field);

// "cases/{case}/promises/{promise}"; empty for what is no resource.
std::string PatternOf(const google::protobuf::Descriptor& resource);

// The list that is all of a method's response; null if that is no list.
const google::protobuf::FieldDescriptor* ListIn(const google::protobuf::MethodDescriptor& method);

// The columns of a table of such messages, as paths: those that the noun names,
// else the fields for people that have one value, its name last.
std::vector<std::string> ColumnsOf(const google::protobuf::Descriptor& type);

// True for what is shown in tables wherever there are several.
bool HasColumns(const google::protobuf::Descriptor& type);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_NOUNS_H_
