#include "tools/xxt/context.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/failure.h"

namespace xxt::cli {
namespace {

constexpr char kTaoranting[] = "halls/110102016";
constexpr char kAudience[] = "xixinting";

absl::Status Ill(const std::string& what, const char* zh, const char* en) {
  return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, absl::StrCat(what, " ", zh),
                                 absl::StrCat(what, " ", en));
}

absl::Status ReadTexts(const Json& file, const char* key, std::map<std::string, std::string>* texts) {
  if (!file.contains(key)) return absl::OkStatus();
  if (!file[key].is_object()) return Ill(key, "应为映射", "is not a map");
  for (const auto& [name, value] : file[key].items()) {
    if (!value.is_string()) return Ill(absl::StrCat(key, ".", name), "应为文本", "is no text");
    (*texts)[name] = value.get<std::string>();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<tls::Files>> ReadTls(const Json& file) {
  std::map<std::string, std::string> texts;
  XXT_RETURN_IF_ERROR(ReadTexts(file, "tls", &texts));
  if (texts.empty()) return std::nullopt;
  tls::Files files;
  for (const auto& [key, path] : {std::pair{"certificate_file", &files.certificate}, std::pair{"key_file", &files.key},
                                  std::pair{"ca_file", &files.ca}, std::pair{"crl_dir", &files.crl_dir},
                                  std::pair{"trust_domain", &files.trust_domain}}) {
    if (const auto found = texts.find(key); found != texts.end()) *path = found->second;
    texts.erase(key);
    if (path->empty() && path != &files.crl_dir) {
      return Ill(absl::StrCat("tls.", key), "没有填写", "is missing");
    }
  }
  if (texts.empty()) return files;
  return Ill(absl::StrCat("tls.", texts.begin()->first), "没有这一项", "is no key");
}

absl::Status WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0)
    return errors::InBothLanguages(absl::StatusCode::kAlreadyExists,
                                   absl::StrCat("不能新建 ", path, "：已经有了，或不可写"),
                                   absl::StrCat("cannot create ", path, ": it exists, or may not be written"));
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written ? absl::OkStatus()
                 : errors::InBothLanguages(absl::StatusCode::kInternal, absl::StrCat("写不了文件 ", path),
                                           absl::StrCat("cannot write ", path));
}

absl::StatusOr<std::map<std::string, Person>> ReadPeople(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  const absl::StatusOr<Json> file = ParseYaml(*text);
  if (!file.ok()) return file.status();
  std::map<std::string, Person> people;
  for (const auto& [name, value] : file->items()) {
    Person person{name, value.value("name", name), value.value("hall", ""), {}};
    for (const Json& role : value.value("roles", Json::array())) person.roles.push_back(role.get<std::string>());
    people[name] = person;
  }
  return people;
}

// A token goes into a header, so it is one word.
absl::StatusOr<std::string> ReadToken(const std::string& path) {
  XXT_ASSIGN_OR_RETURN(std::string token, ReadFile(path));
  absl::StripAsciiWhitespace(&token);
  if (!token.empty() && absl::c_all_of(token, absl::ascii_isgraph)) return token;
  return Ill(path, "里面没有令牌", "holds no token");
}

// The subject that a token claims; only who has its key can tell whether that is so.
std::string SubjectOf(const std::string& token) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  std::string text;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[1], &text)) return "";
  const Json claims = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto subject = claims.is_object() ? claims.find("sub") : claims.end();
  return subject != claims.end() && subject->is_string() ? subject->get<std::string>() : "";
}

}  // namespace

std::vector<Person> SeededPeople() {
  return {
      {"staff/wang", "王建国", kTaoranting, {"officer"}},
      {"staff/zhao-li", "赵丽", kTaoranting, {"officer"}},
      {"staff/li-min", "李敏", kTaoranting, {"officer", "leader"}},
      {"staff/chen", "陈晓", kTaoranting, {"counter"}},
      {"staff/district", "区中心", "", {"district"}},
      {"staff/ops", "运维", "", {"operator"}},
      {"staff/portal", "区门户网站", "", {"portal"}},
      {"staff/officer-110102007", "值班员", "halls/110102007", {"officer"}},
      {"staff/officer-110102014", "值班员", "halls/110102014", {"officer"}},
      {"staff/deputy-110102014", "副值班员", "halls/110102014", {"officer", "leader"}},
      {"staff/officer-110102020", "值班员", "halls/110102020", {"officer"}},
      {"staff/deputy-110102020", "副值班员", "halls/110102020", {"officer", "leader"}},
  };
}

std::string PeopleFile() {
  Json people = Json::object();
  for (const Person& person : SeededPeople()) {
    people[person.name] = {{"name", person.display_name}, {"hall", person.hall}, {"roles", person.roles}};
  }
  return ToYaml(people);
}

