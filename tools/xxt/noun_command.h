#ifndef XXT_TOOLS_XXT_NOUN_COMMAND_H_
#define XXT_TOOLS_XXT_NOUN_COMMAND_H_

#include <vector>

#include "tools/xxt/commands.h"

// The commands that the protos say: one for each method that people may call.
//
//   xxt case set-next-action CASE --summary 回电 --due-time +1d
//
// group       the noun (nouns.h): `case`
// verb        the method without it: `get`, `list`, `set-next-action`
// positional  the request's `name` or `parent`, called after what it names; an
//             id will do where no other id goes before it
// flags       what else in it is one value or a list of texts, and the same of its
//             body and of what the body holds: `--due-time`, `--lawful-basis-kind`
// -f FILE     the body, which is the field that is a message; the whole request
//             if it has several such fields, or a list of messages
//
// What callers never say (common/edge/fields.h) has no flag. What a flag cannot
// say goes into the file: without a file, every flag is needed that is REQUIRED,
// and there must be a file if something is REQUIRED that no flag says.
namespace xxt::cli {

std::vector<Command> NounCommands(Language language);

// Their groups. One may be there more than once.
std::vector<Group> NounGroups(Language language);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_NOUN_COMMAND_H_
