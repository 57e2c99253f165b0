#include "services/referral/assembly.h"

#include <curl/curl.h>
#include <prometheus/gauge.h>

#include <string>
#include <utility>

#include "common/status/macros.h"
#include "services/referral/app/desk_tasks.h"
#include "services/referral/app/machine_tasks.h"
#include "services/referral/storage/mail_store.h"

namespace xxt::referral {
namespace {

IntakeClient::Report ToPeer(const app::CaseReport& report) {
  const ReportPayload& told = report.told;
  return {report.request_id,  report.referral,   report.case_name,   std::string(NameOf(told.kind)), told.summary,
          report.paper_title, report.body_title, told.last_safe_day, told.route_sheet_version,       told.version};
}

}  // namespace

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base)
    : config_(config),
      base_(std::move(base)),
      intake_channel_(config_.intake_address, base_->signer()),
      intake_(intake_channel_),
      mail_sender_(config_.mail),
      desk_kinds_(app::DeskKinds(config_.settings)),
      engine_(base_->engine_options(), base_->pools(), base_->clock(), MachineKinds()),
      front_(*base_, engine_, desk_kinds_),
      bodies_(front_.edge()),
      referrals_(
          front_.edge(), front_.watcher(), config_.settings,
          [this](const std::string& case_name, SteadyTime deadline) { return intake_.LookUp(case_name, deadline); }),
      mailbox_(base_->pool(), base_->clock(), config_.settings, config_.mail.address) {}

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
      {base_->pool(), base_->clock(), config_.settings,
       [this](const OutboundMail& mail, SteadyTime deadline) { return mail_sender_.Send(mail, deadline); },
       [this](const app::CaseReport& report, SteadyTime deadline) { return intake_.Tell(ToPeer(report), deadline); },
       [this](const std::string& case_name, SteadyTime deadline) { return intake_.LookUp(case_name, deadline); }});
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
  std::unique_ptr<Assembly> made(new Assembly(config, std::move(base)));
  XXT_RETURN_IF_ERROR(made->front_.Serve({&made->bodies_, &made->referrals_}));
  if (!config.mail.address.empty()) made->ReadMailbox();
  return made;
}

void Assembly::Drain() {
  front_.Drain([this] { mailbox_.BeginStop(); });
  mail_loop_.reset();
}

}  // namespace xxt::referral
