#ifndef XXT_TOOLS_XXT_COMMANDS_H_
#define XXT_TOOLS_XXT_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/xxt/failure.h"

// The commands, as data. A command either names an RPC, which run_rpc.h calls,
// or has a function of its own.
namespace xxt::cli {

class Session;
struct Arguments;

using Handler = absl::StatusOr<ExitCode> (*)(Session& session, const Arguments& arguments);

// A text for people, in both languages.
struct Help {
  std::string zh;
  std::string en;
};

// A positional ("CASE") or a flag ("--state").
struct FlagSpec {
  enum class Kind {
    kField,   // as the field's type asks: a bool field takes no value
    kText,    // takes a value
    kList,    // takes values
    kSwitch,  // takes none
  };
  std::string name;
  // Where it goes in the request, "contact.channel". Empty: for the handler.
  std::string field;
  Help help;
  bool required = false;
  // Put before values that lack it: "cases/".
  std::string prefix = "";
  Kind kind = Kind::kField;
};

struct CommandSpec {
  std::string path;  // "case list"
  Help help;
  // "xixinting.intake.v1.CaseService/ListCases"; empty if there is a handler.
  std::string method;
  std::vector<FlagSpec> flags;
  // Field that -f FILE fills; "." is the whole request, empty: there is no -f.
  std::string file_field = "";
  bool file_required = false;
  // Repeated field of the response that is the answer. Empty: the response is.
  std::string list = "";
  // Columns of the list's table.
  std::vector<std::string> columns = {};
  // Field that is the answer as a table, for sheets.
  std::string text_field = "";
  std::vector<std::string> examples = {};
  Handler handler = nullptr;
};

// Every command, in the order of the help.
const std::vector<CommandSpec>& Commands();

// What the folders of commands are about: "case".
const std::vector<std::pair<std::string, Help>>& CommandGroups();

std::vector<CommandSpec> CaseCommands();
std::vector<CommandSpec> ReferralCommands();
std::vector<CommandSpec> OtherCommands();

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_COMMANDS_H_
