#include "services/referral/assembly.h"

#include <curl/curl.h>
#include <prometheus/gauge.h>

#include <utility>
#include <vector>

#include "common/service/seal_keys.h"
#include "common/status/macros.h"
#include "services/referral/slices.h"

namespace xxt::referral {
namespace {

smtp::Server ServerOf(const MailConfig& mail) {
  return {mail.smtp_url, mail.require_tls, mail.ca_file,      mail.user,
          mail.password, mail.address,     mail.display_name, mail.timeout};
}

}  // namespace

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base, seal::Keyring keys)
    : config_(config),
      base_(std::move(base)),
      keys_(std::move(keys)),
      host_{base_->name(), base_->clock(), keys_},
      intake_channel_(config_.intake_address, base_->credentials_to("intake"), base_->signer()),
      intake_(MakeIntakeClient(intake_channel_)),
      mail_sender_(ServerOf(config_.mail)),
      slices_{BodySlice(config_.contacts),
              RuleNoteSlice(),
              ReferralSlice(host_),
              CutOffSlice(host_, base_->pool(), *intake_),
              RouteSheetSlice(),
              ChaseSlice(host_, {base_->pool(), *intake_, config_.patience, config_.contacts}),
              MailSlice(host_, {base_->pool(), config_.mails,
                                [this](const OutboundMail& mail, SteadyTime deadline) {
                                  return mail_sender_.Send(mail, deadline);
                                }}),
              SearchSlice(host_, *intake_),
              ParcelSlice(),
              AppointmentSlice(*intake_),
              VisitSlice(host_, *intake_, config_.visits),
              WithdrawalSlice(*intake_)},
      desk_kinds_(edge::DeskKindsOf(slices_)),
      engine_(base_->engine_options(keys_), base_->pools(), base_->clock(), edge::MachineKindsOf(slices_)),
      front_(*base_, engine_, desk_kinds_, keys_, {config_.mail.password}),
      edge_(front_.edge(), keys_, &front_.watcher()),
      services_(edge::ServicesOf(slices_, edge_)),
      mailbox_(host_, base_->pool(), config_.mails, config_.mail.address) {}

void Assembly::ReadMailbox() {
  prometheus::Gauge& looked = prometheus::BuildGauge()
                                  .Name("xixinting_mailbox_last_look_timestamp_seconds")
                                  .Help("When the mailbox was last read to its end, or the service began; Unix time")
                                  .Register(base_->metrics().registry())
                                  .Add({});
  looked.SetToCurrentTime();
  MailFetcher::Store store = mail::StoreOf(mailbox_);
  store.looked = [gauge = &looked] { gauge->SetToCurrentTime(); };
  mail_loop_ = std::make_unique<MailLoop>(config_.mail, std::move(store));
}

Assembly::~Assembly() { Drain(); }

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  // Before any other thread: libcurl asks for it.
  static const CURLcode curl_ready = curl_global_init(CURL_GLOBAL_ALL);
  if (curl_ready != CURLE_OK) return absl::InternalError("libcurl does not start");
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("referral", config.service));
  XXT_ASSIGN_OR_RETURN(seal::Keyring keys, service::LoadSealKeys(config.service.seal_key_file, base->pool()));
  std::unique_ptr<Assembly> made(new Assembly(config, std::move(base), std::move(keys)));
  std::vector<grpc::Service*> services;
  for (const auto& service : made->services_) services.push_back(service.get());
  XXT_RETURN_IF_ERROR(made->front_.Serve(std::move(services)));
  if (!config.mail.address.empty()) made->ReadMailbox();
  return made;
}

void Assembly::Drain() {
  front_.Drain([this] { mailbox_.BeginStop(); });
  mail_loop_.reset();
}

}  // namespace xxt::referral
