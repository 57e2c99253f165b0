#include "tools/xxt-store/app.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <ios>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/files/secret.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "common/store/compiled.h"
#include "tools/xxt-store/access.h"
#include "tools/xxt-store/ledger.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

using store::TableBase;

constexpr std::size_t kLongestReason = 500;

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As xxt: Chinese, unless --lang or the locale names another language.
Language LanguageOf(int argc, const char* const* argv) {
  std::string language = "zh";
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = Env(name);
    if (locale.empty()) continue;
    if (!absl::StartsWith(locale, "zh") && !absl::StartsWith(locale, "C") && locale != "POSIX") language = "en";
    break;
  }
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--lang" && i + 1 < argc) language = argv[i + 1];
    if (absl::StartsWith(word, "--lang=")) language = word.substr(7);
  }
  return language == "en" ? Language::kEnglish : Language::kChinese;
}

std::string UserNamed(uid_t id) {
  const passwd* user = getpwuid(id);
  return user == nullptr ? absl::StrCat(id) : user->pw_name;
}

// Who has logged in to this machine, also behind sudo: as the kernel remembers
// it, else as sudo says, whom only root can have come from.
std::string Who() {
  constexpr std::uint32_t kNobody = 0xffffffff;
  std::uint32_t login = kNobody;
  std::ifstream file("/proc/self/loginuid");
  if (!(file >> login)) login = kNobody;
  const std::string sudoer = getuid() == 0 ? Env("SUDO_USER") : "";
  const std::string name = login != kNobody ? UserNamed(login) : sudoer.empty() ? UserNamed(getuid()) : sudoer;
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 ? absl::StrCat(name, "@", host.data()) : name;
}

// What a command needs besides the database.
enum class Keys {
  kIfReadable,  // else what is sealed stays so
  kOfService,   // if it seals anything
  kAlways,
};

struct Command {
  Keys keys = Keys::kIfReadable;
  bool as_service = false;  // as the service's role, not the tool's
  std::function<ExitCode(const Surroundings&)> run;
};

class App {
 public:
  App(Language language, std::ostream& out, std::ostream& err, bool live)
      : language_(language), out_(out), err_(err), live_(live) {
    app_.name("xxt-store");
    app_.description(Say({"悉心听：查看、核对服务存储的数据；个人信息默认遮盖。",
                          "Xixinting: shows and verifies what a service has stored; personal data are masked."}));
    app_.set_version_flag("--version", "xxt-store 0.1.0");
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.get_formatter()->column_width(36);
    AddGlobals();
    AddShow();
    AddVerify();
    AddVerifyEvents();
    AddExport();
    AddBackfill();
    AddRekey();
    AddSeed();
  }

  ExitCode Run(int argc, const char* const* argv) {
    try {
      // What cannot be written ends whatever writes it: an export that is cut off is none.
      out_.exceptions(std::ios::failbit | std::ios::badbit);
      const ExitCode code = Do(argc, argv);
      out_.flush();
      return code;
    } catch (const std::ios_base::failure&) {
      err_ << Say({"标准输出写不进去", "standard output cannot be written"}) << "\n";
      return kFailed;
    } catch (const std::exception& error) {
      err_ << Say({"数据库出错：", "PostgreSQL: "}) << absl::StripTrailingAsciiWhitespace(error.what()) << "\n";
      return kFailed;
    }
  }

