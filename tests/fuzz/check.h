#ifndef XXT_TESTS_FUZZ_CHECK_H_
#define XXT_TESTS_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

// What must hold for any input; the fuzzer keeps the input for which it does not.
#define XXT_MUST(condition)                                                        \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

#endif  // XXT_TESTS_FUZZ_CHECK_H_
