#include "common/status/errors.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "common/identifiers/uuid.h"
#include "google/rpc/error_details.pb.h"
#include "xixinting/common/v1/error_reason.pb.h"

namespace xxt::errors {
namespace {

using Reason = ::xixinting::common::v1::ErrorReason;

constexpr absl::string_view kDomain = "xixinting";
constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

std::string ReasonName(Reason reason) {
  return ::xixinting::common::v1::ErrorReason_Name(reason).substr(std::string("ERROR_REASON_").size());
}

void Attach(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(absl::StrCat(std::string(kTypePrefix), detail.GetTypeName()),
                    absl::Cord(detail.SerializeAsString()));
}

void AttachChinese(absl::Status& status, absl::string_view zh) {
  google::rpc::LocalizedMessage localized;
  localized.set_locale("zh-CN");
  localized.set_message(std::string(zh));
  Attach(status, localized);
}

absl::Status Make(absl::StatusCode code, Reason reason, const std::string& zh, const std::string& en,
                  const std::map<std::string, std::string>& metadata = {}) {
  absl::Status status(code, en);
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonName(reason));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(status, info);
  AttachChinese(status, zh);
  return status;
}

void AttachRetry(absl::Status& status, absl::Duration after) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(after));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(after - absl::Seconds(absl::ToInt64Seconds(after)))));
  Attach(status, retry);
}

absl::Status Resource(absl::StatusCode code, Reason reason, const std::string& zh, const std::string& en,
                      absl::string_view type, absl::string_view name,
                      std::map<std::string, std::string> metadata = {}) {
  metadata.emplace("resource", name);
  absl::Status status = Make(code, reason, zh, en, metadata);
  google::rpc::ResourceInfo info;
  info.set_resource_type(std::string(type));
  info.set_resource_name(std::string(name));
  Attach(status, info);
  return status;
}

absl::Status Precondition(Reason reason, const std::string& zh, const std::string& en, absl::string_view subject,
                          const std::vector<Violation>& missing) {
  absl::Status status =
      Make(absl::StatusCode::kFailedPrecondition, reason, zh, en, {{"resource", std::string(subject)}});
  google::rpc::PreconditionFailure failure;
  for (const Violation& violation : missing) {
    auto* item = failure.add_violations();
    item->set_type(violation.field);
    item->set_subject(std::string(subject));
    item->set_description(absl::StrCat(violation.zh, " / ", violation.en));
  }
  Attach(status, failure);
  return status;
}

// As many of `found` as fit into what every client accepts (8 kB of metadata,
// encoded, for three times these texts); the last one then tells how many more
// there are. `rest` is its field.
std::vector<Violation> Shown(std::vector<Violation> found, const char* rest) {
  constexpr std::size_t kMostBytes = 1200;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    bytes += found[i].field.size() + found[i].zh.size() + found[i].en.size();
    if (bytes <= kMostBytes || i == 0) continue;
    const std::size_t more = found.size() - i;
    found.resize(i);
    found.push_back({rest, absl::StrCat("另有 ", more, " 项"), absl::StrCat("and ", more, " more")});
    break;
  }
  return found;
}

