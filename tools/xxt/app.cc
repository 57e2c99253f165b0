#include "tools/xxt/app.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/text/unicode.h"
#include "tools/xxt/chinese_help.h"
#include "tools/xxt/commands.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/session.h"
#include "tools/xxt/text_time.h"
#include "tools/xxt/words.h"

namespace xxt::cli {
namespace {

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// What the locale asks for: Chinese, unless it names another language.
std::string LanguageOfLocale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = Env(name);
    if (locale.empty()) continue;
    return absl::StartsWith(locale, "zh") || absl::StartsWith(locale, "C") || locale == "POSIX" ? "zh" : "en";
  }
  return "zh";
}

// Help is built before the command line is read, so its language is looked up
// by itself.
Language LanguageOf(int argc, char** argv) {
  std::string language = LanguageOfLocale();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--lang" && i + 1 < argc) language = argv[i + 1];
    if (absl::StartsWith(word, "--lang=")) language = word.substr(7);
  }
  return language == "en" ? Language::kEnglish : Language::kChinese;
}

// The same for the form of errors: the command line may not be understood.
bool WantsJson(int argc, char** argv) {
  bool wants = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool named = (word == "-o" || word == "--output") && i + 1 < argc;
    if (named) wants = std::string(argv[i + 1]) == "json";
    if (absl::StartsWith(word, "--output=")) wants = word == "--output=json";
    if (absl::StartsWith(word, "-o") && word.size() > 2) wants = word == "-ojson" || word == "-o=json";
  }
  return wants;
}

// A text for people, in both languages.
struct Help {
  std::string zh;
  std::string en;
};

Help IsMissing(const std::string& name) { return {absl::StrCat("还缺 ", name), absl::StrCat(name, " is missing")}; }

// CLI11 says what is wrong in English only, and as one text.
Help WhatIsWrong(const CLI::ParseError& error) {
  const std::string said = error.what();
  const absl::string_view name = absl::string_view(said).substr(0, said.find_first_of(": "));
  if (error.get_name() == "RequiredError") {
    if (absl::StrContains(said, "subcommand")) return {"还缺一个命令", "a command is missing"};
    return IsMissing(std::string(name));
  }
  if (error.get_name() == "ArgumentMismatch") {
    if (absl::StrContains(said, "At Most")) {
      return {absl::StrCat(name, " 只能给一次"), absl::StrCat(name, " is given more than once")};
    }
    return {absl::StrCat(name, " 后面要跟值"), absl::StrCat(name, " needs a value")};
  }
  return {absl::StrCat("命令行有误：", absl::StrReplaceAll(said, {{": ", "："}})), said};
}

class App {
 public:
  App(int argc, char** argv)
      : argc_(argc), argv_(argv), language_(LanguageOf(argc, argv)), commands_(Commands(language_)) {
    app_.name("xxt");
    if (language_ == Language::kChinese) SpeakChinese();
    ExplainHelp(&app_);
    app_.description(Text({"悉心听：窗口与运维的命令行工具。\n例：xxt case list --as staff/wang",
                           "Xixinting's command line, for windows, testers and operators.\n"
                           "For instance: xxt case list --as staff/wang"}));
    app_.set_version_flag("--version", "xxt 0.1.0", Text({"打印版本", "print the version"}));
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.get_formatter()->column_width(36);
    AddGlobals();
    for (const Group& group : CommandGroups(language_)) groups_.emplace(group.name, group.help);
    for (const Command& command : commands_) AddCommand(command);
  }

  int Run() {
    try {
      app_.parse(argc_, argv_);
    } catch (const CLI::ParseError& error) {
      return Explain(error);
    }
    const Flag* missing = MissingFlag(*chosen_, arguments_);
    if (missing != nullptr) return Refuse(IsMissing(missing->name));
    Settings settings;
    if (!ReadSettings(&settings)) return kUsage;
    Session session(settings);
    const absl::StatusOr<ExitCode> code = chosen_->handler != nullptr ? chosen_->handler(session, arguments_)
                                                                      : RunRpcCommand(session, *chosen_, arguments_);
    if (code.ok()) return interrupted ? kInterrupted : *code;
    PrintFailure(code.status(), settings);
    return ExitCodeOf(code.status());
  }

