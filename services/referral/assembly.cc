#include "services/referral/assembly.h"

#include <curl/curl.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "services/referral/app/desk_tasks.h"
#include "services/referral/app/machine_tasks.h"
#include "services/referral/app/mails.h"
#include "services/referral/storage/mail_store.h"

namespace xxt::referral {
namespace {

constexpr absl::Duration kStoreMailWithin = absl::Seconds(10);

app::ReportOutcome ToApp(IntakeClient::Outcome outcome) {
  switch (outcome) {
    case IntakeClient::Outcome::kTold:
      return app::ReportOutcome::kDone;
    case IntakeClient::Outcome::kRefused:
      return app::ReportOutcome::kRefused;
    case IntakeClient::Outcome::kTryAgain:
      break;
  }
  return app::ReportOutcome::kTryAgain;
}

IntakeClient::Report ToPeer(const app::CaseReport& report) {
  return {report.request_id, report.referral,    report.case_name,  std::string(NameOf(report.kind)),
          report.summary,    report.paper_title, report.body_title, report.last_safe_day};
}

}  // namespace

Assembly::Assembly(const Config& config, std::unique_ptr<service::Base> base)
    : config_(config),
      base_(std::move(base)),
      intake_channel_(config_.intake_address, base_->signer()),
      intake_(intake_channel_),
      mail_sender_(config_.mail),
      desk_kinds_(app::DeskKinds()),
      engine_(base_->engine_options(), base_->pools(), base_->clock(), MachineKinds()),
      front_(*base_, engine_, desk_kinds_),
      bodies_(front_.edge()),
      referrals_(front_.edge(), front_.watcher()) {}

Assembly::~Assembly() { Drain(); }

std::vector<tasks::MachineKind> Assembly::MachineKinds() {
  return app::MachineKinds(
      {base_->pool(), base_->clock(), config_.settings,
       [this](const OutboundMail& mail, SteadyTime deadline) { return mail_sender_.Send(mail, deadline); },
       [this](const app::CaseReport& report, SteadyTime deadline) {
         return ToApp(intake_.Tell(ToPeer(report), deadline));
       }});
}

MailFetcher::Store Assembly::MailStore() {
  MailFetcher::Store store;
  store.last_uid = [this](std::int64_t uid_validity) -> absl::StatusOr<std::int64_t> {
    if (stopping_) return absl::CancelledError("stopping");
    std::int64_t last = 0;
    XXT_RETURN_IF_ERROR(
        pg::Read(base_->pool(), absl::Now() + kStoreMailWithin, [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(last, mail_store::LastUid(session, config_.mail.address, uid_validity));
          return absl::OkStatus();
        }));
    return last;
  };
  store.receive = [this](const InboundMail& mail) {
    if (stopping_) return absl::CancelledError("stopping");  // it comes again at the next start
    const absl::Time now = base_->clock().Now();
    // A repeat after an unknown commit finds the mail recorded.
    return pg::InTransaction(
        base_->pool(), absl::Now() + kStoreMailWithin,
        [&](pg::Session& session) { return app::ReceiveMail(session, mail, config_.settings, now); },
        pg::OnUnknownCommit::kRerun);
  };
  return store;
}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  // Before any other thread: libcurl asks for it.
  static const CURLcode curl_ready = curl_global_init(CURL_GLOBAL_ALL);
  if (curl_ready != CURLE_OK) return absl::InternalError("libcurl does not start");
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<service::Base> base, service::Base::Make("referral", config.service));
  std::unique_ptr<Assembly> made(new Assembly(config, std::move(base)));
  XXT_RETURN_IF_ERROR(made->front_.Serve({&made->bodies_, &made->referrals_}));
  if (!config.mail.address.empty()) {
    made->mail_loop_ = std::make_unique<MailLoop>(made->config_.mail, made->MailStore());
  }
  return made;
}

void Assembly::Drain() {
  front_.Drain([this] { stopping_ = true; });
  mail_loop_.reset();
}

}  // namespace xxt::referral
