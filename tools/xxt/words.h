#ifndef XXT_TOOLS_XXT_WORDS_H_
#define XXT_TOOLS_XXT_WORDS_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "tools/xxt/failure.h"

// What the things of the protos are called in front of people: in Chinese as
// their options say (noun.proto), in English by their names and comments.
namespace xxt::cli {

// One line of help. Of a field that means the same everywhere, as page_size, what
// it does.
std::string HelpOf(const google::protobuf::MethodDescriptor& method, Language language);
std::string HelpOf(const google::protobuf::Descriptor& noun, Language language);
std::string HelpOf(const google::protobuf::FieldDescriptor& field, Language language);

// The head of a column, the label of a line: "下一步" for next_action.
std::string LabelOf(const google::protobuf::FieldDescriptor& field, Language language);
std::string LabelOf(const google::protobuf::OneofDescriptor& choice, Language language);
// "办理中" for STATE_IN_PROGRESS; without the enum's prefix in English, and where
// the proto says nothing.
std::string LabelOf(const google::protobuf::EnumValueDescriptor& value, Language language);

// What a field says, in Chinese without the spelling that machines need:
// "协查系统" for "services/referral", "10年" for P10Y, "周一至周五" for Mon-Fri.
std::string InWords(const google::protobuf::FieldDescriptor& field, const std::string& text, Language language);

// "窗口负责人" for the role "leader".
std::string RoleInWords(const std::string& role, Language language);

// Whether people are shown the field: those that have no name for people are for
// machines, which read JSON.
bool IsForPeople(const google::protobuf::FieldDescriptor& field);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_WORDS_H_
