#ifndef XXT_TESTS_CONTRACT_SERVICE_H_
#define XXT_TESTS_CONTRACT_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/database.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {

// The service that a program tests, for tests of all three. It runs from its
// first use on, when its world is made; tests may stop it and start another
// replica on the same stores, which has another channel. After the last test it
// is stopped, with what is around it.
struct Service {
  std::string name;  // "intake"
  std::function<std::shared_ptr<grpc::Channel>()> channel;
  std::function<test::Database&()> database;
  std::function<Surroundings()> surroundings;
  std::function<void(const Startup&)> start;  // once the one before has ended
  std::function<void()> drain;                // as an operator stops it
  std::function<void()> end;                  // drains it and destroys all of it

  // What a caller may ask for again and again: a list, by its path, with nothing
  // said; and something new, each time another, as staff/wang.
  std::string reads;   // "/xixinting.intake.v1.HallService/ListHalls"
  std::string writes;  // "/xixinting.intake.v1.CaseService/CreateCase"
  std::function<std::string()> next;
};
// Defined by each program's service.cc.
const Service& ServiceUnderTest();

// That of the one world of its program. `reads`: "HallService/ListHalls".
template <typename World>
Service ServiceOf(const std::string& name, const std::string& reads, const std::string& writes,
                  std::function<std::string()> next) {
  return {name,
          [] { return World::Get().channel(); },
          []() -> test::Database& { return World::Get().database(); },
          [] { return World::Get().surroundings(); },
          [](const Startup& how) { World::Get().Start(how); },
          [] { World::Get().Drain(); },
          [] { World::Get().End(); },
          absl::StrCat("/xixinting.", name, ".v1.", reads),
          absl::StrCat("/xixinting.", name, ".v1.", writes),
          std::move(next)};
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_SERVICE_H_
