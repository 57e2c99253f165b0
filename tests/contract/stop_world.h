#ifndef XXT_TESTS_CONTRACT_STOP_WORLD_H_
#define XXT_TESTS_CONTRACT_STOP_WORLD_H_

#include <gtest/gtest.h>

namespace xxt::contract {

// Ends the world of a program, if it has made one, after its last test: for a
// constant of the file that names the world.
template <typename World>
const ::testing::Environment* StopAfterTests() {
  class Stopping final : public ::testing::Environment {
   public:
    void TearDown() override { World::Stop(); }
  };
  return ::testing::AddGlobalTestEnvironment(new Stopping());
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_STOP_WORLD_H_
