#ifndef XXT_TESTS_CONTRACT_DRAIN_WORLD_H_
#define XXT_TESTS_CONTRACT_DRAIN_WORLD_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/contract/health.h"
#include "tests/contract/service.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {

class DrainTest : public ::testing::Test {
 protected:
  // A replica that serves.
  static std::shared_ptr<grpc::Channel> Start(const Startup& how) {
    ServiceUnderTest().end();
    ServiceUnderTest().start(how);
    const std::shared_ptr<grpc::Channel> channel = ServiceUnderTest().channel();
    EXPECT_TRUE(Eventually([&] { return IsServing(channel); }));
    return channel;
  }
};

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_DRAIN_WORLD_H_
