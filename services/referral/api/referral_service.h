#ifndef XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
#define XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "common/edge/edge.h"
#include "common/seal/seal.h"
#include "services/referral/app/settings.h"
#include "services/referral/referrals/intake_peer.h"

namespace xxt::referral {

// ReferralService, EntryService and MailService over the edge. What is given by
// reference must outlive them.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(edge::Edge& edge, const seal::Keyring& keys,
                                                         const app::Settings& settings, const Intake& intake);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
