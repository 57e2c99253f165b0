#ifndef XXT_TESTS_CONTRACT_REPLICA_H_
#define XXT_TESTS_CONTRACT_REPLICA_H_

#include <functional>
#include <string>

#include "common/testing/database.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {

// The service that a program tests, for tests that stop it and start another
// replica on the same stores. It runs when the world is made, and has another
// channel (every_rpc.h) each time.
struct Replica {
  std::function<void(const Startup&)> start;  // once the one before has ended
  std::function<void()> drain;                // as an operator stops it
  std::function<void()> end;                  // drains it and destroys all of it
  std::function<test::Database&()> database;
  // Of ServiceUnderTest().rpcs; a request of `writes` is made without calls.
  std::string reads;   // "BodyService/ListBodies"
  std::string writes;  // "ReferralService/CreateReferral"
};
// That of the one world of its program.
template <typename World>
Replica ReplicaOf(const std::string& reads, const std::string& writes) {
  return {[](const Startup& how) { World::Get().Start(how); },
          [] { World::Get().Drain(); },
          [] { World::Get().End(); },
          []() -> test::Database& { return World::Get().database(); },
          reads,
          writes};
}
// Defined by each program's rpcs.cc.
const Replica& ReplicaUnderTest();

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_REPLICA_H_
