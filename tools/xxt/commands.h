#ifndef XXT_TOOLS_XXT_COMMANDS_H_
#define XXT_TOOLS_XXT_COMMANDS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/xxt/failure.h"

// The commands, as data. Most are what the protos say (noun_command.h) and call
// one method, which run_rpc.h does; some are made by hand.
namespace xxt::cli {

class Session;
struct Arguments;

// What a command made by hand does.
using Handler = absl::StatusOr<ExitCode> (*)(Session& session, const Arguments& arguments);

// Finds what nobody should have to type, before the call: the lease of a task.
using Preparation = absl::Status (*)(Session& session, Arguments* arguments);
using Restoration = void (*)(Session& session, const Arguments& arguments);

// A positional ("CASE") or a flag ("--due-time").
struct Flag {
  enum class Kind {
    kText,    // takes a value
    kList,    // takes values
    kSwitch,  // takes none
  };
  std::string name;
  std::string help;
  bool required = false;
  Kind kind = Kind::kText;
  // Where it goes in the request, "next_action.due_time". Empty: for the handler.
  std::string field = "";
  // The file of -f may say it as well.
  bool in_file = false;
  // Put before values that lack it: "cases/".
  std::string prefix = "";
  // Names a case, which people know by its display code.
  bool is_case = false;
  // The values that it takes. Empty: others as well.
  std::vector<std::string> choices = {};
};

struct Command {
  std::string path;  // "case list"
  std::string help;
  std::vector<Flag> flags = {};
  // Method that is called, unless there is a handler.
  const google::protobuf::MethodDescriptor* method = nullptr;
  // Field that -f FILE fills; "." is the whole request, empty: there is no -f.
  std::string file_field = "";
  bool file_required = false;
  std::vector<std::string> examples = {};
  // Roles that may call it; empty: not said.
  std::vector<std::string> callers = {};
  Handler handler = nullptr;
  Preparation prepare = nullptr;
  // Undoes what `prepare` did when the call was refused.
  Restoration restore = nullptr;
};

// What a folder of commands is about: "case".
struct Group {
  std::string name;
  std::string help;
};

// Every command, in the order of the help, with its texts in `language`.
std::vector<Command> Commands(Language language);
std::vector<Group> CommandGroups(Language language);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_COMMANDS_H_
