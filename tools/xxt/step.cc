#include "tools/xxt/step.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "tools/xxt/clock_call.h"
#include "tools/xxt/expect.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/http.h"
#include "tools/xxt/nouns.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

constexpr absl::Duration kStreamFor = absl::Seconds(10);
constexpr std::size_t kTableWidth = 90;  // tables of a story, where no terminal is wider

std::string Text(const Json& step, const char* key) { return step.contains(key) ? step[key].get<std::string>() : ""; }

// {within: 10s, every: 100ms}.
struct Patience {
  absl::Duration within;
  absl::Duration every = absl::Milliseconds(100);
};

absl::StatusOr<Patience> PatienceOf(const Json& step) {
  Patience patience;
  if (!step.contains("eventually")) return patience;
  const Json& eventually = step["eventually"];
  if (!absl::ParseDuration(eventually.value("within", "10s"), &patience.within) ||
      !absl::ParseDuration(eventually.value("every", "100ms"), &patience.every)) {
    return Ill("eventually 应形如 {within: 10s, every: 100ms}", "eventually is like {within: 10s, every: 100ms}");
  }
  return patience;
}

// The table that the command line prints for this method.
std::string TableOf(const pb::MethodDescriptor& method, const pb::Message& response, const Style& style) {
  const pb::FieldDescriptor* list = ListIn(method);
  if (list == nullptr) return RenderMessage(response, Format::kTable, style);
  return RenderList(ItemsOf(response, list->name()), *list->message_type(), Format::kTable, style);
}

// Appends the items of the stream's next message to those before.
void Collect(const Json& next, Json* all) {
  for (const auto& [key, value] : next.items()) {
    if (value.is_array() && all->contains(key)) {
      for (const Json& item : value) (*all)[key].push_back(item);
    } else {
      (*all)[key] = value;
    }
  }
}

}  // namespace

absl::Status StepRunner::Check(const Json& step) {
  static const std::set<std::string> kKeys = {"call",    "http",    "clock",  "set",          "as",
                                              "service", "request", "expect", "expect_error", "eventually",
                                              "save",    "show",    "say",    "who",          "title"};
  if (!step.is_object()) return Ill("每一步应为映射", "a step is a map");
  int deeds = 0;
  for (const auto& [key, value] : step.items()) {
    if (kKeys.count(key) == 0) return Ill(absl::StrCat("没有 ", key, " 这一项"), absl::StrCat("unknown key ", key));
    deeds += key == "call" || key == "http" || key == "clock" || key == "set";
  }
  if (deeds > 1) return Ill("call、http、clock、set 只能有一个", "only one of call, http, clock and set");
  if (deeds == 0 && !step.contains("say")) {
    return Ill("什么也没做：要有 call、http、clock、set 或 say", "does nothing: needs call, http, clock, set or say");
  }
  if (step.contains("call")) {
    const auto method = FindMethod(Text(step, "call"));
    if (!method.ok()) return method.status();
    if (ServiceOf(**method).empty() && !step.contains("service")) {
      return Ill(absl::StrCat(Text(step, "call"), " 要写明 service"),
                 absl::StrCat(Text(step, "call"), " needs service:"));
    }
  }
  return PatienceOf(step).status();
}

std::string TitleOf(const Json& step) {
  if (step.contains("title")) return Text(step, "title");
  for (const char* key : {"call", "say"}) {
    if (step.contains(key)) return Text(step, key);
  }
  for (const char* key : {"http", "clock", "set"}) {
    if (step.contains(key)) return absl::StrCat(key, " ", step[key].dump());
  }
  return "";
}

