// Stops the service after the last test of a program, and what it was given beside it.

#include <gtest/gtest.h>

#include "tests/contract/service.h"

namespace xxt::contract {
namespace {

class StopService : public ::testing::Environment {
 public:
  void TearDown() override { ServiceUnderTest().stop(); }
};
const ::testing::Environment* const kStopService = ::testing::AddGlobalTestEnvironment(new StopService());

}  // namespace
}  // namespace xxt::contract
