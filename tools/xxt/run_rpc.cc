#include "tools/xxt/run_rpc.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/identifiers/display_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/field.h"
#include "tools/xxt/nouns.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/text_time.h"
#include "tools/xxt/words.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

constexpr absl::Duration kWatchFor = absl::Minutes(35);  // the server ends a watch after 30

// The file fills the field `path` of the request, "." all of it.
absl::Status FillFromFile(const std::string& file, const std::string& path, pb::Message* request) {
  XXT_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<Json> value = ParseYaml(text);
  if (!value.ok()) return About(file, value.status());
  if (path == ".") return MergeJson(*value, request);
  return MergeJson(Json{{path, *value}}, request);
}

std::string FieldText(const pb::Message& message, const std::string& name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return "";
  return message.GetReflection()->GetString(message, field);
}

// The case that a person knows by its display code, closed or not.
absl::StatusOr<std::string> NameOfCode(Session& session, const std::string& code) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const pb::MethodDescriptor* method, FindMethod("xixinting.intake.v1.CaseService/ListCases"));
  const std::unique_ptr<pb::Message> request = NewMessage(*method->input_type());
  XXT_RETURN_IF_ERROR(SetField(request.get(), "display_code", {code}, absl::Now(), "CASE"));
  const std::vector<std::string> any = ChoicesOf(*request->GetDescriptor()->FindFieldByName("states")->enum_type());
  XXT_RETURN_IF_ERROR(SetField(request.get(), "states", any, absl::Now(), "CASE"));
  XXT_ASSIGN_OR_RETURN(const auto response, rpc->Unary(*method, *request, session.OptionsFor(ServiceOf(*method))));
  const std::vector<const pb::Message*> found = ItemsOf(*response, "cases");
  if (found.size() == 1) return FieldText(*found.front(), "name");
  return errors::InBothLanguages(absl::StatusCode::kNotFound, absl::StrCat("没有受理号为 ", code, " 的诉求"),
                                 absl::StrCat("there is no case with the code ", code));
}

// Lets a case be named as people name it: by display code, id or name; "-" is all
// of them, where a list goes over more than one.
absl::Status ResolveCases(Session& session, const Command& command, Arguments* arguments) {
  for (const Flag& flag : command.flags) {
    const auto given = arguments->values.find(flag.name);
    if (!flag.is_case || given == arguments->values.end()) continue;
    for (std::string& text : given->second) {
      if (text == "-" || absl::StartsWith(text, flag.prefix) || identifiers::IsUuid(text)) continue;
      if (!identifiers::IsDisplayCode(text)) {
        return errors::InBothLanguages(
            absl::StatusCode::kInvalidArgument,
            absl::StrCat("“", text, "”不是受理号，也不是诉求编号；xxt case list 可查"),
            absl::StrCat("'", text, "' is neither a display code nor a case; see `xxt case list`"));
      }
      XXT_ASSIGN_OR_RETURN(text, NameOfCode(session, text));
    }
  }
  return absl::OkStatus();
}

// Puts moments in the place of steps from now: a repeat is to mean the same. What
// is no time is refused where the request is built.
void PinTimes(const Command& command, absl::Time now, Arguments* arguments) {
  for (const Flag& flag : command.flags) {
    const auto given = arguments->values.find(flag.name);
    if (flag.field.empty() || given == arguments->values.end()) continue;
    const auto field = FieldAt(*command.method->input_type(), flag.field);
    if (!field.ok() || (*field)->message_type() != pb::Timestamp::descriptor()) continue;
    for (std::string& text : given->second) {
      const bool step = absl::StartsWith(text, "+") || absl::StartsWith(text, "-");
      const absl::StatusOr<absl::Time> moment = ParseMoment(text, now);
      if (step && moment.ok()) text = ToRfc3339(*moment);
    }
  }
}

// The words that were typed, with what their flags came to mean, and with what was
// found out besides: the lease of a task.
std::vector<std::string> WordsFor(const Arguments& typed, const Arguments& meant) {
  std::vector<std::string> words = typed.words;
  for (const auto& [name, values] : meant.values) {
    const auto found = typed.values.find(name);
    if (found == typed.values.end()) {
      for (const std::string& value : values) words.push_back(absl::StrCat(name, "=", value));
    } else if (values.size() == 1 && found->second.size() == 1) {
      const std::string& said = found->second.front();
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == absl::StrCat(name, "=", said)) words[i] = absl::StrCat(name, "=", values.front());
        if (words[i - 1] == name && words[i] == said) words[i] = values.front();
      }
    }
  }
  return words;
}

// As a shell takes it.
std::string Quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_of(" \t\n'\"\\$*?;|&<>(){}[]#~`!") == std::string::npos;
  return plain ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// Puts lists of several services in one order: that of the time that is their
