#include "common/service/certificate_watch.h"

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/log/log.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(5);

double UnixSeconds(absl::Time time) { return static_cast<double>(absl::ToUnixSeconds(time)); }

}  // namespace

CertificateWatch::CertificateWatch(const tls::Files& files, prometheus::Registry& registry)
    : files_(files),
      ends_(prometheus::BuildGauge()
                .Name("xixinting_certificate_expiry_timestamp_seconds")
                .Help("When the service's certificate ends, and the last of the CAs it trusts; Unix time")
                .Register(registry)),
      loop_("certificates", [this] { return Step(); }) {}

absl::Duration CertificateWatch::Step() {
  // What cannot be read keeps its last figure: the log says why.
  if (const absl::StatusOr<tls::Ends> own = tls::EndsOf(files_.certificate); own.ok()) {
    ends_.Add({{"certificate", "own"}}).Set(UnixSeconds(own->first));
  }
  if (const absl::StatusOr<tls::Ends> ca = tls::EndsOf(files_.ca); ca.ok()) {
    ends_.Add({{"certificate", "ca"}}).Set(UnixSeconds(ca->last));
  }
  const absl::Status fit = tls::Check(files_, absl::Now());
  const std::string text(fit.message());
  if (text != said_) {
    if (fit.ok()) {
      log::Info("tls.files_fit");
    } else {
      log::Error("tls.files_unfit", {{"status", fit}});
    }
    said_ = text;
  }
  return kLookEvery;
}

}  // namespace xxt::service
