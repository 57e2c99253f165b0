#include "tools/xxt/failure.h"

#include <google/rpc/error_details.pb.h>

#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/errors.h"

namespace xxt::cli {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";

struct Advice {
  std::string zh;
  std::string en;
};

// What to do about a reason. A reason that is not here says it itself.
const Advice& AdviceFor(const std::string& reason) {
  static const auto* const kAdvice = new std::map<std::string, Advice>{
      {"FIELD_INVALID", {"请按提示改正后再提交。", "Correct the fields named and try again."}},
      {"PAGE_TOKEN_INVALID", {"请从第一页重新列出。", "List again from the first page."}},
      {"REQUEST_ID_REUSED",
       {"用这个编号办过的可能已经办成：请先查看，没办成再去掉 --request-id 重新办理。",
        "What came with this id earlier may be done: look first, and leave --request-id away only if it is not."}},
      {"RESPONSE_GONE", {"已经办成，不必再办；请用 get 查看。", "It is done; look at it with `get`."}},
      {"RESOURCE_NOT_FOUND", {"请核对名称，可先用 list 列出。", "Check the name; `list` shows what there is."}},
      {"ETAG_MISMATCH", {"请重新查看，再决定是否还要改。", "Read it again, then decide again."}},
      {"STATE_FORBIDS", {"请先用 get 看现在的状态。", "Look at its state with `get` first."}},
      {"PERSONAL_DATA_ERASED",
       {"个人信息已删除，不能再写入；其余内容仍可改动。",
        "What was personal is erased; the rest may still be changed."}},
      {"CLOSURE_INCOMPLETE", {"请把上面所列的补齐或了结后再提。", "Add or settle what is listed, then ask again."}},
      {"SECOND_REVIEWER_NEEDED", {"请另一位同事复核。", "Ask a colleague to review it."}},
      {"LAWFUL_BASIS_MISSING", {"请补记依据，或不提供该项信息。", "Record a basis, or leave the field out."}},
      {"NOBODY_ON_DUTY", {"请值班长排班：xxt rota replace。", "Plan the rota: `xxt rota replace`."}},
      {"LEASE_LOST", {"请重新领取：xxt task lease。", "Take the task again: `xxt task lease`."}},
      {"RESUME_TOKEN_EXPIRED", {"请重新列出后再继续关注。", "List again, then watch from the new token."}},
      {"TOKEN_INVALID",
       {"请核对 --as 与 keys_dir；xxt doctor 可查原因。", "Check --as and keys_dir; `xxt doctor` finds out why."}},
      {"ROLE_MISSING", {"请换有权限的同事办理（--as）。", "Act as somebody who may (--as)."}},
      {"STORE_CONFLICT", {"请稍候用同一 --request-id 再试。", "Try again shortly, with the same --request-id."}},
      {"PEER_MISMATCH",
       {"请核对 context 的 tls：人员的凭证只能经 edge 或 toolbox 的证书使用，服务的凭证只能由该服务的证书使用。",
        "Check tls in the context: people's tokens come with the certificate of edge or toolbox, a service's with its "
        "own."}},
      {"OTHER_HALL", {"请联系该大厅的窗口。", "Ask that hall's window."}},
      {"OTHER_CELL", {"请在该单元的系统中查找。", "Look it up in that cell's system."}},
  };
  static const auto* const kNone = new Advice{};
  const auto found = kAdvice->find(reason);
  return found == kAdvice->end() ? *kNone : found->second;
}

const Advice& AdviceFor(absl::StatusCode code) {
  static const auto* const kRepeat =
      new Advice{"可以稍后再试；xxt doctor 可查各服务是否正常。", "Try again later; `xxt doctor` checks the services."};
  static const auto* const kNone = new Advice{};
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
                 code == absl::StatusCode::kResourceExhausted
             ? *kRepeat
             : *kNone;
}

template <typename Detail>
bool Read(const absl::Status& status, Detail* detail) {
  const auto payload = status.GetPayload(absl::StrCat(kTypePrefix, Detail::descriptor()->full_name()));
  return payload.has_value() && detail->ParseFromString(std::string(*payload));
}

// The half of "中文 / English" that is wanted.
std::string Half(const std::string& text, Language language) {
  const std::size_t slash = text.find(" / ");
  if (slash == std::string::npos ||
      absl::c_all_of(text.substr(0, slash), [](unsigned char c) { return absl::ascii_isascii(c); }))
    return text;
  return language == Language::kChinese ? text.substr(0, slash) : text.substr(slash + 3);
}

std::string Sentence(const absl::Status& status, Language language) {
  const std::string text(status.message());
  if (language == Language::kEnglish) return text;
  if (const std::string zh = errors::LocalizedTextOf(status); !zh.empty()) return zh;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return absl::StrCat("服务暂时连不上（", text, "）");
    case absl::StatusCode::kDeadlineExceeded:
      return "等待超时";
    case absl::StatusCode::kCancelled:
      return "已中断";
    default:
      return text;
  }
}

