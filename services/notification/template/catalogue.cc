#include "services/notification/template/catalogue.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/display_code.h"
#include "common/text/unicode.h"
#include "services/notification/template/sms_rules.h"

namespace xxt::notification {
namespace {

constexpr std::array<absl::string_view, 2> kLanguages = {"zh-CN", "en"};
// The name of the person called; calls only.
constexpr absl::string_view kName = "name";
// The display code of the case, where a template has it.
constexpr absl::string_view kCode = "code";
// Longer ones arrive in pieces or not at all on old telephones, which many of
// the people here have.
constexpr int kMostParts = 3;

absl::Status Unfit(absl::string_view where, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("template ", where, ": ", why));
}

std::optional<ParameterType> ParseType(absl::string_view name) {
  for (const ParameterType type :
       {ParameterType::kText, ParameterType::kNumber, ParameterType::kDate, ParameterType::kTime}) {
    if (NameOf(type) == name) return type;
  }
  return std::nullopt;
}

ParameterType TypeOf(const ParameterValue& value) { return static_cast<ParameterType>(value.index()); }

absl::string_view ZhNameOf(ParameterType type) {
  constexpr std::array<absl::string_view, 4> kNames = {"文字", "整数", "日期", "时间"};
  return kNames[static_cast<std::size_t>(type)];
}

bool Takes(ArgumentKind kind, ParameterType type) {
  switch (type) {
    case ParameterType::kText:
      return kind == ArgumentKind::kText || kind == ArgumentKind::kChoice;
    case ParameterType::kNumber:
      return kind == ArgumentKind::kText || kind == ArgumentKind::kNumber;
    case ParameterType::kDate:
      return kind == ArgumentKind::kDate;
    case ParameterType::kTime:
      return kind == ArgumentKind::kDate || kind == ArgumentKind::kTime;
  }
  return false;
}

std::optional<ParameterValue> ReadSample(ParameterType type, const std::string& sample) {
  switch (type) {
    case ParameterType::kText:
      return sample;
    case ParameterType::kNumber: {
      std::int64_t number = 0;
      if (!absl::SimpleAtoi(sample, &number)) return std::nullopt;
      return number;
    }
    case ParameterType::kDate: {
      absl::CivilDay day;
      if (!absl::ParseCivilTime(sample, &day)) return std::nullopt;
      return day;
    }
    case ParameterType::kTime: {
      absl::CivilMinute minute;
      if (!absl::ParseCivilTime(sample, &minute)) return std::nullopt;
      return absl::FromCivil(minute, calendar::Shanghai());
    }
  }
  return std::nullopt;
}

bool HasArgument(const TemplateText& text, absl::string_view name) {
  return std::any_of(text.arguments().begin(), text.arguments().end(),
                     [name](const Argument& argument) { return argument.name == name; });
}

// Reads a pattern and checks that its arguments are `types`, no more and no less.
absl::StatusOr<TemplateText> ParseWords(absl::string_view where, const std::string& pattern, absl::string_view language,
                                        const std::map<std::string, ParameterType>& types, bool name_allowed) {
  absl::StatusOr<TemplateText> text = TemplateText::Parse(pattern, language);
  if (!text.ok()) return Unfit(where, text.status().message());
  for (const auto& [name, type] : types) {
    if (!HasArgument(*text, name)) return Unfit(where, absl::StrCat("does not use {", name, "}"));
  }
  for (const Argument& argument : text->arguments()) {
    if (name_allowed && argument.name == kName) {
      if (argument.kind == ArgumentKind::kText) continue;
      return Unfit(where, "{name} must be plain");
    }
    const auto type = types.find(argument.name);
    if (type == types.end()) return Unfit(where, absl::StrCat("{", argument.name, "} is not declared"));
    if (!Takes(argument.kind, type->second)) {
      return Unfit(where, absl::StrCat("{", argument.name, "} is used as another type than ", NameOf(type->second)));
    }
  }
  return text;
}

// Writes what is said on the telephone.
absl::StatusOr<std::string> Speak(const TemplateText& text, const Parameters& parameters, absl::string_view name) {
  if (!HasArgument(text, kName)) return text.Render(parameters);
  Parameters with_name = parameters;
  with_name.emplace(std::string(kName), std::string(name));
  return text.Render(with_name);
}

// What an officer says before words of easy reading, and these.
std::string Greet(absl::string_view language_code, absl::string_view name, absl::string_view words) {
  if (language_code == "en") return absl::StrCat("Hello ", name, ", this is the listening window. ", words);
  return absl::StrCat(name, "您好，我是悉心听窗口的。", words);
}

// The words of a text message as a letter says them.
std::string Sign(absl::string_view language_code, absl::string_view name, absl::string_view words) {
  if (language_code == "en") {
    return absl::StrCat("Dear ", name, ",\n\n", words, "\n\nYour listening window (悉心听), Xicheng District\n");
  }
  return absl::StrCat(name, "：\n\n", words, "\n\n西城区“悉心听”窗口\n");
}

// Empty if `value` may stand in a message.
std::optional<ParameterFault> CheckText(const std::string& name, const std::string& value) {
  const absl::StatusOr<std::u32string> decoded = text::DecodeUtf8(value);
  if (!decoded.ok() || std::any_of(decoded->begin(), decoded->end(), text::IsControl)) {
    return ParameterFault{name, "含有不能显示的字符", "holds characters that cannot be shown"};
  }
  if (std::all_of(decoded->begin(), decoded->end(), [](char32_t c) { return c == U' ' || c == U'\u3000'; })) {
    return ParameterFault{name, "不能为空", "must not be empty"};
  }
  if (!CheckSmsContent(value).ok()) {
    return ParameterFault{name, "短信中不得出现身份证号、银行卡号", "identity data must not travel by SMS"};
  }
  return std::nullopt;
}

}  // namespace

