#ifndef XXT_COMMON_CONFIG_CONFIG_H_
#define XXT_COMMON_CONFIG_CONFIG_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/files/secret.h"

// One YAML file per service into a typed struct.
//
// Keys are dotted paths, "postgres.connections". Unknown keys are refused. The
// environment overrides: XXT_INTAKE__POSTGRES__CONNECTIONS=4. Secrets are never
// in the file: a key "…_file" names the file that holds one, which must not be
// readable by everybody. Secrets alone may be exchanged while a process runs.
namespace xxt::config {

// Ties paths to the fields of a struct; made anew for each load.
class Binder {
 public:
  // The field's value is its default. A `doc` sentence says what it means,
  // with unit and allowed range.
  void Field(std::string path, std::string* value, std::string doc);
  void Field(std::string path, int* value, std::string doc);
  void Field(std::string path, bool* value, std::string doc);
  void Field(std::string path, absl::Duration* value, std::string doc);
  // `path` holds a file name; `value` gets the file's content, without the
  // line break at its end. Not set in the configuration: empty.
  void Secret(std::string path, files::Secret* value, std::string doc);

 private:
  friend struct Loader;
  struct Entry {
    std::string doc;
    std::function<absl::Status(const std::string&)> set;
    std::function<std::string()> get;
    std::string source = "default";
  };
  void Add(std::string path, std::string doc, std::function<absl::Status(const std::string&)> set,
           std::function<std::string()> get);
  std::map<std::string, Entry> entries_;
};

// Reads `file` and the environment (prefix "XXT_<SERVICE>__") into what `bind`
// binds. Errors: INVALID_ARGUMENT naming the key, where the value comes from,
// and what is allowed; all errors at once.
absl::Status Load(absl::string_view service, const std::string& file, const std::function<void(Binder&)>& bind);

// One value as it was given, and by whom: the file, or a variable of the environment.
struct Given {
  std::string path;
  std::string text;
  std::string source;
};
// What the file and then the environment give, unchecked; of one path the last
// counts. For tools that need a few keys of a service. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<Given>> Read(absl::string_view service, const std::string& file);

// The configuration in force as YAML, each key with its doc and source;
// secrets show only whether they are set.
std::string Print(absl::string_view service, const std::string& file, const std::function<void(Binder&)>& bind);

}  // namespace xxt::config

#endif  // XXT_COMMON_CONFIG_CONFIG_H_
