#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/edge/noun.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/mail/outgoing.h"
#include "services/referral/mail/unmatched.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"

namespace xxt::referral {
namespace mail {
namespace {

constexpr std::int32_t kMostRead = 1 << 20;  // of an attachment, in one response

absl::Status Get(const Settings& settings, Tx& tx, const v1::GetUnmatchedMailRequest& request,
                 v1::UnmatchedMail& found) {
  XXT_RETURN_IF_ERROR(CheckDesk(tx, settings, request.name()));
  return tx.Get(kUnmatchedMails, request.name(), &found);
}

absl::Status List(const Settings& settings, Tx& tx, const v1::ListUnmatchedMailsRequest& request,
                  v1::ListUnmatchedMailsResponse& response) {
  XXT_RETURN_IF_ERROR(CheckDesk(tx, settings, "unmatchedMails"));
  return tx.List(kUnmatchedMails, "open", request, &response);
}

// The file `number` of the mail called `name`, as the mail lists it.
absl::Status Find(const Settings& settings, Tx& tx, absl::string_view name, int number, v1::Attachment& found) {
  v1::UnmatchedMail unmatched;
  v1::Entry entry;
  const bool filed = !absl::StartsWith(name, "unmatchedMails/");
  if (filed) {
    XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &entry));
  } else {
    XXT_RETURN_IF_ERROR(CheckDesk(tx, settings, name));
    XXT_RETURN_IF_ERROR(tx.Get(kUnmatchedMails, name, &unmatched));
  }
  const auto& listed = filed ? entry.mail().attachments() : unmatched.attachments();
  if (number > listed.size()) {
    return errors::NotFound("referral.xixinting/Attachment", absl::StrCat(name, "/attachments/", number));
  }
  found = listed[number - 1];
  return absl::OkStatus();
}

absl::Status GetFile(const seal::Keyring& keys, const Settings& settings, Tx& tx,
                     const v1::GetAttachmentRequest& request, v1::GetAttachmentResponse& response) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(request.name(), "/attachments/");
  int number = 0;
  if (!absl::SimpleAtoi(parts.second, &number) || number == 0) {
    return errors::FieldInvalid("name", "名称格式不对", "not a name of an attachment");
  }
  XXT_RETURN_IF_ERROR(Find(settings, tx, parts.first, number, *response.mutable_attachment()));
  const std::int64_t limit = request.read_limit() == 0 ? kMostRead : std::min(request.read_limit(), kMostRead);
  XXT_ASSIGN_OR_RETURN(*response.mutable_content(),
                       ReadFile(tx.session, keys, parts.first, number, request.read_offset(), limit));
  return absl::OkStatus();
}

class Service final : public v1::MailService::CallbackService {
 public:
  Service(edge::Edge& edge, const seal::Keyring* keys, const Settings* settings)
      : edge_(edge), keys_(*keys), settings_(*settings) {}
  XXT_READ(GetAttachment, GetAttachmentResponse, std::bind_front(GetFile, std::cref(keys_), std::cref(settings_)))
  XXT_READ(GetUnmatchedMail, UnmatchedMail, std::bind_front(Get, std::cref(settings_)))
  XXT_READ(ListUnmatchedMails, ListUnmatchedMailsResponse, std::bind_front(List, std::cref(settings_)))
  XXT_CHANGE(FileUnmatchedMail, FileUnmatchedMailResponse,
             std::bind_front(FileUnmatched, std::cref(keys_), std::cref(settings_)))

 private:
  edge::Edge& edge_;
  const seal::Keyring& keys_;
  const Settings& settings_;
};

}  // namespace
}  // namespace mail

edge::Slice MailSlice(const edge::Host& host, const mail::Parts& parts) {
  return {{mail::SendKind(host, parts.pool, parts.settings, parts.send)},
          {mail::UnmatchedKind()},
          {edge::ServiceOf<mail::Service>(&host.keys, &parts.settings)}};
}

}  // namespace xxt::referral