absl::string_view NameOf(ParameterType type) {
  constexpr std::array<absl::string_view, 4> kNames = {"text", "number", "date", "time"};
  return kNames[static_cast<std::size_t>(type)];
}

absl::StatusOr<Template> Template::Make(const TemplateSource& source) {
  Template made;
  made.id_ = source.id;
  made.version_ = source.version;
  made.urgent_ = source.urgent;
  made.headline_ = source.headline;
  if (source.id.empty()) return Unfit("without id", "id is missing");
  if (source.version < 1) return Unfit(source.id, "version must be 1 or more");
  if (source.headline.empty()) return Unfit(source.id, "headline is missing");
  absl::StatusOr<Parameters> samples = made.ReadParameters(source);
  if (!samples.ok()) return samples.status();
  for (const auto& [language, words] : source.words) {
    absl::StatusOr<Words> read = made.ReadWords(absl::StrCat(source.id, " ", language), language, words);
    if (!read.ok()) return read.status();
    made.words_.emplace(language, *std::move(read));
  }
  if (const absl::Status tried = made.TryOut(*samples); !tried.ok()) return tried;
  return made;
}

absl::StatusOr<Parameters> Template::ReadParameters(const TemplateSource& source) {
  Parameters samples;
  for (const auto& [name, parameter] : source.parameters) {
    if (name == kName) return Unfit(source.id, "parameter name is reserved");
    const std::optional<ParameterType> type = ParseType(parameter.type);
    if (!type.has_value()) {
      return Unfit(source.id, absl::StrCat("parameter ", name, ": type must be text, number, date or time"));
    }
    std::optional<ParameterValue> sample = ReadSample(*type, parameter.sample);
    if (!sample.has_value()) {
      return Unfit(source.id, absl::StrCat("parameter ", name, ": the sample is no ", NameOf(*type)));
    }
    types_.emplace(name, *type);
    samples.emplace(name, *std::move(sample));
  }
  true_until_ = source.true_until;
  if (true_until_.empty()) return samples;
  const auto bound = types_.find(true_until_);
  if (bound == types_.end() || (bound->second != ParameterType::kDate && bound->second != ParameterType::kTime)) {
    return Unfit(source.id, "true_until must name a date or time parameter");
  }
  return samples;
}

absl::StatusOr<Template::Words> Template::ReadWords(const std::string& where, absl::string_view language,
                                                    const WordsSource& source) const {
  absl::StatusOr<TemplateText> sms = ParseWords(absl::StrCat(where, " sms"), source.sms, language, types_, false);
  if (!sms.ok()) return sms.status();
  absl::StatusOr<TemplateText> call = ParseWords(absl::StrCat(where, " call"), source.call, language, types_, true);
  if (!call.ok()) return call.status();
  Words words{*std::move(sms), *std::move(call), std::nullopt, std::nullopt};
  if (!source.easy.empty()) {
    absl::StatusOr<TemplateText> easy = ParseWords(absl::StrCat(where, " easy"), source.easy, language, types_, false);
    if (!easy.ok()) return easy.status();
    words.easy = *std::move(easy);
  }
  if (true_until_.empty() != source.late.empty()) return Unfit(where, "late words go with true_until");
  if (source.late.empty()) return words;
  absl::StatusOr<TemplateText> late = ParseWords(absl::StrCat(where, " late"), source.late, language, types_, true);
  if (!late.ok()) return late.status();
  words.late = *std::move(late);
  return words;
}