absl::Status StepRunner::RunClock(const Json& clock) {
  XXT_ASSIGN_OR_RETURN(const absl::Time now, AdvanceClock(session_, absl::ZeroDuration()));
  absl::Time target = now;
  if (clock.contains("advance")) {
    XXT_ASSIGN_OR_RETURN(const std::string text, values_.FillText(clock["advance"].get<std::string>()));
    XXT_ASSIGN_OR_RETURN(const CalendarStep step, ParseStep(text));
    target = Add(now, step);
  }
  if (clock.contains("to")) {
    XXT_ASSIGN_OR_RETURN(const Json to, values_.Fill(clock["to"]));
    XXT_ASSIGN_OR_RETURN(target, ParseMoment(to.get<std::string>(), now));
    if (target < now) return absl::InvalidArgumentError(absl::StrCat(to.dump(), " is past"));
  }
  if (clock.contains("to_next")) {
    XXT_ASSIGN_OR_RETURN(target, NextAt(clock["to_next"].get<std::string>(), /*workday=*/false, target));
  }
  if (clock.contains("to_next_workday")) {
    const absl::Time tonight = calendar::EndOfDay(calendar::ToCivilDay(target)) - absl::Seconds(1);
    XXT_ASSIGN_OR_RETURN(target, NextAt(clock["to_next_workday"].get<std::string>(), /*workday=*/true, tonight));
  }
  XXT_ASSIGN_OR_RETURN(const absl::Time then, AdvanceClock(session_, target - now));
  last_.response = Json{{"now", ToRfc3339(then)}};
  return absl::OkStatus();
}

absl::Status StepRunner::RunHttp(const Json& step) {
  XXT_ASSIGN_OR_RETURN(const Json http, values_.Fill(step["http"]));
  const std::string url = http.contains("get") ? Text(http, "get") : Text(http, "post");
  const std::string body = http.contains("post") ? http.value("body", Json::object()).dump() : "";
  last_.request = absl::StrCat(url, " ", body);
  XXT_ASSIGN_OR_RETURN(const HttpAnswer answer, Fetch(url, body, absl::Seconds(10)));
  last_.response = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (last_.response.is_discarded()) last_.response = answer.body;
  if (answer.status != 200) last_.status = absl::UnknownError(absl::StrCat(url, " answers ", answer.status));
  return absl::OkStatus();
}

std::string StepRunner::DisplayNameOf(const std::string& name) const {
  const absl::StatusOr<const Context*> context = session_.context();
  if (!context.ok() || !absl::StartsWith(name, "staff/")) return "";
  const absl::StatusOr<Person> person = (*context)->FindPerson(name);
  return person.ok() ? person->display_name : "";
}

absl::Status StepRunner::RunCall(const Json& step, const Json& expected) {
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod(Text(step, "call")));
  const auto request = NewMessage(*method->input_type());
  if (step.contains("request")) {
    XXT_ASSIGN_OR_RETURN(const Json filled, values_.Fill(step["request"]));
    XXT_RETURN_IF_ERROR(MergeJson(filled, request.get()));
  }
  FillRequestId(request.get(), identifiers::NewUuid(absl::Now()));
  last_.request = ToJson(*request, Names::kProto).dump(2);
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session_.rpc());
  const std::string service = step.contains("service") ? Text(step, "service") : ServiceOf(*method);
  const bool as_usual = !step.contains("as") && values_.Has("as");
  XXT_ASSIGN_OR_RETURN(const std::string as, values_.FillText(as_usual ? "${as}" : Text(step, "as")));
  CallOptions options = session_.OptionsFor(service, as);
  Style style = session_.settings().style;
  style.told = true;
  style.name_of = [this](const std::string& name) { return DisplayNameOf(name); };
  style.width = style.width > 20 ? std::min(style.width - 10, kTableWidth) : kTableWidth;
  if (!method->server_streaming()) {
    const auto response = rpc->Unary(*method, *request, options);
    last_.status = response.status();
    if (!response.ok()) return absl::OkStatus();
    last_.response = ToJson(**response, Names::kProto);
    last_.list_table = TableOf(*method, **response, style);
    return absl::OkStatus();
  }
  XXT_ASSIGN_OR_RETURN(const Patience patience, PatienceOf(step));
  options.timeout = patience.within > absl::ZeroDuration() ? patience.within : kStreamFor;
  last_.response = Json::object();
  last_.status = rpc->Stream(*method, *request, options, [&](const pb::Message& response) {
    Collect(ToJson(response, Names::kProto), &last_.response);
    return expected.is_null() ? false : !Mismatches(expected, last_.response).empty();
  });
  // The time ran out: what was expected of it is told by the differences.
  if (last_.status.code() == absl::StatusCode::kDeadlineExceeded && !last_.response.empty())
    last_.status = absl::OkStatus();
  const auto whole = NewMessage(*method->output_type());
  if (MergeJson(last_.response, whole.get()).ok()) last_.list_table = TableOf(*method, *whole, style);
  return absl::OkStatus();
}

