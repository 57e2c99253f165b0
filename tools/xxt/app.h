#ifndef XXT_TOOLS_XXT_APP_H_
#define XXT_TOOLS_XXT_APP_H_

namespace xxt::cli {

// Reads the command line, runs the command, returns the exit code.
int RunApp(int argc, char** argv);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_APP_H_
