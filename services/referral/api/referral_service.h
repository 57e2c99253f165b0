#ifndef XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
#define XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "common/edge/edge.h"
#include "common/seal/seal.h"
#include "services/referral/app/machine_tasks.h"
#include "services/referral/app/settings.h"

namespace xxt::referral {

// ReferralService over the edge. What is given by reference must outlive it.
std::unique_ptr<grpc::Service> MakeReferralService(edge::Edge& edge, const seal::Keyring& keys,
                                                   const app::Settings& settings, app::LookUpCase look_up_case);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