absl::Status Template::TryOut(const Parameters& samples, absl::string_view language, bool easy) const {
  const std::string where = absl::StrCat(id_, " ", language);
  const absl::StatusOr<Rendered> rendered = Render(samples, language, "张三", easy);
  if (!rendered.ok()) return Unfit(where, rendered.status().message());
  const absl::StatusOr<SmsSize> size = MeasureSms(rendered->sms_text);
  if (!size.ok()) return Unfit(where, size.status().message());
  if (language == "zh-CN" && size->parts > kMostParts) {
    return Unfit(absl::StrCat(where, easy ? " easy" : " sms"), absl::StrCat("takes ", size->parts, " parts"));
  }
  return absl::OkStatus();
}

absl::Status Template::TryOut(const Parameters& samples) const {
  if (const std::vector<ParameterFault> faults = Check(samples); !faults.empty()) {
    return Unfit(id_, absl::StrCat("sample of ", faults.front().parameter, ": ", faults.front().en));
  }
  for (const absl::string_view language : kLanguages) {
    if (words_.find(std::string(language)) == words_.end()) {
      return Unfit(absl::StrCat(id_, " ", language), "is missing");
    }
    for (const bool easy : {false, true}) {
      if (const absl::Status tried = TryOut(samples, language, easy); !tried.ok()) return tried;
    }
  }
  return absl::OkStatus();
}

std::vector<ParameterFault> Template::Check(const Parameters& parameters) const {
  std::vector<ParameterFault> faults;
  for (const auto& [name, type] : types_) {
    const auto given = parameters.find(name);
    if (given == parameters.end()) {
      faults.push_back({name, "缺少", "is missing"});
    } else if (TypeOf(given->second) != type) {
      faults.push_back({name, absl::StrCat("应为", ZhNameOf(type)), absl::StrCat("must be a ", NameOf(type))});
    } else if (const auto* text = std::get_if<std::string>(&given->second)) {
      if (std::optional<ParameterFault> fault = CheckText(name, *text)) faults.push_back(*std::move(fault));
    }
  }
  for (const auto& [name, value] : parameters) {
    if (types_.find(name) == types_.end())
      faults.push_back({name, "模板中没有此参数", "is not a parameter of the template"});
  }
  return faults;
}

absl::Time Template::TrueUntil(const Parameters& parameters) const {
  if (true_until_.empty()) return absl::InfiniteFuture();
  const ParameterValue& bound = parameters.at(true_until_);
  if (const auto* day = std::get_if<absl::CivilDay>(&bound)) return calendar::EndOfDay(*day);
  return std::get<absl::Time>(bound);
}

absl::StatusOr<Rendered> Template::Render(const Parameters& parameters, absl::string_view language_code,
                                          absl::string_view name, bool easy) const {
  const auto found = words_.find(std::string(language_code));
  if (found == words_.end()) return absl::InvalidArgumentError("language_code: must be zh-CN or en");
  const bool in_easy = easy && found->second.easy.has_value();
  absl::StatusOr<std::string> sms = (in_easy ? *found->second.easy : found->second.sms).Render(parameters);
  if (!sms.ok()) return sms.status();
  Rendered rendered;
  rendered.sms_text = absl::StrCat(kSmsSignature, *sms);
  if (const absl::Status fit = CheckSmsContent(rendered.sms_text); !fit.ok()) return fit;

  absl::StatusOr<std::string> call = in_easy ? absl::StatusOr<std::string>(Greet(language_code, name, *sms))
                                             : Speak(found->second.call, parameters, name);
  if (!call.ok()) return call.status();
  rendered.call_text = *std::move(call);
  if (found->second.late.has_value()) {
    absl::StatusOr<std::string> late = Speak(*found->second.late, parameters, name);
    if (!late.ok()) return late.status();
    rendered.late_text = *std::move(late);
  }

  rendered.written_text = Sign(language_code, name, *sms);
  rendered.headline = headline_;
  const auto code = parameters.find(std::string(kCode));
  const std::string* text = code == parameters.end() ? nullptr : std::get_if<std::string>(&code->second);
  // Nothing but a display code goes where no personal data may stand.
  if (text != nullptr && identifiers::IsDisplayCode(*text)) absl::StrAppend(&rendered.headline, "（诉求 ", *text, "）");
  return rendered;
}

absl::StatusOr<Catalogue> Catalogue::Make(const std::vector<TemplateSource>& sources) {
  Catalogue catalogue;
  for (const TemplateSource& source : sources) {
    absl::StatusOr<Template> made = Template::Make(source);
    if (!made.ok()) return made.status();
    if (!catalogue.templates_.emplace(source.id, *std::move(made)).second) return Unfit(source.id, "is there twice");
  }
  return catalogue;
}

const Template* Catalogue::Find(absl::string_view id) const {
  const auto found = templates_.find(std::string(id));
  return found == templates_.end() ? nullptr : &found->second;
}

std::vector<std::string> Catalogue::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, made] : templates_) ids.push_back(id);
  return ids;
}

}  // namespace xxt::notification
