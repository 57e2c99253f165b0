#ifndef XXT_TESTS_BENCH_PASSWORD_H_
#define XXT_TESTS_BENCH_PASSWORD_H_

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "common/config/config.h"

namespace xxt::bench {

// What the file holds; ends the program if it cannot be read.
inline std::string PasswordIn(const std::string& file) {
  std::string password;
  if (const absl::Status read = config::ReadSecret(file, &password); !read.ok()) {
    std::fprintf(stderr, "%s\n", read.ToString().c_str());
    std::exit(1);
  }
  return password;
}

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_PASSWORD_H_
