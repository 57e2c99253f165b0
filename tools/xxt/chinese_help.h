#ifndef XXT_TOOLS_XXT_CHINESE_HELP_H_
#define XXT_TOOLS_XXT_CHINESE_HELP_H_

#include <CLI/CLI.hpp>
#include <string>

namespace xxt::cli {

// Help whose frame is Chinese, too. CLI11's own has English words that cannot be
// changed, and counts the width of what it lines up in bytes.
class ChineseHelp final : public CLI::Formatter {
 public:
  ChineseHelp();

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_group(std::string group, bool is_positional, std::vector<const CLI::Option*> options) const override;
  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
};

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_CHINESE_HELP_H_
