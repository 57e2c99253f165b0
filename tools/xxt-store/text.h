#ifndef XXT_TOOLS_XXT_STORE_TEXT_H_
#define XXT_TOOLS_XXT_STORE_TEXT_H_

#include <string>

namespace xxt::store_tool {

enum class Language { kChinese, kEnglish };

// What is said to people, in both languages.
struct Text {
  std::string zh;
  std::string en;

  const std::string& In(Language language) const { return language == Language::kChinese ? zh : en; }
};

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_TEXT_H_