template <typename Detail>
absl::optional<Detail> Read(const absl::Status& status) {
  const auto payload = status.GetPayload(absl::StrCat(std::string(kTypePrefix), Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return absl::nullopt;
  return detail;
}

}  // namespace

absl::Status FieldsInvalid(std::vector<Violation> all) {
  const std::vector<Violation> violations = Shown(std::move(all), "");
  std::string zh = "填写有误";
  std::string en = "invalid field";
  google::rpc::BadRequest bad;
  for (std::size_t i = 0; i < violations.size(); ++i) {
    const Violation& violation = violations[i];
    auto* item = bad.add_field_violations();
    item->set_field(violation.field);
    item->set_description(absl::StrCat(violation.zh, " / ", violation.en));
    const char* space = violation.field.empty() ? "" : " ";
    absl::StrAppend(&zh, i == 0 ? "：" : "；", violation.field, space, violation.zh);
    absl::StrAppend(&en, i == 0 ? ": " : "; ", violation.field, space, violation.en);
  }
  absl::Status status =
      Make(absl::StatusCode::kInvalidArgument, ::xixinting::common::v1::ERROR_REASON_FIELD_INVALID, zh, en);
  Attach(status, bad);
  return status;
}

absl::Status FieldInvalid(std::string field, std::string zh, std::string en) {
  return FieldsInvalid({{std::move(field), std::move(zh), std::move(en)}});
}

absl::Status PageTokenInvalid() {
  constexpr char kZh[] = "翻页标记无效，请从第一页重新查询";
  constexpr char kEn[] = "page_token was not made by this method for this request";
  absl::Status status =
      Make(absl::StatusCode::kInvalidArgument, ::xixinting::common::v1::ERROR_REASON_PAGE_TOKEN_INVALID, kZh, kEn);
  google::rpc::BadRequest bad;
  auto* item = bad.add_field_violations();
  item->set_field("page_token");
  item->set_description(absl::StrCat(kZh, " / ", kEn));
  Attach(status, bad);
  return status;
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return Make(absl::StatusCode::kInvalidArgument, ::xixinting::common::v1::ERROR_REASON_REQUEST_ID_REUSED,
              "同一请求编号已用于另一内容，请换一个新的请求编号",
              "request_id was used before with another body; make a new one",
              {{"request_id", std::string(request_id)}});
}

absl::Status NotFound(absl::string_view type, absl::string_view name) {
  const std::optional<identifiers::Cell> named = identifiers::CellOf(name);
  if (named.has_value() && named != identifiers::OwnCell()) {
    const std::string cell = identifiers::CellName(*named);
    return Resource(absl::StatusCode::kNotFound, ::xixinting::common::v1::ERROR_REASON_OTHER_CELL,
                    absl::StrCat("没有找到 ", name, "：它的编号写明另一个单元 ", cell, "，请到那里查"),
                    absl::StrCat(name, " is not here: its id names cell ", cell, "; ask there"), type, name,
                    {{"cell", cell}});
  }
  return Resource(absl::StatusCode::kNotFound, ::xixinting::common::v1::ERROR_REASON_RESOURCE_NOT_FOUND,
                  absl::StrCat("没有找到 ", name), absl::StrCat(name, " does not exist"), type, name);
}

absl::Status AlreadyExists(absl::string_view type, absl::string_view name) {
  return Resource(absl::StatusCode::kAlreadyExists, ::xixinting::common::v1::ERROR_REASON_RESOURCE_EXISTS,
                  absl::StrCat(name, " 已经存在"), absl::StrCat(name, " exists already"), type, name);
}

absl::Status EtagMismatch(absl::string_view name) {
  return Make(absl::StatusCode::kAborted, ::xixinting::common::v1::ERROR_REASON_ETAG_MISMATCH,
              "内容已被他人改动，请重新查看后再办", absl::StrCat(name, " has changed; read it again"),
              {{"resource", std::string(name)}});
}

absl::Status StateForbids(absl::string_view name, std::string zh, std::string en) {
  const std::vector<Violation> violations = {{"STATE", zh, en}};
  return Precondition(::xixinting::common::v1::ERROR_REASON_STATE_FORBIDS, zh, en, name, violations);
}

absl::Status PersonalDataErased(absl::string_view name) {
  const Violation violation = {"PERSONAL_DATA", "个人信息已删除，不能再写入",
                               "what was personal is erased, and nothing personal may be added"};
  return Precondition(::xixinting::common::v1::ERROR_REASON_PERSONAL_DATA_ERASED, violation.zh, violation.en, name,
                      {violation});
}

absl::Status ClosureIncomplete(absl::string_view name, std::vector<Violation> all) {
  const std::vector<Violation> missing = Shown(std::move(all), "MORE");
  std::string zh = "还不能办结";
  std::string en = "the case cannot be closed yet";
  for (std::size_t i = 0; i < missing.size(); ++i) {
    absl::StrAppend(&zh, i == 0 ? "：" : "；", missing[i].zh);
    absl::StrAppend(&en, i == 0 ? ": " : "; ", missing[i].en);
  }
  return Precondition(::xixinting::common::v1::ERROR_REASON_CLOSURE_INCOMPLETE, zh, en, name, missing);
}

absl::Status SecondReviewerNeeded(absl::string_view name) {
  const Violation violation = {"REVIEWER", "须由提出人、首接负责人以外的同事复核",
                               "the reviewer must be neither the proposer nor, for a no, the owner"};
  return Precondition(::xixinting::common::v1::ERROR_REASON_SECOND_REVIEWER_NEEDED, violation.zh, violation.en, name,
                      {violation});
}

absl::Status LawfulBasisMissing(absl::string_view field) {
  const Violation violation = {std::string(field), "该项信息没有提供给外单位的合法依据，请先补记依据或删去该项",
                               "no recorded lawful basis covers this field; record one or leave the field out"};
  return Precondition(::xixinting::common::v1::ERROR_REASON_LAWFUL_BASIS_MISSING, violation.zh, violation.en, field,
                      {violation});
}

absl::Status NobodyOnDuty(absl::string_view hall) {
  const Violation violation = {"ROTA", "该大厅没有排班，请值班长先排班", "the hall has no rota ahead; plan one first"};
  return Precondition(::xixinting::common::v1::ERROR_REASON_NOBODY_ON_DUTY, violation.zh, violation.en, hall,
                      {violation});
}

absl::Status LeaseLost(absl::string_view task) {
  const Violation violation = {"LEASE", "该任务已不在您手中，请重新领取",
                               "the lease has ended or somebody else has it"};
  return Precondition(::xixinting::common::v1::ERROR_REASON_LEASE_LOST, violation.zh, violation.en, task, {violation});
}

absl::Status ResponseGone(absl::string_view root) {
  constexpr char kZh[] = "这个请求此前已经办成；其中的个人信息后来已删除，当时的答复不再保存，不必再办";
  constexpr char kEn[] = "this request was done before; what was personal is erased since, and so is its response";
  const std::vector<Violation> violations = {{"RESPONSE", kZh, kEn}};
  return Precondition(::xixinting::common::v1::ERROR_REASON_RESPONSE_GONE, kZh, kEn, root, violations);
}

absl::Status TemplateParameterInvalid(absl::string_view parameter, std::string zh, std::string en) {
  return Precondition(::xixinting::common::v1::ERROR_REASON_TEMPLATE_PARAMETER_INVALID, zh, en, parameter,
                      {{std::string(parameter), zh, en}});
}

absl::Status ResumeTokenExpired() {
  return Make(absl::StatusCode::kOutOfRange, ::xixinting::common::v1::ERROR_REASON_RESUME_TOKEN_EXPIRED,
              "续传标记已失效，请重新列出后再继续", "the resume token is unknown or too old; list again, then watch");
}

absl::Status TokenInvalid(absl::string_view why) {
  return Make(absl::StatusCode::kUnauthenticated, ::xixinting::common::v1::ERROR_REASON_TOKEN_INVALID,
              "身份凭证无效或已过期，请重新登录", absl::StrCat("token refused: ", why));
}

absl::Status RoleMissing(absl::string_view method) {
  return Make(absl::StatusCode::kPermissionDenied, ::xixinting::common::v1::ERROR_REASON_ROLE_MISSING,
              "您的岗位不能办理此项", absl::StrCat("none of your roles may call ", method),
              {{"method", std::string(method)}});
}

absl::Status OtherHall(absl::string_view name) {
  return Make(absl::StatusCode::kPermissionDenied, ::xixinting::common::v1::ERROR_REASON_OTHER_HALL, "这属于其他大厅",
              absl::StrCat(name, " belongs to another hall"), {{"resource", std::string(name)}});
}

absl::Status PeerMismatch() {
  return Make(absl::StatusCode::kPermissionDenied, ::xixinting::common::v1::ERROR_REASON_PEER_MISMATCH,
              "此凭证不能从这个连接使用", "the token is not accepted from the peer of this connection");
}

absl::Status AtCapacity(absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kResourceExhausted, ::xixinting::common::v1::ERROR_REASON_AT_CAPACITY,
                             "系统繁忙，请稍候再试", "the server is at capacity");
  AttachRetry(status, retry_after);
  return status;
}

