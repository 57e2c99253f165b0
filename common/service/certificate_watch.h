#ifndef XXT_COMMON_SERVICE_CERTIFICATE_WATCH_H_
#define XXT_COMMON_SERVICE_CERTIFICATE_WATCH_H_

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/tls/files.h"

namespace xxt::service {

// Looks at the files of certificates as they are now: tells when they end, and, once in
// the log, that a connection could not be made with them.
class CertificateWatch {
 public:
  // `registry` outlives it.
  CertificateWatch(const tls::Files& files, prometheus::Registry& registry);

  void BeginStop() { loop_.BeginStop(); }

 private:
  absl::Duration Step();

  const tls::Files files_;
  prometheus::Family<prometheus::Gauge>& ends_;
  std::string said_;  // in the log, since the files were fit
  Loop loop_;         // last: it uses the others
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_CERTIFICATE_WATCH_H_
