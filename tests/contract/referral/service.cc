// The referral service, for the tests that all services have.

#include "tests/contract/service.h"

#include "tests/contract/referral/requests.h"
#include "tests/contract/stop_world.h"

namespace xxt::contract {
namespace {

const ::testing::Environment* const kStop = StopAfterTests<referral::World>();

}  // namespace

const Service& ServiceUnderTest() {
  static const Service service =
      ServiceOf<referral::World>("referral", "BodyService/ListBodies", "ReferralService/CreateReferral",
                                 [] { return referral::CreateRequest().SerializeAsString(); });
  return service;
}

}  // namespace xxt::contract
