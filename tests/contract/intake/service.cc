// The intake service, for the tests that all services have.

#include "tests/contract/service.h"

#include "tests/contract/intake/world.h"
#include "tests/contract/stop_world.h"

namespace xxt::contract {
namespace {

const ::testing::Environment* const kStop = StopAfterTests<intake::World>();

}  // namespace

const Service& ServiceUnderTest() {
  static const Service service = ServiceOf<intake::World>("intake", "HallService/ListHalls", "CaseService/CreateCase",
                                                          [] { return intake::CreateRequest().SerializeAsString(); });
  return service;
}

}  // namespace xxt::contract
