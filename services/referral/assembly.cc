#include "services/referral/assembly.h"

#include <curl/curl.h>
#include <prometheus/gauge.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "services/referral/api/referral_service.h"
#include "services/referral/app/desk_tasks.h"
#include "services/referral/app/machine_tasks.h"
#include "services/referral/slices.h"
#include "services/referral/storage/mail_store.h"

namespace xxt::referral {
namespace {

// What is no slice yet, and then the slices.
template <typename T>
std::vector<T> Joined(std::vector<T> all, std::vector<T> of_slices) {
  for (T& one : of_slices) all.push_back(std::move(one));
  return all;
}

}  // namespace

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base, seal::Keyring keys)
    : config_(config),
      base_(std::move(base)),
      keys_(std::move(keys)),
      host_{base_->name(), base_->clock(), keys_},
      intake_channel_(config_.intake_address, base_->signer()),
      intake_(MakeIntakeClient(intake_channel_)),
      mail_sender_(config_.mail),
      slices_{BodySlice(), RuleNoteSlice(), ReferralSlice(host_), CutOffSlice(host_, base_->pool(), *intake_),
              RouteSheetSlice()},
      desk_kinds_(Joined(app::DeskKinds(host_, config_.settings), edge::DeskKindsOf(slices_))),
      engine_(base_->engine_options(), base_->pools(), base_->clock(),
              Joined(MachineKinds(), edge::MachineKindsOf(slices_))),
      front_(*base_, engine_, desk_kinds_, &keys_),
      edge_(front_.edge(), keys_, &front_.watcher()),
      services_(Joined(MakeServices(edge_, keys_, config_.settings, *intake_), edge::ServicesOf(slices_, edge_))),
      mailbox_(host_, base_->pool(), config_.settings, config_.mail.address) {}

void Assembly::ReadMailbox() {
  prometheus::Gauge& looked = prometheus::BuildGauge()
                                  .Name("xixinting_mailbox_last_look_timestamp_seconds")
                                  .Help("When the mailbox was last read to its end, or the service began; Unix time")
                                  .Register(base_->metrics().registry())
                                  .Add({});
  looked.SetToCurrentTime();
  MailFetcher::Store store = StoreOf(mailbox_);
  store.looked = [gauge = &looked] { gauge->SetToCurrentTime(); };
  mail_loop_ = std::make_unique<MailLoop>(config_.mail, std::move(store));
}

Assembly::~Assembly() { Drain(); }

std::vector<tasks::MachineKind> Assembly::MachineKinds() {
  return app::MachineKinds(
      {host_, base_->pool(), config_.settings,
       [this](const OutboundMail& mail, SteadyTime deadline) { return mail_sender_.Send(mail, deadline); }, *intake_});
}

MailFetcher::Store StoreOf(app::Mailbox& mailbox) {
  using Store = MailFetcher::Store;
  using Validity = std::int64_t;
  static_assert(static_cast<int>(Store::Turn::kGiveUp) == static_cast<int>(mail_store::Turn::kGiveUp));
  static_assert(static_cast<int>(Store::End::kPutBack) == static_cast<int>(mail_store::Ended::kPutBack));
  Store store;
  store.start_time = [&mailbox] { return mailbox.StartTime(); };
  store.last_uid = [&mailbox](Validity validity) { return mailbox.LastUid(validity); };
  store.found = [&mailbox](Validity validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid) {
    return mailbox.Found(validity, uids, last_uid);
  };
  store.due = [&mailbox](Validity validity) { return mailbox.Due(validity); };
  store.begin = [&mailbox](Validity validity, std::int64_t uid) -> absl::StatusOr<Store::Turn> {
    XXT_ASSIGN_OR_RETURN(const mail_store::Turn turn, mailbox.Begin(validity, uid));
    return static_cast<Store::Turn>(turn);
  };
  store.receive = [&mailbox](const InboundMail& mail) { return mailbox.Receive(mail); };
  store.end = [&mailbox](Validity validity, std::int64_t uid, Store::End end) {
    return mailbox.End(validity, uid, static_cast<mail_store::Ended>(end));
  };
  store.stopping = [&mailbox] { return mailbox.stopping(); };
  return store;
}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  // Before any other thread: libcurl asks for it.
  static const CURLcode curl_ready = curl_global_init(CURL_GLOBAL_ALL);
  if (curl_ready != CURLE_OK) return absl::InternalError("libcurl does not start");
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("referral", config.service));
  XXT_ASSIGN_OR_RETURN(seal::Keyring keys, seal::Keyring::Load(config.service.seal_key_file));
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