absl::Status StepRunner::RunOnce(const Json& step, const Json& expected) {
  last_ = StepResult();
  if (step.contains("call")) return RunCall(step, expected);
  if (step.contains("http")) return RunHttp(step);
  if (step.contains("clock")) return RunClock(step["clock"]);
  if (step.contains("set")) {
    for (const auto& [name, value] : step["set"].items()) {
      XXT_ASSIGN_OR_RETURN(Json filled, values_.Fill(value));
      values_.Set(name, std::move(filled));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> StepRunner::Differences(const Json& step, const Json& expected) const {
  if (step.contains("expect_error")) {
    if (last_.status.ok()) return {"expected an error, got an answer"};
    return ErrorMismatches(expected, last_.status);
  }
  if (!last_.status.ok()) return {absl::StrCat("expected an answer, got ", Describe(last_.status, Language::kEnglish))};
  return expected.is_null() ? std::vector<std::string>() : Mismatches(expected, last_.response);
}

absl::StatusOr<Json> StepRunner::Pick(const Json& what) const {
  XXT_ASSIGN_OR_RETURN(const Json filled, values_.Fill(what));
  if (filled.is_string()) return filled == "." ? last_.response : ValueAt(last_.response, filled.get<std::string>());
  Json value = ValueAt(last_.response, Text(filled, "from"));
  if (filled.contains("where") && value.is_array()) {
    const auto found = std::find_if(value.begin(), value.end(),
                                    [&](const Json& item) { return Mismatches(filled["where"], item).empty(); });
    value = found == value.end() ? Json() : Json(*found);
  }
  if (filled.contains("take")) value = ValueAt(value, Text(filled, "take"));
  std::string group;
  if (filled.contains("match") && value.is_string()) {
    value = re2::RE2::PartialMatch(value.get<std::string>(), Text(filled, "match"), &group) ? Json(group) : Json();
  }
  return value;
}

absl::Status StepRunner::Save(const Json& step) {
  if (!step.contains("save")) return absl::OkStatus();
  for (const auto& [name, what] : step["save"].items()) {
    XXT_ASSIGN_OR_RETURN(Json value, Pick(what));
    if (value.is_null()) return absl::InvalidArgumentError(absl::StrCat("save: the response has no ", what.dump()));
    values_.Set(name, std::move(value));
  }
  return absl::OkStatus();
}

std::string StepRunner::Failure(const Json& step, const std::vector<std::string>& lines) const {
  std::string text = absl::StrCat("  ", absl::StrJoin(lines, "\n  "), "\n");
  if (step.contains("as")) absl::StrAppend(&text, "as: ", Text(step, "as"), "\n");
  if (!last_.request.empty()) absl::StrAppend(&text, "request: ", last_.request, "\n");
  if (!last_.response.is_null()) absl::StrAppend(&text, "response: ", last_.response.dump(2), "\n");
  return text;
}

std::string StepRunner::Run(const Json& step) {
  Json expected;
  for (const char* key : {"expect", "expect_error"}) {
    if (!step.contains(key)) continue;
    const absl::StatusOr<Json> filled = values_.Fill(step[key]);
    if (!filled.ok()) return Failure(step, {filled.status().ToString()});
    expected = *filled;
  }
  const Patience patience = PatienceOf(step).value_or(Patience());
  const absl::Time began = absl::Now();
  for (;;) {
    const absl::Status ran = RunOnce(step, expected);
    std::vector<std::string> lines = ran.ok() ? Differences(step, expected) : std::vector<std::string>{ran.ToString()};
    if (lines.empty()) {
      const absl::Status saved = Save(step);
      return saved.ok() ? "" : Failure(step, {saved.ToString()});
    }
    if (interrupted) return "  interrupted\n";
    // What waits for a service that may be away for a while, waits longer.
    const bool waits = step.contains("eventually") || IsWorthRepeating(last_.status);
    const absl::Duration longer = waits ? session_.settings().repeat_for : absl::ZeroDuration();
    if (absl::Now() >= began + patience.within + longer) return Failure(step, lines);
    absl::SleepFor(patience.every);
  }
}

}  // namespace xxt::cli
