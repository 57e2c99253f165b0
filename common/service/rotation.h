#ifndef XXT_COMMON_SERVICE_ROTATION_H_
#define XXT_COMMON_SERVICE_ROTATION_H_

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/files/secret.h"

namespace xxt::service {

// Keys and secrets in files that are exchanged while the service runs: each file
// is read every second, and what is new there is taken. What cannot be taken
// changes nothing; then the log says why, once, and a metric that it is so.
class Rotation {
 public:
  struct Source {
    std::string key;  // of the configuration that names the file: "identity.jwks_file"
    std::function<absl::StatusOr<std::string>()> read;
    // Makes what was read count, or changes nothing. Statuses say nothing of what is there.
    std::function<absl::Status(const std::string& text)> take;
  };
  // Of a secret that stands in a file.
  static Source Of(const files::Secret& secret);

  // What the sources use, and `registry`, outlive it.
  Rotation(std::vector<Source> sources, prometheus::Registry& registry, absl::Duration every = absl::Seconds(1));

  // Lets what is being done finish, and does nothing more.
  void BeginStop() { loop_.BeginStop(); }

 private:
  struct Watched {
    Source source;
    prometheus::Gauge& in_force;
    prometheus::Gauge& taken_time;
    std::optional<std::size_t> taken = std::nullopt;  // a hash of the text
    absl::Status told = absl::OkStatus();
  };
  static void Look(Watched& one);

  std::vector<Watched> watched_;
  Loop loop_;  // last: it uses the others
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_ROTATION_H_