absl::Status StoreUnavailable(absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kUnavailable, ::xixinting::common::v1::ERROR_REASON_STORE_UNAVAILABLE,
                             "数据库暂时连不上，请稍候再试", "the store cannot be reached");
  AttachRetry(status, retry_after);
  return status;
}

absl::Status SealKeysUnchecked(absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kUnavailable, ::xixinting::common::v1::ERROR_REASON_STORE_UNAVAILABLE,
                             "密钥文件与数据库不符，或尚未核对，请稍候再试；一直如此请联系运维",
                             "seal.key_file is not known to be this database's; if that stays so, the log says why");
  AttachRetry(status, retry_after);
  return status;
}

absl::Status StoreConflict(absl::string_view statement, absl::Duration retry_after) {
  absl::Status status =
      Make(absl::StatusCode::kAborted, ::xixinting::common::v1::ERROR_REASON_STORE_CONFLICT,
           "有人正在修改同一内容，请稍候再试", absl::StrCat("another change holds the same rows at ", statement));
  AttachRetry(status, retry_after);
  return status;
}

absl::Status PeerUnavailable(absl::string_view peer, absl::Duration retry_after) {
  absl::Status status =
      Make(absl::StatusCode::kUnavailable, ::xixinting::common::v1::ERROR_REASON_PEER_UNAVAILABLE,
           "对方系统暂时连不上，请稍候再试", absl::StrCat(peer, " cannot be reached"), {{"peer", std::string(peer)}});
  AttachRetry(status, retry_after);
  return status;
}

