#ifndef XXT_TOOLS_XXT_TYPING_WORLD_H_
#define XXT_TOOLS_XXT_TYPING_WORLD_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "tools/xxt/app.h"

// Somebody who types, for tests: what the program says to standard error.
namespace xxt::cli {

struct Said {
  int code;
  std::string text;
};

inline Said Type(std::vector<std::string> words, const std::string& locale = "zh_CN.UTF-8") {
  setenv("LC_ALL", locale.c_str(), 1);
  words.insert(words.begin(), "xxt");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStderr();
  const int code = RunApp(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStderr()};
}

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TYPING_WORLD_H_
