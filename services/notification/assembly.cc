#include "services/notification/assembly.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/calendar/working_days.h"
#include "common/log/log.h"
#include "common/service/seal_keys.h"
#include "common/status/macros.h"
#include "services/notification/slices.h"
#include "services/notification/template/load_templates.h"

namespace xxt::notification {
namespace {

// Longest step of the receipts' loop, and pause after one that failed.
constexpr absl::Duration kReceiptsDeadline = absl::Seconds(30);
constexpr absl::Duration kPauseAfterError = absl::Seconds(5);

absl::StatusOr<SendingPolicy> MakePolicy(const Config& config) {
  auto hours = calendar::OpeningHours::Parse(config.call_hours, calendar::WorkingDays::China());
  if (!hours.ok()) return hours.status();
  SendingPolicy policy{*std::move(hours)};
  policy.idempotency_window = config.sms_idempotency_window;
  policy.queryable = !config.sms_query_url.empty();
  policy.gives_receipts = !config.sms_receipts_url.empty();
  policy.receipt_timeout = config.sms_receipt_timeout;
  policy.quiet_until = config.sms_quiet_until;
  policy.quiet_from = config.sms_quiet_from;
  policy.call_tries = config.call_tries;
  policy.sends_email = !config.email.url.empty();
  policy.sends_wechat = !config.wechat.url.empty();
  policy.sends_webhook = !config.webhook.url.empty();
  policy.letter_takes = config.letters_take;
  policy.pause_asked_after = config.pause_asked_after;
  policy.longest_pause = config.longest_pause;
  policy.pause_desk_hall = config.pause_desk_hall;
  return policy;
}

SmsGateway::Options GatewayOf(const Config& config) {
  return {config.sms_url, config.sms_receipts_url, config.sms_query_url, config.sms_token, config.sms_timeout};
}

std::string DomainOf(const std::string& address) { return address.substr(address.find('@') + 1); }

}  // namespace

Assembly::Assembly(const Config& config, Catalogue catalogue, SendingPolicy policy, std::unique_ptr<service::Base> base,
                   seal::Keyring keys)
    : config_(config),
      catalogue_(std::move(catalogue)),
      policy_(std::move(policy)),
      base_(std::move(base)),
      keys_(std::move(keys)),
      host_{base_->name(), base_->clock(), keys_},
      intake_client_(config_.intake_address, base_->credentials_to("intake"), base_->signer()),
      intake_(intake_client_),
      gateway_(GatewayOf(config_)),
      mail_sender_(config_.email),
      wechat_(config_.wechat),
      webhook_(config_.webhook),
      receipts_of_{host_, base_->pool(), gateway_, policy_},
      slices_{
          MessageSlice(host_, {{catalogue_, policy_, intake_}, base_->pool()}),
          ChannelSlice(host_, policy_),
          SmsSlice({host_, base_->pool(), gateway_, policy_, config_.sms_timeout, config_.sms_give_up_after,
                    config_.sms_workers, static_cast<double>(config_.sms_rate)}),
          EmailSlice({host_, base_->pool(), policy_,
                      [this](const smtp::Mail& mail, SteadyTime deadline) { return mail_sender_.Send(mail, deadline); },
                      DomainOf(config_.email.address), config_.email.timeout, config_.email_give_up_after}),
          PushSlice({host_, base_->pool(), policy_, wechat_, config_.wechat_window, config_.wechat.timeout, webhook_,
                     config_.webhook_window, config_.webhook.timeout}),
          CallSlice(host_, policy_),
          LetterSlice(host_, policy_),
          ReceiptSlice(receipts_of_)},
      desk_kinds_(edge::DeskKindsOf(slices_)),
      engine_(base_->engine_options(keys_), base_->pools(), base_->clock(), edge::MachineKindsOf(slices_)),
      front_(*base_, engine_, desk_kinds_, keys_,
             {config_.sms_token, config_.email.password, config_.wechat.token, config_.webhook.secret}),
      edge_(front_.edge(), keys_),
      services_(edge::ServicesOf(slices_, edge_)) {}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  XXT_ASSIGN_OR_RETURN(Catalogue catalogue, LoadCatalogue());
  XXT_ASSIGN_OR_RETURN(SendingPolicy policy, MakePolicy(config));
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("notification", config.service));
  XXT_ASSIGN_OR_RETURN(seal::Keyring keys, service::LoadSealKeys(config.service.seal_key_file, base->pool()));
  std::unique_ptr<Assembly> made(
      new Assembly(config, std::move(catalogue), std::move(policy), std::move(base), std::move(keys)));
  std::vector<grpc::Service*> services;
  for (const auto& service : made->services_) services.push_back(service.get());
  XXT_RETURN_IF_ERROR(made->front_.Serve(std::move(services)));
  if (!config.sms_receipts_url.empty()) {
    made->receipts_ = std::make_unique<Loop>("receipts", [assembly = made.get()] { return assembly->ReadReceipts(); });
  }
  return made;
}

absl::Duration Assembly::ReadReceipts() {
  const absl::StatusOr<int> read = receipt::Read(receipts_of_, absl::Now() + kReceiptsDeadline);
  if (!read.ok()) {
    log::Warning("receipts.not_read", {{"status", read.status()}});
    return kPauseAfterError;
  }
  if (*read == 0) return config_.sms_receipt_poll;
  return absl::ZeroDuration();
}

void Assembly::Drain() {
  front_.Drain([this] {
    if (receipts_ != nullptr) receipts_->BeginStop();
  });
  if (receipts_ != nullptr) receipts_->Stop();
}

Assembly::~Assembly() { Drain(); }

}  // namespace xxt::notification