 private:
  // Prints the help that was asked for, or what is wrong with the command line.
  ExitCode Explain(const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app_.exit(error);
      return kOk;
    }
    const std::vector<std::string> unknown = app_.remaining(true);
    if (unknown.empty()) return Refuse(WhatIsWrong(error));
    const std::string& word = unknown.front();
    return Refuse({absl::StrCat("看不懂“", word, "”"), absl::StrCat("not understood: '", word, "'")});
  }

  ExitCode Refuse(const Help& why) const {
    if (WantsJson(argc_, argv_)) {
      Settings settings;
      settings.format = Format::kJson;
      PrintFailure(errors::InBothLanguages(absl::StatusCode::kInvalidArgument, why.zh, why.en), settings);
      return kUsage;
    }
    std::cerr << Text(why) << Text({"；用 --help 查看用法", "; see --help"}) << "\n";
    return kUsage;
  }

  // The words that CLI11 puts around ours.
  void SpeakChinese() {
    app_.formatter(std::make_shared<ChineseHelp>());
    app_.group("命令");
    app_.option_defaults()->group("选项");
  }

  void ExplainHelp(CLI::App* app) const { app->set_help_flag("-h,--help", Text({"打印用法", "print this help"})); }

  const std::string& Text(const Help& help) const { return language_ == Language::kChinese ? help.zh : help.en; }

  CLI::Validator OneOf(const std::vector<std::string>& words) const {
    return {[this, words](const std::string& word) {
              if (absl::c_linear_search(words, word)) return std::string();
              return Text({absl::StrCat("“", word, "”不在可选值之中：", absl::StrJoin(words, "、")),
                           absl::StrCat("'", word, "' is none of ", absl::StrJoin(words, ", "))});
            },
            absl::StrCat("[", absl::StrJoin(words, "|"), "]")};
  }

  void AddGlobals() {
    app_.add_option("--context", context_, Text({"连接哪个实例的文件", "file that says where the services are"}))
        ->envname("XXT_CONTEXT");
    app_.add_option("--as", as_,
                    Text({"以谁的身份：staff/wang；或 @文件，里面是身份提供方给的令牌",
                          "as whom: staff/wang; or @FILE with a token of the identity provider"}))
        ->envname("XXT_AS");
    app_.add_option("-o,--output", output_, Text({"输出：表格、JSON、YAML 或只有编号", "table, json, yaml or name"}))
        ->check(OneOf({"table", "json", "yaml", "name"}));
    app_.add_option("--lang", lang_, Text({"语言：zh 或 en；默认依 LANG", "language: zh or en; LANG's by default"}))
        ->check(OneOf({"zh", "en"}));
    app_.add_option("--timeout", timeout_, Text({"最多等多久；默认 10s", "longest wait; 10s by default"}));
    app_.add_option(
        "--repeat-for", repeat_for_,
        Text({"没有答复时，以同一请求编号重试多久；默认不重试",
              "for how long what is not answered is asked again, as the same request; not at all by default"}));
    app_.add_option("--request-id", request_id_,
                    Text({"请求编号（UUID），重试时沿用", "UUID of the request, to repeat it"}));
    app_.add_flag("--no-color", no_color_, Text({"不用颜色", "no colour"}));
  }

  // The subcommand at `path`, with its folders.
  CLI::App* Place(const Command& command) {
    const std::vector<std::string> words = absl::StrSplit(command.path, ' ');
    CLI::App* at = &app_;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      const auto same = at->get_subcommands([&](const CLI::App* folder) { return folder->get_name() == words[i]; });
      CLI::App* next = same.empty() ? nullptr : same.front();
      if (next == nullptr) {
        const auto about = groups_.find(words[i]);
        next = at->add_subcommand(words[i], about == groups_.end() ? "" : about->second);
        next->require_subcommand(1);
        next->fallthrough();
        ExplainHelp(next);
      }
      at = next;
    }
    CLI::App* made = at->add_subcommand(words.back(), command.help);
    made->fallthrough();
    ExplainHelp(made);
    made->footer(FooterOf(command));
    return made;
  }

  std::string FooterOf(const Command& command) const {
    std::string footer;
    if (!command.callers.empty()) {
      const auto append = [this](std::string* out, const std::string& role) {
        out->append(RoleInWords(role, language_));
      };
      footer = absl::StrCat(Text({"谁可以：", "Who may: "}), absl::StrJoin(command.callers, Text({"、", ", "}), append),
                            "\n");
    }
    if (!command.examples.empty()) {
      absl::StrAppend(&footer, Text({"例：", "For instance:"}), "\n  ", absl::StrJoin(command.examples, "\n  "));
    }
    return footer;
  }

  void AddCommand(const Command& command) {
    CLI::App* place = Place(command);
    for (const Flag& flag : command.flags) AddFlag(command, flag, place);
    if (!command.file_field.empty()) {
      auto& values = store_[&command]["-f"];
      auto* option = place->add_option("-f,--file", values, Text(HelpOfFile(command)));
      option->expected(1)->allow_extra_args(false)->required(command.file_required);
    }
    place->callback([this, &command] { Choose(command); });
  }

  // What is in it, and where one sees what may be.
  static Help HelpOfFile(const Command& command) {
    const std::string method = absl::StrCat(command.method->service()->name(), "/", command.method->name());
    const auto* body = command.method->input_type()->FindFieldByName(command.file_field);
    const auto what = [body](Language language, const char* whole) {
      return body == nullptr ? whole : LabelOf(*body, language);
    };
    return {absl::StrCat("YAML 或 JSON 文件，写", what(Language::kChinese, "整个请求"), "的各项（见 xxt api describe ",
                         method, "）；- 为标准输入"),
            absl::StrCat("YAML or JSON file with the fields of ", what(Language::kEnglish, "the request"),
                         " (see xxt api describe ", method, "); - is standard input")};
  }

  void AddFlag(const Command& command, const Flag& flag, CLI::App* place) {
    std::string help = flag.help;
    // A method refuses what its field does not take; what is for handlers is looked at here.
    const bool for_handler = flag.field.empty();
    if (!flag.choices.empty() && !for_handler) absl::StrAppend(&help, " [", absl::StrJoin(flag.choices, "|"), "]");
    auto& values = store_[&command][flag.name];
    if (flag.kind == Flag::Kind::kSwitch) {
      place->add_flag_callback(
          flag.name, [&values] { values = {"true"}; }, help);
      return;
    }
    CLI::Option* option = place->add_option(flag.name, values, help);
    if (flag.kind == Flag::Kind::kList) {
      // A flag is repeated, or takes "a,b": it must not swallow positionals.
      const bool positional = !absl::StartsWith(flag.name, "-");
      option->expected(1, CLI::detail::expected_max_vector_size)->delimiter(',');
      option->allow_extra_args(positional);
      // Help would show "TEXT ...", which is not taken.
      if (!positional) option->option_text("TEXT[,TEXT]");
    } else {
      option->expected(1)->allow_extra_args(false);
    }
    if (!flag.choices.empty() && for_handler) option->check(OneOf(flag.choices));
    // What the file may say as well is looked at when all is read.
    option->required(flag.required && !flag.in_file);
  }

  void Choose(const Command& command) {
    chosen_ = &command;
    for (const auto& [name, values] : store_[&command]) {
      if (!values.empty()) arguments_.values[name] = values;
    }
    arguments_.words.assign(argv_, argv_ + argc_);
    arguments_.words.front() = "xxt";
  }

  bool ReadSettings(Settings* settings) const {
    static const std::map<std::string, Format> kFormats = {
        {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}, {"name", Format::kName}};
    settings->context_file = context_;
    const bool whole = as_.empty() || as_.front() == kTokenFile || absl::StrContains(as_, "/");
    settings->as = whole ? as_ : absl::StrCat("staff/", as_);
    settings->format = kFormats.at(output_);
    settings->style.language = language_;
    settings->style.color =
        isatty(STDOUT_FILENO) == 1 && !no_color_ && Env("NO_COLOR").empty() && Env("TERM") != "dumb";
    winsize window{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0) settings->style.width = window.ws_col;
    settings->request_id = request_id_;
    settings->timeout_given = !timeout_.empty();
    return ReadWait("--timeout", timeout_, &settings->timeout) &&
           ReadWait("--repeat-for", repeat_for_, &settings->repeat_for);
  }

  // Leaves `wait` alone if nothing was said.
  bool ReadWait(const std::string& flag, const std::string& text, absl::Duration* wait) const {
    if (text.empty()) return true;
    const absl::StatusOr<CalendarStep> step = ParseStep(text);
    if (!step.ok() || step->rest <= absl::ZeroDuration()) {
      Refuse({absl::StrCat(flag, " 应形如 10s"), absl::StrCat(flag, " is a duration like 10s")});
      return false;
    }
    *wait = step->rest;
    return true;
  }

  const int argc_;
  char** const argv_;
  const Language language_;
  const std::vector<Command> commands_;
  std::map<std::string, std::string> groups_;
  CLI::App app_;
  std::string context_;
  std::string as_;
  std::string output_ = "table";
  std::string lang_;
  std::string timeout_;
  std::string repeat_for_;
  std::string request_id_;
  bool no_color_ = false;
  std::map<const Command*, std::map<std::string, std::vector<std::string>>> store_;
  const Command* chosen_ = nullptr;
  Arguments arguments_;
};

}  // namespace

int RunApp(int argc, char** argv) {
  const bool chinese = LanguageOf(argc, argv) == Language::kChinese;
  for (int i = 1; i < argc; ++i) {
    if (text::DecodeUtf8(argv[i]).ok()) continue;
    std::cerr << (chinese ? absl::StrCat("第 ", i, " 个参数不是 UTF-8 文本\n")
                          : absl::StrCat("argument ", i, " is not UTF-8\n"));
    return kUsage;
  }
  const int code = App(argc, argv).Run();
  std::cout.flush();
  if (std::cout.good()) return code;
  // What was done is done, and nobody can read what came of it.
  std::cerr << (chinese ? "标准输出写不进去\n" : "standard output cannot be written\n");
  return code == kOk ? static_cast<int>(kOther) : code;
}

}  // namespace xxt::cli
