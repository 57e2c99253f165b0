#ifndef XXT_TOOLS_XXT_PRINT_H_
#define XXT_TOOLS_XXT_PRINT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/failure.h"

// Messages as text for people and scripts.
namespace xxt::cli {

enum class Format { kTable, kJson, kYaml, kName };

// How text for people looks.
struct Style {
  Language language = Language::kChinese;
  std::size_t width = 0;  // of the terminal; 0: none
  bool color = false;
  absl::Time now;  // years that are not this one are shown
  // For listeners, who type nothing: lists leave out what only identifies, and
  // whoever this knows, by "staff/wang", has the name that it returns.
  bool told = false;
  std::function<std::string(const std::string&)> name_of = nullptr;
};

// A list in the format; as a table with the columns of `type` (nouns.h).
std::string RenderList(const std::vector<const google::protobuf::Message*>& items,
                       const google::protobuf::Descriptor& type, Format format, const Style& style);

// One message in the format; as a table: a field per line, without those that are
// for machines (words.h), and a table for several of what has columns.
std::string RenderMessage(const google::protobuf::Message& message, Format format, const Style& style);

// Messages of the repeated field `path` of `message`.
std::vector<const google::protobuf::Message*> ItemsOf(const google::protobuf::Message& message,
                                                      const std::string& path);

// The value at `path` of `item`, spelled with the proto's names, as a cell:
// enum values by their label, times short, days as they are. Of a oneof: the
// member that is set, in words.
std::string CellOf(const Json& item, const google::protobuf::Descriptor& type, const std::string& path,
                   const Style& style);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_PRINT_H_
