#include "tools/xxt/run_rpc.h"

#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identifiers/display_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/field.h"
#include "tools/xxt/schema.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

constexpr absl::Duration kWatchFor = absl::Minutes(35);  // the server ends a watch after 30

// The file fills the field `path` of the request, "." all of it.
absl::Status FillFromFile(const std::string& file, const std::string& path, pb::Message* request) {
  XXT_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<Json> value = ParseYaml(text);
  if (!value.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", std::string(value.status().message())));
  if (path == ".") return MergeJson(*value, request);
  return MergeJson(Json{{path, *value}}, request);
}

std::string FieldText(const pb::Message& message, const std::string& name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return "";
  return message.GetReflection()->GetString(message, field);
}

// Commands that read do not change anything, and need no repeating.
bool HasRequestId(const pb::Message& request) { return !FieldText(request, "request_id").empty(); }

void PrintResponse(const Session& session, const CommandSpec& command, const pb::Message& response) {
  const Settings& settings = session.settings();
  if (command.list.empty()) {
    std::cout << RenderMessage(response, command.text_field, settings.format, settings.style);
    return;
  }
  const pb::FieldDescriptor* field = response.GetDescriptor()->FindFieldByName(command.list);
  std::cout << RenderList(ItemsOf(response, command.list), *field->message_type(), command.columns, settings.format,
                          settings.style);
  if (const std::string next = FieldText(response, "next_page_token"); !next.empty()) {
    std::cerr << (session.chinese() ? "还有更多：--page-token " : "there is more: --page-token ") << next << "\n";
  }
}

// The case that a person knows by its display code, closed or not.
absl::StatusOr<std::string> NameOfCode(Session& session, const std::string& code) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, FindMethod("xixinting.intake.v1.CaseService/ListCases"));
  const std::unique_ptr<pb::Message> request = NewMessage(*method->input_type());
  XXT_RETURN_IF_ERROR(SetField(request.get(), "display_code", {code}, absl::Now()));
  const std::vector<std::string> any = ChoicesOf(*request->GetDescriptor()->FindFieldByName("states")->enum_type());
  XXT_RETURN_IF_ERROR(SetField(request.get(), "states", any, absl::Now()));
  XXT_ASSIGN_OR_RETURN(const auto response, rpc->Unary(*method, *request, session.OptionsFor(ServiceOf(*method))));
  const std::vector<const pb::Message*> found = ItemsOf(*response, "cases");
  if (found.size() == 1) return FieldText(*found.front(), "name");
  return absl::NotFoundError(absl::StrCat("没有受理号为 ", code, " 的诉求 / there is no case with the code ", code));
}

// Lets a case be named as people name it: by display code, id or name.
absl::Status ResolveCases(Session& session, const CommandSpec& command, Arguments* arguments) {
  for (const FlagSpec& flag : command.flags) {
    const auto given = arguments->values.find(flag.name);
    if (flag.prefix != "cases/" || given == arguments->values.end()) continue;
    for (std::string& text : given->second) {
      if (absl::StartsWith(text, flag.prefix) || identifiers::IsUuid(text)) continue;
      if (!identifiers::IsDisplayCode(text)) {
        return absl::InvalidArgumentError(absl::StrCat("“", text, "”不是受理号，也不是诉求编号；xxt case list 可查 / '",
                                                       text,
                                                       "' is neither a display code nor a case; see `xxt case list`"));
      }
      XXT_ASSIGN_OR_RETURN(text, NameOfCode(session, text));
    }
  }
  return absl::OkStatus();
}

// One line per event, as it comes.
void PrintEvents(const Session& session, const CommandSpec& command, const pb::Message& response) {
  const Settings& settings = session.settings();
  for (const pb::Message* event : ItemsOf(response, command.list)) {
    if (settings.format == Format::kJson) {
      std::cout << ToJson(*event, Names::kJson).dump() << "\n";
      continue;
    }
    const Json value = ToJson(*event, Names::kProto);
    std::string line;
    for (const std::string& column : command.columns) {
      absl::StrAppend(&line, line.empty() ? "" : "  ", CellOf(value, *event->GetDescriptor(), column, settings.style));
    }
    std::cout << line << "\n";
  }
  std::cout.flush();
}

