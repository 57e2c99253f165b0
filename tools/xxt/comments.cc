#include "tools/xxt/comments.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <cstdlib>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

// What protoc wrote down of all protos; the assembler takes it from the file.
asm(".pushsection .rodata\n"
    "kXxtProtosBegin:\n"
    ".incbin \"" XXT_PROTOS_FILE
    "\"\n"
    "kXxtProtosEnd:\n"
    ".popsection\n");
extern "C" const char kXxtProtosBegin[];
extern "C" const char kXxtProtosEnd[];

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

// The protos with their comments, each read when it is asked for.
const pb::DescriptorPool& Commented() {
  static const pb::DescriptorPool* const kPool = [] {
    pb::FileDescriptorSet files;
    if (!files.ParseFromArray(kXxtProtosBegin, static_cast<int>(kXxtProtosEnd - kXxtProtosBegin))) std::abort();
    auto* database = new pb::SimpleDescriptorDatabase();
    for (const pb::FileDescriptorProto& file : files.file()) database->Add(file);
    return new pb::DescriptorPool(database);
  }();
  return *kPool;
}

std::string OnOneLine(const std::string& comment) {
  return absl::StrJoin(absl::StrSplit(comment, absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
}

template <typename Described>
std::string CommentOf(const Described* described) {
  pb::SourceLocation location;
  return described != nullptr && described->GetSourceLocation(&location) ? OnOneLine(location.leading_comments) : "";
}

}  // namespace

std::string CommentOn(const pb::MethodDescriptor& method) {
  return CommentOf(Commented().FindMethodByName(method.full_name()));
}

std::string CommentOn(const pb::Descriptor& message) {
  return CommentOf(Commented().FindMessageTypeByName(message.full_name()));
}

std::string CommentOn(const pb::FieldDescriptor& field) {
  return CommentOf(Commented().FindFieldByName(field.full_name()));
}

std::string CommentOn(const pb::FileDescriptor& file) {
  const pb::FileDescriptor* found = Commented().FindFileByName(file.name());
  pb::SourceLocation location;
  const std::vector<int> first_line = {pb::FileDescriptorProto::kSyntaxFieldNumber};
  return found != nullptr && found->GetSourceLocation(first_line, &location) ? OnOneLine(location.leading_comments)
                                                                             : "";
}

std::string FirstSentence(const std::string& comment) {
  const std::size_t end = comment.find(". ");
  const std::string sentence = comment.substr(0, end);
  return !sentence.empty() && sentence.back() == '.' ? sentence.substr(0, sentence.size() - 1) : sentence;
}

}  // namespace xxt::cli