absl::Status OutcomeUnknown() {
  return Make(absl::StatusCode::kUnknown, ::xixinting::common::v1::ERROR_REASON_OUTCOME_UNKNOWN,
              "结果未知，请用同一请求编号再试一次", "the outcome is unknown; repeat with the same request_id");
}

absl::Status DeadlineExceeded(absl::string_view waiting_for) {
  return Make(absl::StatusCode::kDeadlineExceeded, ::xixinting::common::v1::ERROR_REASON_DEADLINE,
              "办理超时，请再试一次", absl::StrCat("no time left while waiting for ", waiting_for));
}

absl::Status Internal(absl::string_view where) {
  return Make(absl::StatusCode::kInternal, ::xixinting::common::v1::ERROR_REASON_INTERNAL,
              "系统内部错误，已记录，请联系运维", absl::StrCat("internal error at ", where));
}

absl::Status NewerState(absl::string_view where) {
  return Make(absl::StatusCode::kInternal, ::xixinting::common::v1::ERROR_REASON_INTERNAL,
              "它的状态由更新版本的系统写入，这里还不认识，请稍候再试；一直如此请联系运维",
              absl::StrCat("internal error at ", where, ": its state is one of a newer version; try again"));
}

absl::Status InBothLanguages(absl::StatusCode code, absl::string_view zh, absl::string_view en) {
  absl::Status status(code, en);
  AttachChinese(status, zh);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Read<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : "";
}

std::string LocalizedTextOf(const absl::Status& status) {
  const auto text = Read<google::rpc::LocalizedMessage>(status);
  return text.has_value() ? text->message() : "";
}

}  // namespace xxt::errors
