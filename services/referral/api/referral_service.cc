#include "services/referral/api/referral_service.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/events/events.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/api/convert.h"
#include "services/referral/app/lookups.h"
#include "services/referral/app/mails.h"
#include "services/referral/app/referrals.h"
#include "services/referral/entry/entry.h"
#include "xixinting/referral/v1/referral_service.grpc.pb.h"

namespace xxt::referral {
namespace {

constexpr std::int32_t kMostRead = 1 << 20;  // of an attachment, in one response

absl::Status Show(const absl::StatusOr<Referral>& referral, v1::Referral& response) {
  XXT_RETURN_IF_ERROR(referral.status());
  ToProto(*referral, &response);
  return absl::OkStatus();
}

absl::Status CreateReferral(const app::LookUpCase& look_up_case, Tx& tx, const v1::CreateReferralRequest& request,
                            v1::Referral& response) {
  XXT_ASSIGN_OR_RETURN(const Referral input, FromProto(request.referral()));
  XXT_RETURN_IF_ERROR(app::CheckDisclosure(input, tx.now));
  // Before the first question to the store: no connection waits for intake.
  XXT_ASSIGN_OR_RETURN(const CaseSeen seen, look_up_case(input.case_name(), tx.deadline));
  return Show(app::CreateReferral(tx, input, seen), response);
}

absl::Status GetReferral(Tx& tx, const v1::GetReferralRequest& request, v1::Referral& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
  return Show(app::GetReferral(tx, id), response);
}

absl::Status ListReferrals(Tx& tx, const v1::ListReferralsRequest& request, v1::ListReferralsResponse& response) {
  XXT_ASSIGN_OR_RETURN(const store::Page from, tx.PageOf(request, {paging::Part::kTime, paging::Part::kUuid}));
  std::string case_id;
  if (!request.case_name().empty()) {
    XXT_ASSIGN_OR_RETURN(case_id, ParseId(request.case_name(), "cases", "case_name"));
  }
  // The position comes first: what changes while the list is read is told again by the watch.
  XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(tx.session));
  XXT_ASSIGN_OR_RETURN(const app::Page<Referral> page,
                       app::ListReferrals(tx, case_id, request.include_ended(), from.after, from.size));
  for (const Referral& referral : page.items) ToListProto(referral, response.add_referrals());
  if (!page.next.empty()) response.set_next_page_token(paging::MakeToken(from.scope, page.next));
  response.set_resume_token(place.ToToken());
  return absl::OkStatus();
}

absl::Status CreateEntry(Tx& tx, const v1::CreateEntryRequest& request, v1::Entry& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.parent(), "referrals", "parent"));
  XXT_ASSIGN_OR_RETURN(response, app::CreateEntry(tx, id, request.entry()));
  return absl::OkStatus();
}

absl::Status GetEntry(Tx& tx, const v1::GetEntryRequest& request, v1::Entry& response) {
  return tx.Get(entry::kEntries, request.name(), &response);
}

absl::Status ListEntries(Tx& tx, const v1::ListEntriesRequest& request, v1::ListEntriesResponse& response) {
  return tx.List(entry::kEntries, "of_referral", request, &response);
}

absl::Status RecordReply(Tx& tx, const v1::RecordReplyRequest& request, v1::Referral& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
  return Show(app::RecordReply(tx, id, request.reply(), request.etag()), response);
}

absl::Status SetCutOff(Tx& tx, const v1::SetCutOffRequest& request, v1::Referral& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
  XXT_ASSIGN_OR_RETURN(const RuleNoteIds note, ParseRuleNote(request.rule_note(), "rule_note"));
  return Show(app::SetCutOff(tx, id, note.body_id, note.id, rpc::FromProto(request.anchor_day()), request.etag()),
              response);
}

absl::Status CancelReferral(Tx& tx, const v1::CancelReferralRequest& request, v1::Referral& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
  return Show(app::CancelReferral(tx, id, request.reason(), request.etag()), response);
}

absl::Status GetAttachment(const seal::Keyring& keys, const app::Settings& settings, Tx& tx,
                           const v1::GetAttachmentRequest& request, v1::GetAttachmentResponse& response) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(request.name(), "/attachments/");
  int number = 0;
  if (!absl::SimpleAtoi(parts.second, &number) || number == 0) {
    return errors::FieldInvalid("name", "名称格式不对", "not a name of an attachment");
  }
  const std::int64_t limit = request.read_limit() == 0 ? kMostRead : std::min(request.read_limit(), kMostRead);
  XXT_ASSIGN_OR_RETURN(app::ReadFile read,
                       app::GetAttachment(tx, keys, settings, parts.first, number, request.read_offset(), limit));
  *response.mutable_attachment() = std::move(read.attachment);
  response.set_content(std::move(read.content));
  return absl::OkStatus();
}

