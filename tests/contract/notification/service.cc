// The notification service, for the tests that all services have.

#include "tests/contract/service.h"

#include "tests/contract/notification/requests.h"
#include "tests/contract/stop_world.h"

namespace xxt::contract {
namespace {

const ::testing::Environment* const kStop = StopAfterTests<notification::World>();

}  // namespace

const Service& ServiceUnderTest() {
  static const Service service =
      ServiceOf<notification::World>("notification", "MessageService/ListMessages", "MessageService/CreateMessage",
                                     [] { return notification::CreateRequest().SerializeAsString(); });
  return service;
}

}  // namespace xxt::contract