// first column.
void SortByTime(const pb::Descriptor& type, std::vector<const pb::Message*>* items) {
  const std::vector<std::string> columns = ColumnsOf(type);
  const pb::FieldDescriptor* field = columns.empty() ? nullptr : type.FindFieldByName(columns.front());
  if (field == nullptr || field->message_type() != pb::Timestamp::descriptor()) return;
  const auto time_of = [field](const pb::Message* item) {
    const auto& time = static_cast<const pb::Timestamp&>(item->GetReflection()->GetMessage(*item, field));
    return std::make_pair(time.seconds(), time.nanos());
  };
  std::stable_sort(items->begin(), items->end(),
                   [&time_of](const pb::Message* a, const pb::Message* b) { return time_of(a) < time_of(b); });
}

void PrintMore(const Session& session, const std::string& service, const pb::Message& response) {
  const std::string next = FieldText(response, "next_page_token");
  if (next.empty()) return;
  std::cerr << (session.chinese() ? "还有更多：" : "there is more: ");
  if (!service.empty()) std::cerr << "--service " << service << " ";
  std::cerr << "--page-token " << next << "\n";
}

// What else a response lists, beside what was asked for: cases that other halls have.
void PrintBeside(const Session& session, const pb::FieldDescriptor& list, const pb::Message& response) {
  const Settings& settings = session.settings();
  for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor& field = *response.GetDescriptor()->field(i);
    if (&field == &list || !field.is_repeated() || field.message_type() == nullptr) continue;
    const std::vector<const pb::Message*> items = ItemsOf(response, field.name());
    if (items.empty()) continue;
    std::cerr << LabelOf(field, settings.style.language) << (session.chinese() ? "：\n" : ":\n")
              << RenderList(items, *field.message_type(), settings.format, settings.style);
  }
}

// Asks every service for its part of a list.
absl::StatusOr<ExitCode> RunList(Session& session, const Command& command, const Arguments& arguments,
                                 const pb::Message& request, const pb::FieldDescriptor& list) {
  const std::vector<std::string> services = ServicesFor(*command.method, arguments);
  if (services.size() > 1 && arguments.Has("--page-token")) {
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "--page-token 属于一个服务，请同时写 --service",
                                   "--page-token belongs to one service: name it with --service");
  }
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  std::vector<std::unique_ptr<pb::Message>> responses;
  std::vector<const pb::Message*> items;
  for (const std::string& service : services) {
    XXT_ASSIGN_OR_RETURN(auto response, rpc->Unary(*command.method, request, session.OptionsFor(service)));
    for (const pb::Message* item : ItemsOf(*response, list.name())) items.push_back(item);
    responses.push_back(std::move(response));
  }
  if (services.size() > 1) SortByTime(*list.message_type(), &items);
  const Settings& settings = session.settings();
  std::cout << RenderList(items, *list.message_type(), settings.format, settings.style);
  const bool everywhere = ServiceOf(*command.method).empty();
  for (std::size_t i = 0; i < responses.size(); ++i) {
    PrintMore(session, everywhere ? services[i] : "", *responses[i]);
    PrintBeside(session, list, *responses[i]);
  }
  return kOk;
}

// One line per event, as it comes.
void PrintEvents(const Session& session, const pb::FieldDescriptor& list, const pb::Message& response) {
  const Settings& settings = session.settings();
  const std::vector<std::string> columns = ColumnsOf(*list.message_type());
  for (const pb::Message* event : ItemsOf(response, list.name())) {
    if (settings.format == Format::kJson) {
      std::cout << ToJson(*event, Names::kJson).dump() << "\n";
      continue;
    }
    const Json value = ToJson(*event, Names::kProto);
    std::string line;
    for (const std::string& column : columns) {
      absl::StrAppend(&line, line.empty() ? "" : "  ", CellOf(value, *event->GetDescriptor(), column, settings.style));
    }
    std::cout << line << "\n";
  }
  std::cout.flush();
}