absl::StatusOr<Context> Context::Load(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  const absl::StatusOr<Json> file = ParseYaml(*text);
  if (!file.ok()) return About(path, file.status());
  if (!file->is_object()) return Ill(path, "应为映射", "is not a map");
  Context context;
  context.file_ = path;
  for (const auto& [key, texts] : {std::pair{"endpoints", &context.endpoints_}, std::pair{"sims", &context.sims_},
                                   std::pair{"metrics", &context.metrics_}}) {
    if (absl::Status read = ReadTexts(*file, key, texts); !read.ok()) return About(path, read);
  }
  if (file->contains("keys_dir") && !(*file)["keys_dir"].is_string()) {
    return About(path, Ill("keys_dir", "应为文本", "is no text"));
  }
  context.keys_dir_ = file->value("keys_dir", "");
  absl::StatusOr<std::optional<tls::Files>> tls = ReadTls(*file);
  if (!tls.ok()) return About(path, tls.status());
  context.tls_ = *std::move(tls);
  return context;
}

absl::StatusOr<std::string> Context::Endpoint(const std::string& service) const {
  const auto found = endpoints_.find(service);
  if (found == endpoints_.end())
    return About(file_, Ill(absl::StrCat("endpoints.", service), "没有填写", "is missing"));
  return found->second;
}

std::optional<tls::Files> Context::TlsFor(const std::string& name) const {
  std::optional<tls::Files> files = tls_;
  absl::string_view service = name;
  if (!files.has_value() || !absl::ConsumePrefix(&service, "services/")) return files;
  const std::filesystem::path folder = std::filesystem::path(files->certificate).parent_path();
  files->certificate = (folder / absl::StrCat(service, ".crt")).string();
  files->key = (folder / absl::StrCat(service, ".key")).string();
  return files;
}

absl::StatusOr<Person> Context::FindPerson(const std::string& name) const {
  if (people_.empty()) {
    absl::StatusOr<std::map<std::string, Person>> people = ReadPeople(absl::StrCat(keys_dir_, "/people.yaml"));
    if (!people.ok()) return people.status();
    people_ = *std::move(people);
  }
  const auto found = people_.find(name);
  if (found == people_.end())
    return errors::InBothLanguages(absl::StatusCode::kNotFound,
                                   absl::StrCat("没有叫“", name, "”的人：见 ", keys_dir_, "/people.yaml"),
                                   absl::StrCat("nobody is called ", name, " in ", keys_dir_, "/people.yaml"));
  return found->second;
}

absl::StatusOr<std::string> Context::Token(const std::string& name) const {
  if (!name.empty() && name.front() == kTokenFile) return ReadToken(name.substr(1));
  auto found = signers_.find(name);
  if (found == signers_.end()) {
    Person caller{name, name, "", {"service"}};
    absl::string_view service = name;
    const bool is_service = absl::ConsumePrefix(&service, "services/");
    if (!is_service) {
      XXT_ASSIGN_OR_RETURN(caller, FindPerson(name));
    }
    const std::string file = is_service ? absl::StrCat("services-", service) : "staff-dev";
    XXT_ASSIGN_OR_RETURN(const std::string key, ReadFile(absl::StrCat(keys_dir_, "/", file, ".jwk")));
    XXT_ASSIGN_OR_RETURN(std::unique_ptr<identity::Signer> signer,
                         identity::Signer::Make(key, caller.name, caller.hall, caller.roles, kAudience));
    found = signers_.emplace(name, std::move(signer)).first;
  }
  return found->second->Token(absl::Now());
}

absl::StatusOr<std::string> Context::CallerOf(const std::string& name) const {
  if (name.empty() || name.front() != kTokenFile) return name;
  XXT_ASSIGN_OR_RETURN(const std::string token, ReadToken(name.substr(1)));
  return SubjectOf(token);
}

absl::Status MakeKeys(const std::string& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  Json keys = Json::array();
  for (const char* kid : {"staff-dev", "services-intake", "services-referral", "services-notification"}) {
    const auto [whole, pub] = identity::NewKey(kid);
    if (whole.empty()) return absl::InternalError("the key cannot be made");
    if (absl::Status made = WriteFile(absl::StrCat(directory, "/", kid, ".jwk"), whole + "\n", 0600); !made.ok()) {
      return made;
    }
    keys.push_back(Json::parse(pub));
  }
  if (absl::Status made = WriteFile(directory + "/people.yaml", PeopleFile(), 0644); !made.ok()) return made;
  return WriteFile(directory + "/jwks.json", Json{{"keys", keys}}.dump(2) + "\n", 0644);
}

}  // namespace xxt::cli