template <typename Detail>
void Attach(const Detail& detail, absl::Status* status) {
  status->SetPayload(absl::StrCat(kTypePrefix, Detail::descriptor()->full_name()),
                     absl::Cord(detail.SerializeAsString()));
}

}  // namespace

bool IsWorthRepeating(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      return ReasonOf(status) == "STORE_CONFLICT";
  }
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      return kConflict;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kNotAllowed;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kUnavailable;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    case absl::StatusCode::kUnknown:
      return ReasonOf(status) == "OUTCOME_UNKNOWN" ? kUnavailable : kOther;
    default:
      return kOther;
  }
}

absl::Status Ill(absl::string_view zh, absl::string_view en) {
  return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, zh, en);
}

absl::Status About(absl::string_view where, const absl::Status& status) {
  const std::string zh = errors::LocalizedTextOf(status);
  return errors::InBothLanguages(status.code(), absl::StrCat(where, "：", zh.empty() ? status.message() : zh),
                                 absl::StrCat(where, ": ", status.message()));
}

absl::Status WithReason(absl::Status status) {
  if (status.ok() || !ReasonOf(status).empty()) return status;
  google::rpc::ErrorInfo info;
  info.set_domain("xxt");
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      info.set_reason("USAGE");
      break;
    case absl::StatusCode::kUnavailable:
      info.set_reason("UNREACHABLE");
      break;
    default:
      info.set_reason(absl::StatusCodeToString(status.code()));
  }
  Attach(info, &status);
  return status;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message().data(), status.message().size()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& value) {
    auto* detail = rpc.add_details();
    detail->set_type_url(std::string(type.data(), type.size()));
    detail->set_value(std::string(value));
  });
  return rpc;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  for (const auto& detail : status.details()) result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return result;
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return Read(status, &info) ? info.reason() : "";
}

std::vector<Fault> FaultsOf(const absl::Status& status) {
  std::vector<Fault> faults;
  google::rpc::BadRequest bad;
  if (Read(status, &bad)) {
    for (const auto& item : bad.field_violations()) faults.push_back({item.field(), item.description()});
  }
  google::rpc::PreconditionFailure failure;
  if (Read(status, &failure)) {
    for (const auto& item : failure.violations()) faults.push_back({item.type(), item.description()});
  }
  return faults;
}

std::string Describe(const absl::Status& status, Language language) {
  const bool chinese = language == Language::kChinese;
  const std::string reason = ReasonOf(status);
  std::string text = absl::StrCat(Sentence(status, language), "\n");
  if (!reason.empty()) absl::StrAppend(&text, chinese ? "  原因：" : "  reason: ", reason, "\n");
  for (const Fault& fault : FaultsOf(status)) {
    absl::StrAppend(&text, "  - ", fault.field, chinese ? "：" : ": ", Half(fault.text, language), "\n");
  }
  const Advice& by_reason = AdviceFor(reason);
  const Advice& advice = by_reason.en.empty() ? AdviceFor(status.code()) : by_reason;
  if (!advice.en.empty()) {
    absl::StrAppend(&text, chinese ? "  怎么办：" : "  what to do: ", chinese ? advice.zh : advice.en, "\n");
  }
  return text;
}

}  // namespace xxt::cli
