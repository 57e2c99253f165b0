#include "tools/xxt/api_command.h"

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <iostream>
#include <string>

#include "absl/strings/str_join.h"
#include "common/edge/callers.h"
#include "common/edge/methods.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/comments.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "tools/xxt/words.h"

namespace xxt::cli {
namespace {

absl::StatusOr<std::string> DataText(const std::string& data) {
  if (data.empty() || data.front() != '@') return data;
  return ReadFile(data.substr(1));
}

// What `type` holds, as its proto has it: protobuf writes bytes of UTF-8 as "\\346".
std::string ShownOf(const google::protobuf::Descriptor& type) {
  const std::string text = type.DebugString();
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = [&](std::size_t at, char least) {
      return at < text.size() && text[at] >= least && text[at] <= '7';
    };
    const bool byte =
        text[i] == '\\' && octal(i + 1, '2') && text[i + 1] <= '3' && octal(i + 2, '0') && octal(i + 3, '0');
    if (!byte) {
      shown.push_back(text[i]);
      continue;
    }
    shown.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
    i += 3;
  }
  return shown;
}

}  // namespace

absl::StatusOr<ExitCode> ApiListCommand(Session& session, const Arguments&) {
  Json list = Json::array();
  for (const auto* method : edge::AllMethods()) list.push_back(NameOf(*method));
  if (session.settings().format == Format::kJson) {
    std::cout << list.dump(2) << "\n";
    return kOk;
  }
  for (const Json& name : list) std::cout << name.get<std::string>() << "\n";
  return kOk;
}

absl::StatusOr<ExitCode> ApiDescribeCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod(arguments.Get("METHOD")));
  if (session.chinese()) std::cout << HelpOf(*method, Language::kChinese) << "\n";
  std::cout << CommentOn(*method) << "\n\n"
            << NameOf(*method) << "\nroles: " << absl::StrJoin(edge::RolesOf(*method), ", ") << "\n\n"
            << ShownOf(*method->input_type()) << "\n"
            << (method->server_streaming() ? "stream of " : "") << ShownOf(*method->output_type());
  return kOk;
}

absl::StatusOr<ExitCode> ApiCallCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod(arguments.Get("METHOD")));
  const std::string service = arguments.Get("--service", ServiceOf(*method));
  if (service.empty()) {
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "各服务都有这个方法，请用 --service 指明",
                                   "every service serves this method; say which with --service");
  }
  XXT_ASSIGN_OR_RETURN(const std::string text, DataText(arguments.Get("-d,--data", "{}")));
  XXT_ASSIGN_OR_RETURN(const Json value, ParseYaml(text));
  const auto request = NewMessage(*method->input_type());
  if (!value.is_null()) XXT_RETURN_IF_ERROR(MergeJson(value, request.get()));
  const std::string& wanted_id = session.settings().request_id;
  const std::string request_id = wanted_id.empty() ? identifiers::NewUuid(absl::Now()) : wanted_id;
  FillRequestId(request.get(), request_id);
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  const Settings& settings = session.settings();
  if (method->server_streaming()) {
    XXT_RETURN_IF_ERROR(rpc->Stream(*method, *request, session.OptionsFor(service), [&](const auto& response) {
      std::cout << RenderMessage(response, settings.format, settings.style) << std::flush;
      return true;
    }));
    return kOk;
  }
  const auto response = rpc->Unary(*method, *request, session.OptionsFor(service));
  if (!response.ok()) {
    PrintFailure(response.status(), settings);
    PrintRepeat(session, response.status(), arguments.words, *request);
    return ExitCodeOf(response.status());
  }
  std::cout << RenderMessage(**response, settings.format, settings.style);
  return kOk;
}

}  // namespace xxt::cli
