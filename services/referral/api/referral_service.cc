#include "services/referral/api/referral_service.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/row.h"
#include "services/referral/app/mails.h"
#include "services/referral/app/referrals.h"
#include "services/referral/cut_off/cut_off.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/storage/mail_store.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

namespace xxt::referral {
namespace {

constexpr std::int32_t kMostRead = 1 << 20;  // of an attachment, in one response

absl::Status Get(Tx& tx, const v1::GetReferralRequest& request, v1::Referral& found) {
  return tx.Get(referrals::kReferrals, request.name(), &found);
}

absl::Status MayWatch(Tx& tx, const std::string& name) {
  v1::Referral found;
  return tx.Get(referrals::kReferrals, name, &found);
}

absl::Status GetEntry(Tx& tx, const v1::GetEntryRequest& request, v1::Entry& found) {
  return tx.Get(entry::kEntries, request.name(), &found);
}

absl::Status ListEntries(Tx& tx, const v1::ListEntriesRequest& request, v1::ListEntriesResponse& response) {
  return tx.List(entry::kEntries, "of_referral", request, &response);
}

// The mail that has a file, as it lists its files, and the key that seals them.
struct Holder {
  v1::Mail mail;
  store::RootKey key;
};

absl::StatusOr<Holder> HolderOf(const seal::Keyring& keys, const app::Settings& settings, Tx& tx,
                                absl::string_view name) {
  if (absl::StartsWith(name, "unmatchedMails/")) {
    XXT_RETURN_IF_ERROR(app::CheckDesk(tx.caller, settings, name));
    XXT_ASSIGN_OR_RETURN(const UnmatchedMail unmatched,
                         mail_store::GetUnmatched(tx.session, referrals::IdOf(name)));
    Holder holder{{}, store::RootKey::Of(keys, unmatched.name(), unmatched.key)};
    for (const Attachment& file : unmatched.attachments) {
      *holder.mail.add_attachments() = entry::AttachmentOf(file, name, holder.mail.attachments_size() + 1);
    }
    return holder;
  }
  v1::Entry found;
  XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &found));
  XXT_ASSIGN_OR_RETURN(store::RootKey key, referrals::KeyOf(tx.session, keys, name));
  return Holder{found.mail(), std::move(key)};
}

absl::Status GetAttachment(const seal::Keyring& keys, const app::Settings& settings, Tx& tx,
                           const v1::GetAttachmentRequest& request, v1::GetAttachmentResponse& response) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(request.name(), "/attachments/");
  int number = 0;
  if (!absl::SimpleAtoi(parts.second, &number) || number == 0) {
    return errors::FieldInvalid("name", "名称格式不对", "not a name of an attachment");
  }
  XXT_ASSIGN_OR_RETURN(Holder holder, HolderOf(keys, settings, tx, parts.first));
  if (number > holder.mail.attachments_size()) {
    return errors::NotFound("referral.xixinting/Attachment", request.name());
  }
  const std::int64_t limit = request.read_limit() == 0 ? kMostRead : std::min(request.read_limit(), kMostRead);
  XXT_ASSIGN_OR_RETURN(*response.mutable_content(), mail::ReadFile(tx.session, holder.key, parts.first, number,
                                                                   request.read_offset(), limit));
  *response.mutable_attachment() = std::move(*holder.mail.mutable_attachments(number - 1));
  return absl::OkStatus();
}

absl::Status GetUnmatched(const app::Settings& settings, Tx& tx, const v1::GetUnmatchedMailRequest& request,
                          v1::UnmatchedMail& response) {
  XXT_RETURN_IF_ERROR(app::CheckDesk(tx.caller, settings, request.name()));
  XXT_ASSIGN_OR_RETURN(const UnmatchedMail found,
                       mail_store::GetUnmatched(tx.session, referrals::IdOf(request.name())));
  app::ToProto(found, &response);
  return absl::OkStatus();
}

absl::Status ListUnmatched(const app::Settings& settings, Tx& tx, const v1::ListUnmatchedMailsRequest& request,
                           v1::ListUnmatchedMailsResponse& response) {
  XXT_RETURN_IF_ERROR(app::CheckDesk(tx.caller, settings, "unmatchedMails"));
  XXT_ASSIGN_OR_RETURN(const store::Page page, tx.PageOf(request, {paging::Part::kTime, paging::Part::kUuid}));
  std::optional<absl::Time> after;
  if (!page.after.empty()) after = paging::TimeOf(page.after[0]);
  XXT_ASSIGN_OR_RETURN(std::vector<UnmatchedMail> mails,
                       mail_store::ListUnmatched(tx.session, after, page.after.empty() ? "" : page.after[1],
                                                 page.size + 1));
  const bool more = mails.size() > static_cast<std::size_t>(page.size);
  if (more) mails.resize(static_cast<std::size_t>(page.size));
  for (const UnmatchedMail& mail : mails) app::ToProto(mail, response.add_unmatched_mails());
  if (!more) return absl::OkStatus();
  const paging::Key next = {paging::PartOf(mails.back().receive_time), mails.back().id};
  response.set_next_page_token(paging::MakeToken(page.scope, next));
  return absl::OkStatus();
}

// Watches write bytes that they share.
using Served = v1::ReferralService::WithRawCallbackMethod_WatchReferrals<v1::ReferralService::CallbackService>;

class Referrals final : public Served {
 public:
  Referrals(edge::Edge& edge, const Intake& intake) : edge_(edge), intake_(intake) {}
  XXT_CHANGE(CreateReferral, Referral, std::bind_front(app::Create, std::cref(intake_)))
  XXT_READ(GetReferral, Referral, Get)
  XXT_READ(ListReferrals, ListReferralsResponse, referrals::List)
  XXT_CHANGE(RecordReply, Referral, app::RecordReply)
  XXT_CHANGE(SetCutOff, Referral, cut_off::Set)
  XXT_CHANGE(CancelReferral, Referral, app::Cancel)
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReferrals(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override {
    return edge_.Watch<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(context, request, MayWatch);
  }

 private:
  edge::Edge& edge_;
  const Intake& intake_;
};

class Entries final : public edge::Serves<v1::EntryService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateEntry, Entry, app::CreateEntry)
  XXT_READ(GetEntry, Entry, referral::GetEntry)
  XXT_READ(ListEntries, ListEntriesResponse, referral::ListEntries)
};

class Mails final : public v1::MailService::CallbackService {
 public:
  Mails(edge::Edge& edge, const seal::Keyring& keys, const app::Settings& settings)
      : edge_(edge), keys_(keys), settings_(settings) {}
  XXT_READ(GetAttachment, GetAttachmentResponse,
           std::bind_front(referral::GetAttachment, std::cref(keys_), std::cref(settings_)))
  XXT_READ(GetUnmatchedMail, UnmatchedMail, std::bind_front(GetUnmatched, std::cref(settings_)))
  XXT_READ(ListUnmatchedMails, ListUnmatchedMailsResponse, std::bind_front(ListUnmatched, std::cref(settings_)))
  XXT_CHANGE(FileUnmatchedMail, FileUnmatchedMailResponse,
             std::bind_front(app::FileUnmatchedMail, std::cref(keys_), std::cref(settings_)))

 private:
  edge::Edge& edge_;
  const seal::Keyring& keys_;
  const app::Settings& settings_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeServices(edge::Edge& edge, const seal::Keyring& keys,
                                                         const app::Settings& settings, const Intake& intake) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<Referrals>(edge, intake));
  services.push_back(std::make_unique<Entries>(edge));
  services.push_back(std::make_unique<Mails>(edge, keys, settings));
  return services;
}

}  // namespace xxt::referral
