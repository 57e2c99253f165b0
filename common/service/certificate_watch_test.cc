#include "common/service/certificate_watch.h"

#include <gtest/gtest.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>

#include "absl/time/clock.h"
#include "common/testing/certificates.h"
#include "common/testing/scratch_dir.h"

namespace xxt::service {
namespace {

class CertificateWatchTest : public ::testing::Test {
 protected:
  // What is told of `certificate`; the beginning of time if nothing is.
  absl::Time End(const std::string& certificate) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      for (const prometheus::ClientMetric& metric : family.metric) {
        if (metric.label.at(0).value == certificate)
          return absl::FromUnixSeconds(static_cast<std::int64_t>(metric.gauge.value));
      }
    }
    return absl::UnixEpoch();
  }
  bool EndsIn(const std::string& certificate, absl::Duration left) {
    const absl::Time give_up = absl::Now() + absl::Seconds(40);
    while (absl::AbsDuration(End(certificate) - (absl::Now() + left)) > absl::Minutes(2)) {
      if (absl::Now() > give_up) return false;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return true;
  }

  const test::ScratchDir dir_;
  test::CertificateAuthority ca_{absl::Hours(240)};
  const tls::Files files_ = test::Install(ca_.Issue("services/intake"), ca_.certificate(), dir_.path());
  prometheus::Registry registry_;
  const CertificateWatch watch_{files_, registry_};
};

TEST_F(CertificateWatchTest, TellsWhenTheCertificateAndTheLastOfTheCasEnd) {
  EXPECT_TRUE(EndsIn("own", absl::Hours(24)));
  EXPECT_TRUE(EndsIn("ca", absl::Hours(240)));
  const test::CertificateAuthority next(absl::Hours(480));
  test::Install(ca_.Issue({.name = "services/intake", .lasts = absl::Hours(48)}),
                ca_.certificate() + next.certificate(), dir_.path());
  EXPECT_TRUE(EndsIn("own", absl::Hours(48)));
  EXPECT_TRUE(EndsIn("ca", absl::Hours(480)));
}

}  // namespace
}  // namespace xxt::service
