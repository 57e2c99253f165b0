#include "services/referral/api/referral_service.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "common/events/events.h"
#include "common/identifiers/resource_name.h"
#include "common/rpc/page.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/api/convert.h"
#include "services/referral/app/lookups.h"
#include "services/referral/app/mails.h"
#include "services/referral/app/referrals.h"

namespace xxt::referral {

using rpc::Call;

namespace {

constexpr std::int32_t kMostRead = 1 << 20;  // of an attachment, in one answer

}  // namespace

grpc::ServerUnaryReactor* ReferralService::CreateReferral(grpc::CallbackServerContext* context,
                                                          const v1::CreateReferralRequest* ask, v1::Referral* answer) {
  return edge_.Change(
      context, ask, answer,
      [this](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const Referral input, FromProto(request.referral()));
        XXT_RETURN_IF_ERROR(app::CheckDisclosure(input, call.now));
        // Before the first question to the store: no connection waits for intake.
        XXT_ASSIGN_OR_RETURN(const CaseSeen seen, look_up_case_(input.case_name(), call.deadline));
        XXT_ASSIGN_OR_RETURN(const Referral referral,
                             app::CreateReferral(session, call.caller, keys_, input, seen, call.now));
        ToProto(referral, &response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ReferralService::GetReferral(grpc::CallbackServerContext* context,
                                                       const v1::GetReferralRequest* ask, v1::Referral* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
                      XXT_ASSIGN_OR_RETURN(const Referral referral, app::GetReferral(session, call.caller, id));
                      ToProto(referral, &response);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* ReferralService::ListReferrals(grpc::CallbackServerContext* context,
                                                         const v1::ListReferralsRequest* ask,
                                                         v1::ListReferralsResponse* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from,
                                           rpc::ReadPage(call, request, {paging::Part::kTime, paging::Part::kUuid}));
                      std::string case_id;
                      if (!request.case_name().empty()) {
                        XXT_ASSIGN_OR_RETURN(case_id, ParseId(request.case_name(), "cases", "case_name"));
                      }
                      // The position comes first: what changes while the list is read is told again by the watch.
                      XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(session));
                      XXT_ASSIGN_OR_RETURN(const app::Page<Referral> page,
                                           app::ListReferrals(session, call.caller, case_id, request.include_ended(),
                                                              from.after, from.size));
                      for (const Referral& referral : page.items) ToListProto(referral, response.add_referrals());
                      if (!page.next.empty()) response.set_next_page_token(from.TokenAfter(page.next));
                      response.set_resume_token(place.ToToken());
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* ReferralService::CreateEntry(grpc::CallbackServerContext* context,
                                                       const v1::CreateEntryRequest* ask, v1::Entry* answer) {
  return edge_.Change(context, ask, answer,
                      [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.parent(), "referrals", "parent"));
                        XXT_ASSIGN_OR_RETURN(const EntryContent content, FromProto(request.entry()));
                        std::optional<absl::Time> occur_time;
                        if (request.entry().has_occur_time()) occur_time = rpc::FromProto(request.entry().occur_time());
                        XXT_ASSIGN_OR_RETURN(const Entry entry,
                                             app::CreateEntry(session, call.caller, id, content, occur_time, call.now));
                        ToProto(entry, &response);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* ReferralService::GetEntry(grpc::CallbackServerContext* context,
                                                    const v1::GetEntryRequest* ask, v1::Entry* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      const auto ids = identifiers::ParseChildName(request.name(), "referrals", "entries");
                      if (!ids.ok()) {
                        return errors::FieldInvalid("name", "名称格式不对", "must be referrals/{uuid}/entries/{uuid}");
                      }
                      XXT_ASSIGN_OR_RETURN(const Entry entry,
                                           app::GetEntry(session, call.caller, ids->parent_id, ids->id));
                      ToProto(entry, &response);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* ReferralService::ListEntries(grpc::CallbackServerContext* context,
                                                       const v1::ListEntriesRequest* ask,
                                                       v1::ListEntriesResponse* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.parent(), "referrals", "parent"));
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from, rpc::ReadPage(call, request, {paging::Part::kNumber}));
                      XXT_ASSIGN_OR_RETURN(const app::Page<Entry> page,
                                           app::ListEntries(session, call.caller, id, from.after, from.size));
                      for (const Entry& entry : page.items) ToProto(entry, response.add_entries());
                      if (!page.next.empty()) response.set_next_page_token(from.TokenAfter(page.next));
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* ReferralService::RecordReply(grpc::CallbackServerContext* context,
                                                       const v1::RecordReplyRequest* ask, v1::Referral* answer) {
  return edge_.Change(context, ask, answer,
                      [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
                        XXT_ASSIGN_OR_RETURN(const Referral referral,
                                             app::RecordReply(session, call.caller, id, FromProto(request.reply()),
                                                              request.etag(), call.now));
                        ToProto(referral, &response);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* ReferralService::SetCutOff(grpc::CallbackServerContext* context,
                                                     const v1::SetCutOffRequest* ask, v1::Referral* answer) {
  return edge_.Change(context, ask, answer,
                      [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
                        XXT_ASSIGN_OR_RETURN(const RuleNoteIds note, ParseRuleNote(request.rule_note(), "rule_note"));
                        XXT_ASSIGN_OR_RETURN(
                            const Referral referral,
                            app::SetCutOff(session, call.caller, id, note.body_id, note.id,
                                           rpc::FromProto(request.anchor_day()), request.etag(), call.now));
                        ToProto(referral, &response);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* ReferralService::CancelReferral(grpc::CallbackServerContext* context,
                                                          const v1::CancelReferralRequest* ask, v1::Referral* answer) {
  return edge_.Change(context, ask, answer,
                      [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(request.name(), "referrals", "name"));
                        XXT_ASSIGN_OR_RETURN(
                            const Referral referral,
                            app::CancelReferral(session, call.caller, id, request.reason(), request.etag(), call.now));
                        ToProto(referral, &response);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* ReferralService::GetAttachment(grpc::CallbackServerContext* context,
                                                         const v1::GetAttachmentRequest* ask,
                                                         v1::GetAttachmentResponse* answer) {
  return edge_.Read(
      context, ask, answer,
      [this](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const AttachmentIds ids, ParseAttachment(request.name(), "name"));
        const std::int64_t limit = request.read_limit() == 0 ? kMostRead : std::min(request.read_limit(), kMostRead);
        XXT_ASSIGN_OR_RETURN(const app::ReadFile read, app::GetAttachment(session, call.caller, settings_,
                                                                          {ids.referral_id, ids.mail_id, ids.number},
                                                                          request.read_offset(), limit));
        const std::string mail = request.name().substr(0, request.name().rfind("/attachments/"));
        ToProto(read.attachment, mail, ids.number, response.mutable_attachment());
        response.set_content(read.content);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ReferralService::ListUnmatchedMails(grpc::CallbackServerContext* context,
                                                              const v1::ListUnmatchedMailsRequest* ask,
                                                              v1::ListUnmatchedMailsResponse* answer) {
  return edge_.Read(
      context, ask, answer,
      [this](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
        XXT_RETURN_IF_ERROR(app::CheckDesk(call.caller, settings_, "unmatchedMails"));
        XXT_ASSIGN_OR_RETURN(const rpc::Page from,
                             rpc::ReadPage(call, request, {paging::Part::kTime, paging::Part::kUuid}));
        XXT_ASSIGN_OR_RETURN(const app::Page<UnmatchedMail> page,
                             app::ListUnmatchedMails(session, from.after, from.size));
        for (const UnmatchedMail& mail : page.items) ToProto(mail, response.add_unmatched_mails());
        if (!page.next.empty()) response.set_next_page_token(from.TokenAfter(page.next));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ReferralService::FileUnmatchedMail(grpc::CallbackServerContext* context,
                                                             const v1::FileUnmatchedMailRequest* ask,
                                                             v1::FileUnmatchedMailResponse* answer) {
  return edge_.Change(
      context, ask, answer,
      [this](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
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
        XXT_ASSIGN_OR_RETURN(
            const std::optional<Entry> entry,
            app::FileUnmatchedMail(session, call.caller, id, referral_id, reason, settings_, call.now));
        if (entry.has_value()) ToProto(*entry, response.mutable_entry());
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ReferralService::WatchReferrals(grpc::CallbackServerContext* context,
                                                                            const grpc::ByteBuffer* request) {
  return watcher_.Watch<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(
      context, request,
      [](pg::Session& session, const identity::Caller& caller, const std::string& name) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const std::string id, ParseId(name, "referrals", "name"));
        return app::GetReferral(session, caller, id).status();
      });
}

}  // namespace xxt::referral
