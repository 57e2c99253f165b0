// The referral service, for the tests that all services have.

#include "tests/contract/service.h"

#include "tests/contract/referral/requests.h"

namespace xxt::contract {

const Service& ServiceUnderTest() {
  static const Service service =
      ServiceOf<referral::World>("referral", "BodyService/ListBodies", "ReferralService/CreateReferral",
                                 [] { return referral::CreateRequest().SerializeAsString(); });
  return service;
}

}  // namespace xxt::contract