// Watches until Ctrl-C; a lost connection is taken up from the last token.
absl::StatusOr<ExitCode> Watch(Session& session, const CommandSpec& command, const pb::MethodDescriptor& method,
                               pb::Message* request) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  CallOptions options = session.OptionsFor(ServiceOf(method));
  if (!session.settings().timeout_given) options.timeout = kWatchFor;
  absl::Status ended = absl::OkStatus();
  int failures = 0;
  while (!interrupted && failures < 5) {
    ended = rpc->Stream(method, *request, options, [&](const pb::Message& response) {
      failures = 0;
      PrintEvents(session, command, response);
      const pb::FieldDescriptor* token = request->GetDescriptor()->FindFieldByName("resume_token");
      request->GetReflection()->SetString(request, token, FieldText(response, "resume_token"));
      return true;
    });
    const bool again = ended.ok() || ended.code() == absl::StatusCode::kUnavailable;
    if (!again || session.settings().timeout_given) break;
    if (!ended.ok()) {
      ++failures;
      absl::SleepFor(absl::Milliseconds(500));
    }
  }
  if (interrupted) return kInterrupted;
  // A limit of time that the caller set is no failure of a watch.
  if (ended.code() == absl::StatusCode::kDeadlineExceeded && session.settings().timeout_given) return kOk;
  XXT_RETURN_IF_ERROR(ended);
  return kOk;
}

}  // namespace

std::string WithPrefix(const std::string& prefix, const std::string& text) {
  return prefix.empty() || text.empty() || absl::StartsWith(text, prefix) ? text : absl::StrCat(prefix, text);
}

void FillRequestId(pb::Message* request, const std::string& request_id) {
  const pb::FieldDescriptor* field = request->GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr && FieldText(*request, "request_id").empty()) {
    request->GetReflection()->SetString(request, field, request_id);
  }
}

absl::StatusOr<std::unique_ptr<pb::Message>> BuildRequest(const CommandSpec& command, const Arguments& arguments,
                                                          const std::string& request_id, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, FindMethod(command.method));
  std::unique_ptr<pb::Message> request = NewMessage(*method->input_type());
  if (arguments.Has("-f")) XXT_RETURN_IF_ERROR(FillFromFile(arguments.Get("-f"), command.file_field, request.get()));
  for (const FlagSpec& flag : command.flags) {
    const auto given = arguments.values.find(flag.name);
    if (given == arguments.values.end()) continue;
    std::vector<std::string> texts = given->second;
    for (std::string& text : texts) text = WithPrefix(flag.prefix, text);
    const absl::Status set = SetField(request.get(), flag.field, texts, now);
    if (!set.ok()) return absl::Status(set.code(), absl::StrCat(flag.name, ": ", std::string(set.message())));
  }
  FillRequestId(request.get(), request_id);
  return request;
}

void PrintRepeat(const Session& session, const absl::Status& status, const Arguments& arguments,
                 const std::string& request_id) {
  const ExitCode code = ExitCodeOf(status);
  if (code != kUnavailable && code != kOther && code != kInterrupted) return;
  std::cerr << (session.chinese() ? "  请求编号：" : "  request id: ") << request_id << "\n"
            << (session.chinese() ? "  再试一次不会重复办理：" : "  to repeat it safely: ") << arguments.command_line;
  if (!absl::StrContains(arguments.command_line, "--request-id")) std::cerr << " --request-id " << request_id;
  std::cerr << "\n";
}

absl::StatusOr<ExitCode> RunRpcCommand(Session& session, const CommandSpec& command, const Arguments& given) {
  Arguments arguments = given;
  XXT_RETURN_IF_ERROR(ResolveCases(session, command, &arguments));
  XXT_ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, FindMethod(command.method));
  const std::string& wanted_id = session.settings().request_id;
  const std::string request_id = wanted_id.empty() ? identifiers::NewUuid(absl::Now()) : wanted_id;
  XXT_ASSIGN_OR_RETURN(const std::unique_ptr<pb::Message> request,
                       BuildRequest(command, arguments, request_id, session.BusinessNow()));
  if (method->server_streaming()) return Watch(session, command, *method, request.get());
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  const auto response = rpc->Unary(*method, *request, session.OptionsFor(ServiceOf(*method)));
  if (!response.ok()) {
    PrintFailure(response.status(), session.settings());
    if (HasRequestId(*request)) PrintRepeat(session, response.status(), arguments, request_id);
    return ExitCodeOf(response.status());
  }
  PrintResponse(session, command, **response);
  return kOk;
}

}  // namespace xxt::cli