 private:
  ExitCode Do(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error, out_, err_) == 0 ? kDone : kUsage;
      return Refuse({absl::StrCat("命令行有误：", error.what(), "；用 --help 查看用法"),
                     absl::StrCat(error.what(), "; see --help")});
    }
    if (TablesOf(service_).empty()) {
      return Refuse({absl::StrCat("服务 ", service_, " 没有存放消息的表"),
                     absl::StrCat("service ", service_, " has no tables that hold messages")});
    }
    return Connect();
  }

  std::string Say(const Text& text) const { return text.In(language_); }
  ExitCode Refuse(const Text& why) {
    err_ << why.In(language_) << "\n";
    return kUsage;
  }

  void AddGlobals() {
    app_.add_option("--service", service_,
                    Say({"哪个服务：intake、referral 或 notification", "which one: intake, referral or notification"}))
        ->required()
        ->envname("XXT_STORE_SERVICE");
    app_.add_option("--config", config_,
                    Say({"该服务的 YAML 配置，取数据库地址和密钥文件",
                         "its YAML file, for where its database and its keys are"}))
        ->required()
        ->envname("XXT_STORE_CONFIG");
    app_.add_option("--role", role_, Say({"数据库角色；默认 xxt_store", "role of the database; xxt_store by default"}));
    app_.add_option("--password-file", password_file_,
                    Say({"该角色的口令文件；默认由 libpq 自己找（~/.pgpass）",
                         "file with its password; by default libpq looks itself (~/.pgpass)"}))
        ->envname("XXT_STORE_PASSWORD_FILE");
    app_.add_option("--key-file", key_file_,
                    Say({"密钥文件；默认按配置", "file with the keys; by default as the configuration says"}));
    app_.add_option("--lang", lang_, Say({"语言：zh 或 en；默认依 LANG", "language: zh or en; LANG's by default"}))
        ->check(CLI::IsMember({"zh", "en"}));
  }

  CLI::App* Add(const char* name, const Text& help) {
    CLI::App* made = app_.add_subcommand(name, Say(help));
    made->fallthrough();
    return made;
  }

  void AddShow() {
    CLI::App* show = Add("show", {"显示一条，个人信息遮盖为 ***", "one resource as text, personal data as ***"});
    show->add_option("NAME", name_, Say({"资源名：cases/…", "its name: cases/…"}))->required();
    CLI::Option* reveal = show->add_option("--reveal", reason_,
                                           Say({"为此事由显示个人信息；何人、何时、何故都记录在案",
                                                "show personal data for this reason; who, when and why is recorded"}));
    show->callback([this, reveal] {
      const bool reveals = reveal->count() > 0;
      command_ = {reveals ? Keys::kAlways : Keys::kIfReadable, false,
                  [this, reveals](const Surroundings& around) { return ShowIt(around, reveals); }};
    });
  }

  void AddVerify() {
    CLI::App* verify = Add("verify", {"逐条核对存放消息的行：内容、列、密钥、密文；有不对的每处一行，退出码 1",
                                      "look at every row that holds a message: message, columns, key, blob; a line per "
                                      "fault, exit code 1"});
    verify->add_option("TABLE", tables_, Say({"表；默认全部", "tables; all by default"}));
    verify->callback([this] {
      command_ = {Keys::kOfService, false, [this](const Surroundings& around) {
                    std::vector<const TableBase*> tables = TablesOf(service_);
                    if (!tables_.empty()) tables.clear();
                    for (const std::string& name : tables_) {
                      tables.push_back(TableNamed(service_, name));
                      if (tables.back() == nullptr) return NoTable(name);
                    }
                    return Verify(around, tables);
                  }};
    });
  }

  void AddVerifyEvents() {
    CLI::App* verify = Add("verify-events",
                           {"核对事件账是否与封存时一样；不一样的写明第一处，退出码 1；一样的写出块首，可留存",
                            "look whether the events are what was sealed; the first that is not is named, exit code 1; "
                            "else the head is told, to be kept"});
    verify->add_option("--head", head_, Say({"以前留存的块首 N:散列值", "a head that was kept before, N:HASH"}));
    verify->callback([this] {
      command_ = {Keys::kAlways, false, [this](const Surroundings& around) {
                    const std::optional<events::Head> head = ParseHead(head_);
                    if (!head_.empty() && !head.has_value()) {
                      return Refuse({"--head 应为 N:64 位十六进制", "--head is N:HASH, 64 hexadecimal digits"});
                    }
                    return VerifyEvents(around, head);
                  }};
    });
  }

  void AddExport() {
    CLI::App* one = Add("export", {"整表导出为 JSON 行，个人信息遮盖；events 为事件账",
                                   "a table as JSON lines, personal data masked; or the ledger: events"});
    one->add_option("TABLE", table_, Say({"表：promises", "table: promises"}))->required();
    one->add_option("--subject", subject_, Say({"只要这一条的事件：cases/…", "events of this resource only: cases/…"}));
    one->callback([this] {
      if (table_ == "events") {
        command_ = {Keys::kIfReadable, false,
                    [this](const Surroundings& around) { return ExportEvents(around, subject_); }};
        return;
      }
      command_ = {Keys::kIfReadable, false, [this](const Surroundings& around) {
                    const TableBase* table = TableNamed(service_, table_);
                    return table == nullptr ? NoTable(table_) : Export(around, *table);
                  }};
    });
  }

  void AddBackfill() {
    CLI::App* fill = Add(
        "backfill", {"升级后改写列与内容不一致的行；可随时中断，再运行即可",
                     "after an upgrade, write anew the rows whose columns differ; may be broken off and begun again"});
    fill->add_option("TABLE", table_, Say({"表：promises", "table: promises"}))->required();
    fill->add_option("--batch", backfill_.batch, Say({"每批多少行；默认 200", "rows a batch; 200 by default"}))
        ->check(CLI::Range(1, 10'000));
    fill->add_option("--after", backfill_.after, Say({"从这条之后开始", "begin behind this resource"}));
    fill->callback([this] {
      command_ = {Keys::kOfService, false, [this](const Surroundings& around) {
                    const TableBase* table = TableNamed(service_, table_);
                    if (table == nullptr) return NoTable(table_);
                    if (!backfill_.after.empty() && !table->compiled().pattern.Ids(backfill_.after).has_value()) {
                      return NoName(backfill_.after);
                    }
                    return Backfill(around, *table, backfill_);
                  }};
    });
  }

  void AddRekey() {
    CLI::App* rekey =
        Add("rekey", {"换主密钥后，用密钥文件里的第一个重新包裹所有密钥，并停用旧的；可随时中断，再运行即可",
                      "after a new first key: wrap all data keys anew with it and retire the others; may be "
                      "broken off and begun again"});
    rekey->add_option("--batch", rekey_.batch, Say({"每批多少行；默认 200", "rows a batch; 200 by default"}))
        ->check(CLI::Range(1, 10'000));
    rekey->callback([this] {
      command_ = {Keys::kAlways, true,
                  [this](const Surroundings& around) { return Rekey(around, TablesOf(service_), rekey_); }};
    });
  }

  void AddSeed() {
    CLI::App* seed = Add("seed", {"压测用：写入虚构诉求或外单位（以服务自己的角色）",
                                  "for benches: made-up cases or bodies, as the service's own role"});
    const CLI::Range many(std::int64_t{1}, std::int64_t{15'000'000});
    auto* what = seed->add_option_group(Say({"写什么", "what"}));
    what->require_option(1);
    CLI::Option* cases = what->add_option("--cases", seed_.cases, Say({"多少件诉求", "how many cases"}))->check(many);
    what->add_option("--bodies", seed_.bodies, Say({"多少个外单位", "how many bodies"}))->check(many);
    seed->add_option("--facts", seed_.facts, Say({"每件诉求几项家庭情况", "facts of each case"}))
        ->check(CLI::Range(0, 20))
        ->needs(cases);
    seed->add_flag("--add", seed_.add, Say({"库里已有也写", "also where there are some already"}));
    seed->callback([this] {
      command_ = {Keys::kAlways, true, [this](const Surroundings& around) {
                    seed_.now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
                    return Seed(around, seed_);
                  }};
    });
  }

  ExitCode NoTable(const std::string& name) {
    const std::string tables = absl::StrJoin(TablesOf(service_), " ", [](std::string* out, const TableBase* table) {
      out->append(table->compiled().short_name);
    });
    return Refuse(
        {absl::StrCat("没有表 ", name, "；有：", tables), absl::StrCat("no table ", name, "; there are: ", tables)});
  }
  ExitCode NoName(const std::string& name) {
    return Refuse({absl::StrCat(name, " 不是该服务的资源名"), absl::StrCat(name, " is no name of a resource here")});
  }

  ExitCode ShowIt(const Surroundings& around, bool reveals) {
    const TableBase* table = TableOf(service_, name_);
    if (table == nullptr) return NoName(name_);
    if (!reveals) return Show(around, *table, name_, std::nullopt);
    const std::string reason(absl::StripAsciiWhitespace(reason_));
    if (reason.empty() || reason.size() > kLongestReason) {
      return Refuse({"--reveal 要写明事由，不超过 500 字节", "--reveal needs a reason of at most 500 bytes"});
    }
    return Show(around, *table, name_, Reveal{Who(), reason});
  }

  // False, and says so, if the command cannot do without them.
  bool LoadKeys(const Access& access) {
    const std::string file = key_file_.empty() ? access.key_file : key_file_;
    if (file.empty()) {
      if (NeedsKeys()) Refuse({"配置里没有 seal.key_file", "the configuration has no seal.key_file"});
      return !NeedsKeys();
    }
    absl::StatusOr<seal::Keyring> keys = seal::Keyring::Load(file);
    if (keys.ok()) {
      keys_ = *std::move(keys);
      return true;
    }
    err_ << keys.status().message() << "\n";
    return !NeedsKeys();
  }

  bool NeedsKeys() const {
    const std::vector<const TableBase*> tables = TablesOf(service_);
    return command_.keys == Keys::kAlways ||
           (command_.keys == Keys::kOfService &&
            std::any_of(tables.begin(), tables.end(), [](const TableBase* one) { return one->compiled().has_key; }));
  }

  absl::StatusOr<std::string> ConninfoOf(const Access& access) const {
    const std::string file = command_.as_service ? access.service_password : password_file_;
    std::string password;
    if (!file.empty()) {
      XXT_ASSIGN_OR_RETURN(password, files::ReadSecret(file));
    }
    return Conninfo(access.dsn, command_.as_service ? "" : role_, password);
  }

  ExitCode Connect() {
    const absl::StatusOr<Access> access = ReadAccess(service_, config_);
    if (!access.ok()) return Refuse({std::string(access.status().message()), std::string(access.status().message())});
    identifiers::SetOwnCell(access->cell);
    if (!LoadKeys(*access)) return kUsage;
    const absl::StatusOr<std::string> conninfo = ConninfoOf(*access);
    if (!conninfo.ok()) {
      return Refuse({std::string(conninfo.status().message()), std::string(conninfo.status().message())});
    }
    pqxx::connection db(*conninfo);
    db.set_verbosity(pqxx::connection_base::terse);  // details of errors show what is in rows
    return command_.run({db, keys_.has_value() ? &*keys_ : nullptr, language_, out_, err_, live_});
  }

  const Language language_;
  std::ostream& out_;
  std::ostream& err_;
  const bool live_;
  CLI::App app_;
  std::string service_;
  std::string config_;
  std::string role_ = kRole;
  std::string password_file_;
  std::string key_file_;
  std::string lang_;
  std::string name_;
  std::string reason_;
  std::string table_;
  std::string subject_;
  std::string head_;
  std::vector<std::string> tables_;
  BackfillOptions backfill_;
  RekeyOptions rekey_;
  SeedOptions seed_;
  Command command_;
  std::optional<seal::Keyring> keys_;
};

}  // namespace

ExitCode RunApp(int argc, const char* const* argv, std::ostream& out, std::ostream& err, bool live) {
  return App(LanguageOf(argc, argv), out, err, live).Run(argc, argv);
}

}  // namespace xxt::store_tool
