#ifndef XXT_TESTS_BENCH_PASSWORD_H_
#define XXT_TESTS_BENCH_PASSWORD_H_

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/files/secret.h"

namespace xxt::bench {

// What the file holds; ends the program if it cannot be read.
inline files::Secret PasswordIn(const std::string& file) {
  absl::StatusOr<std::string> password = files::ReadSecret(file);
  if (!password.ok()) {
    std::fprintf(stderr, "%s\n", password.status().ToString().c_str());
    std::exit(1);
  }
  return files::Secret(*std::move(password));
}

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_PASSWORD_H_