absl::Status ListUnmatchedMails(const app::Settings& settings, Tx& tx, const v1::ListUnmatchedMailsRequest& request,
                                v1::ListUnmatchedMailsResponse& response) {
  XXT_RETURN_IF_ERROR(app::CheckDesk(tx.caller, settings, "unmatchedMails"));
  XXT_ASSIGN_OR_RETURN(const store::Page from, tx.PageOf(request, {paging::Part::kTime, paging::Part::kUuid}));
  XXT_ASSIGN_OR_RETURN(const app::Page<UnmatchedMail> page, app::ListUnmatchedMails(tx.session, from.after, from.size));
  for (const UnmatchedMail& mail : page.items) ToProto(mail, response.add_unmatched_mails());
  if (!page.next.empty()) response.set_next_page_token(paging::MakeToken(from.scope, page.next));
  return absl::OkStatus();
}

absl::Status FileUnmatchedMail(const seal::Keyring& keys, const app::Settings& settings, Tx& tx,
                               const v1::FileUnmatchedMailRequest& request, v1::FileUnmatchedMailResponse& response) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "unmatchedMails", "name"));
  std::optional<std::string> referral_id;
  std::optional<std::string> reason;
  if (request.has_referral()) {
    XXT_ASSIGN_OR_RETURN(referral_id, ParseId(request.referral(), "referrals", "referral"));
  } else if (!request.set_aside_reason().empty()) {
    reason = request.set_aside_reason();
  } else {
    return errors::FieldInvalid("target", "请选择归档到哪件协查，或写明不办理的理由",
                                "exactly one of referral and set_aside_reason is required");
  }
  XXT_ASSIGN_OR_RETURN(std::optional<v1::Entry> filed,
                       app::FileUnmatchedMail(tx, keys, id, referral_id, reason, settings));
  if (filed.has_value()) *response.mutable_entry() = *std::move(filed);
  return absl::OkStatus();
}

absl::Status MayWatch(Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(name, "referrals", "name"));
  return app::GetReferral(tx, id).status();
}

// Watches write bytes that they share.
using Served = v1::ReferralService::WithRawCallbackMethod_WatchReferrals<v1::ReferralService::CallbackService>;

class Service final : public Served {
 public:
  Service(edge::Edge& edge, const seal::Keyring& keys, const app::Settings& settings, app::LookUpCase look_up_case)
      : edge_(edge), keys_(keys), settings_(settings), look_up_case_(std::move(look_up_case)) {}
  XXT_CHANGE(CreateReferral, Referral, std::bind_front(referral::CreateReferral, std::cref(look_up_case_)))
  XXT_READ(GetReferral, Referral, referral::GetReferral)
  XXT_READ(ListReferrals, ListReferralsResponse, referral::ListReferrals)
  XXT_CHANGE(CreateEntry, Entry, referral::CreateEntry)
  XXT_READ(GetEntry, Entry, referral::GetEntry)
  XXT_READ(ListEntries, ListEntriesResponse, referral::ListEntries)
  XXT_CHANGE(RecordReply, Referral, referral::RecordReply)
  XXT_CHANGE(SetCutOff, Referral, referral::SetCutOff)
  XXT_CHANGE(CancelReferral, Referral, referral::CancelReferral)
  XXT_READ(GetAttachment, GetAttachmentResponse,
           std::bind_front(referral::GetAttachment, std::cref(keys_), std::cref(settings_)))
  XXT_READ(ListUnmatchedMails, ListUnmatchedMailsResponse,
           std::bind_front(referral::ListUnmatchedMails, std::cref(settings_)))
  XXT_CHANGE(FileUnmatchedMail, FileUnmatchedMailResponse,
             std::bind_front(referral::FileUnmatchedMail, std::cref(keys_), std::cref(settings_)))
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReferrals(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override {
    return edge_.Watch<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(context, request, MayWatch);
  }

 private:
  edge::Edge& edge_;
  const seal::Keyring& keys_;
  const app::Settings& settings_;
  const app::LookUpCase look_up_case_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReferralService(edge::Edge& edge, const seal::Keyring& keys,
                                                   const app::Settings& settings, app::LookUpCase look_up_case) {
  return std::make_unique<Service>(edge, keys, settings, std::move(look_up_case));
}

}  // namespace xxt::referral
