#ifndef XXT_COMMON_FILES_SECRET_H_
#define XXT_COMMON_FILES_SECRET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/concurrency/mutex.h"

namespace xxt::files {

// What a file with a secret holds, without the line break at its end. Errors:
// INVALID_ARGUMENT if it cannot be read, or everybody may read it.
absl::StatusOr<std::string> ReadSecret(const std::string& file);

// A secret that may be exchanged while the process runs (service/rotation.h). So
// whoever uses it asks for its value each time: for a connection, a session, a
// call. Copies are the same secret. Thread-safe.
class Secret {
 public:
  Secret() : Secret("") {}
  // Of no file: nobody exchanges it.
  explicit Secret(std::string value);
  // What `file` holds, which the configuration's `key` names. Errors: those of ReadSecret.
  static absl::StatusOr<Secret> In(std::string key, std::string file);

  std::string value() const;
  bool empty() const { return value().empty(); }
  void Set(std::string value) const;

  const std::string& key() const { return key_; }
  const std::string& file() const { return file_; }

 private:
  struct State {
    Mutex mu;
    std::string value XXT_GUARDED_BY(mu);
  };

  std::string key_;
  std::string file_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace xxt::files

#endif  // XXT_COMMON_FILES_SECRET_H_
