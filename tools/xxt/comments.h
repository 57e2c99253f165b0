#ifndef XXT_TOOLS_XXT_COMMENTS_H_
#define XXT_TOOLS_XXT_COMMENTS_H_

#include <google/protobuf/descriptor.h>

#include <string>

// The comments of the protos, which generated code does not hold: they are
// compiled into the program beside it.
namespace xxt::cli {

// The comment above it, on one line; empty if there is none.
std::string CommentOn(const google::protobuf::MethodDescriptor& method);
std::string CommentOn(const google::protobuf::Descriptor& message);
std::string CommentOn(const google::protobuf::FieldDescriptor& field);
std::string CommentOn(const google::protobuf::FileDescriptor& file);  // above its first line

// Of a comment, without the full stop.
std::string FirstSentence(const std::string& comment);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_COMMENTS_H_