// Watches until Ctrl-C; a lost connection is taken up from the last token.
absl::StatusOr<ExitCode> Watch(Session& session, const pb::MethodDescriptor& method, const pb::FieldDescriptor& list,
                               pb::Message* request) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  CallOptions options = session.OptionsFor(ServiceOf(method));
  if (!session.settings().timeout_given) options.timeout = kWatchFor;
  absl::Status ended = absl::OkStatus();
  int failures = 0;
  while (!interrupted && failures < 5 && std::cout.good()) {
    ended = rpc->Stream(method, *request, options, [&](const pb::Message& response) {
      failures = 0;
      PrintEvents(session, list, response);
      const pb::FieldDescriptor* token = request->GetDescriptor()->FindFieldByName("resume_token");
      request->GetReflection()->SetString(request, token, FieldText(response, "resume_token"));
      return std::cout.good();
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

absl::StatusOr<std::unique_ptr<pb::Message>> BuildRequest(const Command& command, const Arguments& arguments,
                                                          const std::string& request_id, absl::Time now) {
  std::unique_ptr<pb::Message> request = NewMessage(*command.method->input_type());
  if (arguments.Has("-f")) XXT_RETURN_IF_ERROR(FillFromFile(arguments.Get("-f"), command.file_field, request.get()));
  for (const Flag& flag : command.flags) {
    const auto given = arguments.values.find(flag.name);
    if (flag.field.empty() || given == arguments.values.end()) continue;
    std::vector<std::string> texts = given->second;
    for (std::string& text : texts) text = WithPrefix(flag.prefix, text);
    XXT_RETURN_IF_ERROR(SetField(request.get(), flag.field, texts, now, flag.name));
  }
  FillRequestId(request.get(), request_id);
  return request;
}

const Flag* MissingFlag(const Command& command, const Arguments& arguments) {
  for (const Flag& flag : command.flags) {
    const bool said_by_file = flag.in_file && arguments.Has("-f");
    if (flag.required && !said_by_file && !arguments.Has(flag.name)) return &flag;
  }
  return nullptr;
}

std::vector<std::string> ServicesFor(const pb::MethodDescriptor& method, const Arguments& arguments) {
  if (const std::string service = ServiceOf(method); !service.empty()) return {service};
  if (arguments.Has("--service")) return {arguments.Get("--service")};
  return AllServices();
}

absl::StatusOr<Answer> AskEach(Session& session, const pb::MethodDescriptor& method, const pb::Message& request,
                               const std::vector<std::string>& services) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  absl::Status missing = errors::InBothLanguages(absl::StatusCode::kNotFound, "没有", "nothing so called");
  for (const std::string& service : services) {
    auto response = rpc->Unary(method, request, session.OptionsFor(service));
    if (response.ok()) return Answer{service, *std::move(response)};
    missing = response.status();
    if (missing.code() != absl::StatusCode::kNotFound) break;
  }
  return missing;
}

void PrintRepeat(const Session& session, const absl::Status& status, std::vector<std::string> words,
                 const pb::Message& request) {
  const std::string request_id = FieldText(request, "request_id");
  const ExitCode code = ExitCodeOf(status);
  if (request_id.empty() || (code != kUnavailable && code != kOther && code != kInterrupted)) return;
  const bool says_it = std::any_of(words.begin(), words.end(),
                                   [](const std::string& word) { return absl::StartsWith(word, "--request-id"); });
  if (!says_it) words.push_back(absl::StrCat("--request-id=", request_id));
  std::cerr << (session.chinese() ? "  请求编号：" : "  request id: ") << request_id << "\n"
            << (session.chinese() ? "  再试一次不会重复办理：" : "  to repeat it safely: ")
            << absl::StrJoin(words, " ", [](std::string* out, const std::string& word) { out->append(Quoted(word)); })
            << "\n";
}

namespace {

// Whether nothing was done, and the same would be refused again.
bool IsRefusal(ExitCode code) {
  return code == kUsage || code == kNotFound || code == kConflict || code == kNotAllowed;
}

// Calls with what `given` came to mean, and prints.
absl::StatusOr<ExitCode> Call(Session& session, const Command& command, const Arguments& given, Arguments arguments) {
  const std::string& wanted_id = session.settings().request_id;
  const std::string request_id = wanted_id.empty() ? identifiers::NewUuid(absl::Now()) : wanted_id;
  const absl::Time now = session.BusinessNow();
  PinTimes(command, now, &arguments);
  XXT_ASSIGN_OR_RETURN(const std::unique_ptr<pb::Message> request, BuildRequest(command, arguments, request_id, now));
  const pb::FieldDescriptor* list = ListIn(*command.method);
  if (command.method->server_streaming()) return Watch(session, *command.method, *list, request.get());
  if (list != nullptr) return RunList(session, command, arguments, *request, *list);
  const auto answer = AskEach(session, *command.method, *request, ServicesFor(*command.method, arguments));
  if (!answer.ok()) {
    PrintFailure(answer.status(), session.settings());
    PrintRepeat(session, answer.status(), WordsFor(given, arguments), *request);
    return ExitCodeOf(answer.status());
  }
  std::cout << RenderMessage(*answer->response, session.settings().format, session.settings().style);
  return kOk;
}

}  // namespace

absl::StatusOr<ExitCode> RunRpcCommand(Session& session, const Command& command, const Arguments& given) {
  Arguments arguments = given;
  XXT_RETURN_IF_ERROR(ResolveCases(session, command, &arguments));
  if (command.prepare != nullptr) XXT_RETURN_IF_ERROR(command.prepare(session, &arguments));
  const absl::StatusOr<ExitCode> code = Call(session, command, given, arguments);
  const bool refused = IsRefusal(code.ok() ? *code : ExitCodeOf(code.status()));
  if (refused && command.restore != nullptr) command.restore(session, arguments);
  return code;
}

}  // namespace xxt::cli
