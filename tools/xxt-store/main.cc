// xxt-store: reads what the services have stored, for operators.

#include <unistd.h>

#include <iostream>

#include "tools/xxt-store/app.h"

int main(int argc, char** argv) {
  return xxt::store_tool::RunApp(argc, argv, std::cout, std::cerr, isatty(STDERR_FILENO) == 1);
}
