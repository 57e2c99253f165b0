#include "services/intake/assembly.h"

#include <utility>

#include "common/service/seal_keys.h"
#include "common/status/macros.h"
#include "services/intake/slices.h"

namespace xxt::intake {

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base, seal::Keyring keys)
    : config_(config),
      base_(std::move(base)),
      keys_(std::move(keys)),
      host_{base_->name(), base_->clock(), keys_},
      notification_client_(config_.notification_address, base_->credentials_to("notification"), base_->signer()),
      notification_(MakeNotificationClient(notification_client_)),
      serials_(base_->pool()),
      slices_{HallSlice(),
              ShiftSlice(duties_),
              CaseSlice(host_, {{serials_, duties_, config_.policy}, base_->pool(), *notification_}),
              HandoverSlice(),
              ShiftHandoverSlice(),
              DifficultySlice(),
              PeopleSlice(),
              FactSlice(),
              ContactSlice(),
              QuestionSlice(),
              KinScopeSlice(),
              DeskSlice(host_, config_.policy),
              PaperSlice(),
              PacketSlice(),
              BenefitSlice(),
              EntitlementSlice(),
              PolicySlice(host_),
              PolicyConsentSlice(config_.policy),
              PolicyHitSlice(host_, config_.policy),
              MandateSlice(host_),
              LifeEventSlice(config_.policy),
              PromiseSlice(host_, config_.policy),
              TermSlice(host_, config_.policy),
              VerdictSlice(),
              ConsultationSlice(),
              EscalationSlice(host_, config_.policy),
              PlanSlice(host_),
              PraiseSlice(),
              AftercareSlice(host_, config_.policy),
              FeedSlice(),
              FollowUpSlice(host_, config_.policy),
              DisputeSlice(host_, config_.policy),
              ClosingSlice(config_.policy),
              ProgressSlice(),
              FilingSlice({serials_, duties_, config_.policy}),
              ReportSlice()},
      desk_kinds_(edge::DeskKindsOf(slices_)),
      engine_(base_->engine_options(keys_), base_->pools(), base_->clock(), edge::MachineKindsOf(slices_)),
      front_(*base_, engine_, desk_kinds_, keys_),
      edge_(front_.edge(), keys_, &front_.watcher()),
      services_(edge::ServicesOf(slices_, edge_)) {}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("intake", config.service));
  XXT_ASSIGN_OR_RETURN(seal::Keyring keys, service::LoadSealKeys(config.service.seal_key_file, base->pool()));
  std::unique_ptr<Assembly> made(new Assembly(config, std::move(base), std::move(keys)));
  std::vector<grpc::Service*> services;
  for (const auto& service : made->services_) services.push_back(service.get());
  XXT_RETURN_IF_ERROR(made->front_.Serve(std::move(services)));
  return made;
}

}  // namespace xxt::intake
