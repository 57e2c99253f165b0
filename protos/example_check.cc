// Fails the build when no example calls an RPC: it would be put to no test (tests/contract/examples.h). Linked with all
// protos.
//
// Usage: example_check EXAMPLES.yaml...

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edge/methods.h"

int main(int count, char** arguments) {
  std::string examples;
  for (int i = 1; i < count; ++i) {
    std::ifstream file(arguments[i]);
    examples.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  int lacking = 0;
  for (const auto* method : xxt::edge::AllMethods()) {
    const std::string call = absl::StrCat("call: ", method->service()->name(), "/", method->name(), "\n");
    if (absl::StrContains(examples, call)) continue;
    std::fprintf(stderr, "%s: tests/examples has no call of it\n", method->full_name().c_str());
    ++lacking;
  }
  return lacking == 0 ? 0 : 1;
}
