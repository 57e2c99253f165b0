// The notification service, for the tests that all services have.

#include "tests/contract/service.h"

#include "tests/contract/notification/requests.h"

namespace xxt::contract {

const Service& ServiceUnderTest() {
  static const Service service =
      ServiceOf<notification::World>("notification", "MessageService/ListMessages", "MessageService/CreateMessage",
                                     [] { return notification::CreateRequest().SerializeAsString(); });
  return service;
}

}  // namespace xxt::contract
