#include <csignal>

#include "tools/xxt/app.h"
#include "tools/xxt/rpc.h"

int main(int argc, char** argv) {
  // The first Ctrl-C ends calls in good order, a second one the program.
  std::signal(SIGINT, [](int) {
    xxt::cli::interrupted = true;
    std::signal(SIGINT, SIG_DFL);
  });
  std::signal(SIGPIPE, SIG_DFL);
  return xxt::cli::RunApp(argc, argv);
}
