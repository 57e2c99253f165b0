#include "common/service/rotation.h"

#include <string.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "common/log/log.h"

namespace xxt::service {

Rotation::Source Rotation::Of(const files::Secret& secret) {
  return {secret.key(), [file = secret.file()] { return files::ReadSecret(file); },
          [secret](const std::string& text) {
            if (text.empty()) return absl::InvalidArgumentError("the file is empty");
            secret.Set(text);
            return absl::OkStatus();
          }};
}

Rotation::Rotation(std::vector<Source> sources, prometheus::Registry& registry, absl::Duration every)
    : watched_([&sources, &registry] {
        prometheus::Family<prometheus::Gauge>& in_force =
            prometheus::BuildGauge()
                .Name("xixinting_secret_in_force")
                .Help("1 if what the file holds that this key names is what counts")
                .Register(registry);
        prometheus::Family<prometheus::Gauge>& taken = prometheus::BuildGauge()
                                                           .Name("xixinting_secret_taken_timestamp_seconds")
                                                           .Help("When what counts was taken from the file; Unix time")
                                                           .Register(registry);
        std::vector<Watched> all;
        for (Source& source : sources) {
          const std::string key = source.key;
          all.push_back({std::move(source), in_force.Add({{"key", key}}), taken.Add({{"key", key}})});
        }
        return all;
      }()),
      loop_("rotation", [this, every] {
        for (Watched& one : watched_) Look(one);
        return every;
      }) {}

void Rotation::Look(Watched& one) {
  absl::StatusOr<std::string> text = one.source.read();
  absl::Status status = text.status();
  bool other = false;
  if (text.ok()) {
    const absl::Cleanup wipe = [&text] { explicit_bzero(text->data(), text->size()); };
    const std::size_t hash = std::hash<std::string>()(*text);
    other = one.taken != hash;
    if (other) status = one.source.take(*text);
    if (other && status.ok()) {
      // The first time it is what the service began with.
      if (one.taken.has_value()) log::Info("secret.taken", {{"key", one.source.key}});
      one.taken = hash;
      one.taken_time.SetToCurrentTime();
    }
  }
  one.in_force.Set(status.ok() ? 1 : 0);
  if (!status.ok() && status != one.told) log::Error("secret.not_taken", {{"key", one.source.key}, {"status", status}});
  one.told = status;
}

}  // namespace xxt::service
