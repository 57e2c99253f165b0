#include "services/intake/assembly.h"

#include <utility>

#include "common/status/macros.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/tell_tasks.h"

namespace xxt::intake {

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base)
    : config_(config),
      base_(std::move(base)),
      notification_client_(config_.notification_address, base_->signer()),
      notification_(MakeNotificationClient(notification_client_)),
      serials_(base_->pool()),
      desk_kinds_(app::DeskKinds(config_.policy)),
      engine_(base_->engine_options(), base_->pools(), base_->clock(), {app::TellKind(base_->pool(), *notification_)}),
      front_(*base_, engine_, desk_kinds_),
      cases_(front_.edge(), front_.watcher(), {serials_, duties_, config_.policy}),
      duty_(front_.edge(), duties_) {}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("intake", config.service));
  std::unique_ptr<Assembly> made(new Assembly(config, std::move(base)));
  XXT_RETURN_IF_ERROR(made->front_.Serve({&made->cases_, &made->duty_}));
  return made;
}

}  // namespace xxt::intake
