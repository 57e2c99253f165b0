#include "tools/xxt/chinese_help.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/xxt/table.h"

namespace xxt::cli {
namespace {

// "：" in place of the first ":" behind `word`.
std::string WithChineseColon(const std::string& text, const std::string& word) {
  return absl::StrReplaceAll(text, {{absl::StrCat(word, ": "), absl::StrCat(word, "：")},
                                    {absl::StrCat(word, ":\n"), absl::StrCat(word, "：\n")}});
}

// What follows an option: " 值[,值]", " 值 [table|json]"; a positional's name says it.
std::string ValueOf(const CLI::Option& option, bool is_positional) {
  const bool several = option.get_expected_max() == CLI::detail::expected_max_vector_size;
  if (is_positional) return several ? " …" : "";
  if (!option.get_option_text().empty()) {
    return absl::StrCat(" ", absl::StrReplaceAll(option.get_option_text(), {{"TEXT", "值"}}));
  }
  return option.get_type_name().empty() ? "" : " 值";  // a switch has none
}

std::string NotesOn(const CLI::Option& option) {
  std::string notes;
  const std::string type = option.get_type_name();  // "TEXT:[table|json]"
  if (const std::size_t colon = type.find(':'); colon != std::string::npos) {
    absl::StrAppend(&notes, " ", type.substr(colon + 1));
  }
  if (option.get_required()) notes += "（必填）";
  if (!option.get_envname().empty()) absl::StrAppend(&notes, "（环境变量 ", option.get_envname(), "）");
  return notes;
}

}  // namespace

ChineseHelp::ChineseHelp() {
  for (const auto& [word, zh] :
       {std::pair{"Usage", "用法"}, std::pair{"OPTIONS", "选项"}, std::pair{"SUBCOMMAND", "命令"},
        std::pair{"SUBCOMMANDS", "命令"}, std::pair{"Positionals", "参数"}}) {
    label(word, zh);
  }
}

std::string ChineseHelp::make_usage(const CLI::App* app, std::string name) const {
  return WithChineseColon(Formatter::make_usage(app, std::move(name)), get_label("Usage"));
}

std::string ChineseHelp::make_group(std::string group, bool is_positional,
                                    std::vector<const CLI::Option*> options) const {
  return WithChineseColon(Formatter::make_group(group, is_positional, std::move(options)), group);
}

std::string ChineseHelp::make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const {
  return WithChineseColon(Formatter::make_subcommands(app, mode), get_label("SUBCOMMANDS"));
}

std::string ChineseHelp::make_option(const CLI::Option* option, bool is_positional) const {
  std::string line = absl::StrCat("  ", make_option_name(option, is_positional), ValueOf(*option, is_positional));
  const std::size_t width = DisplayWidth(line);
  if (width < get_column_width()) {
    line.append(get_column_width() - width, ' ');
  } else {
    absl::StrAppend(&line, "\n", std::string(get_column_width(), ' '));
  }
  return absl::StrCat(line, make_option_desc(option), NotesOn(*option), "\n");
}

}  // namespace xxt::cli
