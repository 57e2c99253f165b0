#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace xxt::rpc {
namespace {

std::vector<nlohmann::json> LinesOf(const std::string& log) {
  std::vector<nlohmann::json> lines;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(log, '\n', absl::SkipEmpty()))) {
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

// Whoever reaches the port needs no certificate to fail at the handshake.
TEST(GrpcLog, IsNotFilledByWhoKnocksAllTheTime) {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  TakeGrpcReports();
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    gpr_log("src/core/tsi/ssl_transport_security.cc", 1485, GPR_LOG_SEVERITY_ERROR, "wrong version number %d", i);
    gpr_log("src/core/lib/surface/call.cc", 7, GPR_LOG_SEVERITY_ERROR, "what was received: %d", i);
  }
  const std::vector<nlohmann::json> lines = LinesOf(testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].at("place"), "ssl_transport_security.cc:1485");
  EXPECT_EQ(lines[0].at("what"), "wrong version number 0");
  EXPECT_EQ(lines[1].at("place"), "call.cc:7");
  EXPECT_EQ(lines[1].at("what"), "");
}

}  // namespace
}  // namespace xxt::rpc
