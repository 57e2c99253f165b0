#include "common/service/rotation.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/testing/scratch_dir.h"
#include "gtest/gtest.h"
#include "tests/contract/service_world.h"

namespace xxt::service {
namespace {

using contract::Eventually;

class RotationTest : public ::testing::Test {
 protected:
  RotationTest() { Begin({Rotation::Of(secret_)}); }

  void Begin(std::vector<Rotation::Source> sources) {
    rotation_.reset();
    rotation_ = std::make_unique<Rotation>(std::move(sources), registry_, absl::Milliseconds(5));
  }
  std::string Write(const std::string& text, mode_t mode = 0600) const {
    std::string file = dir_.Write("token", text);
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return file;
  }
  double Gauge(const std::string& name) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name == name) return family.metric.at(0).gauge.value;
    }
    return -1;
  }
  bool ComesToBe(const std::string& value, int in_force) {
    return Eventually([&] { return secret_.value() == value && Gauge("xixinting_secret_in_force") == in_force; });
  }

  const test::ScratchDir dir_;
  prometheus::Registry registry_;
  const files::Secret secret_ = *files::Secret::In("sms.token_file", Write("first\n"));
  std::unique_ptr<Rotation> rotation_;
};

TEST_F(RotationTest, WhatIsNewInTheFileCounts) {
  EXPECT_TRUE(ComesToBe("first", 1));
  const double before = Gauge("xixinting_secret_taken_timestamp_seconds");
  EXPECT_GT(before, 0);
  Write("second\n");
  EXPECT_TRUE(ComesToBe("second", 1));
  EXPECT_GE(Gauge("xixinting_secret_taken_timestamp_seconds"), before);
}

TEST_F(RotationTest, WhatCannotBeTakenChangesNothingUntilItIsMended) {
  Write("");
  EXPECT_TRUE(ComesToBe("first", 0));
  Write("first");
  EXPECT_TRUE(ComesToBe("first", 1));
  Write("first", 0644);  // everybody may read it
  EXPECT_TRUE(ComesToBe("first", 0));
  Write("first");
  EXPECT_TRUE(ComesToBe("first", 1));
  ASSERT_EQ(::unlink(dir_.File("token").c_str()), 0);
  EXPECT_TRUE(ComesToBe("first", 0));
  Write("third");
  EXPECT_TRUE(ComesToBe("third", 1));
}

// As a pair of keys of which the other half comes later.
TEST_F(RotationTest, WhatIsRefusedIsTriedAgainThoughTheFileStaysAsItIs) {
  bool other_half = false;
  int tries = 0;
  Begin({{"identity.signing_key_file", [] { return std::string("key"); },
          [&](const std::string&) {
            other_half = ++tries > 5;
            return other_half ? absl::OkStatus() : absl::FailedPreconditionError("not yet");
          }}});
  EXPECT_TRUE(Eventually([&] {
    const std::vector<prometheus::MetricFamily> told = registry_.Collect();
    for (const prometheus::MetricFamily& family : told) {
      if (family.name != "xixinting_secret_in_force") continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        if (metric.label.at(0).value == "identity.signing_key_file") return metric.gauge.value == 1;
      }
    }
    return false;
  }));
  rotation_.reset();
  EXPECT_EQ(tries, 6) << "what was taken is not taken again";
}

}  // namespace
}  // namespace xxt::service
