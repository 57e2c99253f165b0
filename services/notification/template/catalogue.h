#ifndef XXT_SERVICES_NOTIFICATION_TEMPLATE_CATALOGUE_H_
#define XXT_SERVICES_NOTIFICATION_TEMPLATE_CATALOGUE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/notification/template/template_text.h"

namespace xxt::notification {

// The catalogue of words (模板): what is said in which case, by each channel
// and in each language. Checked whole when it is made, so that a message can
// only fail by its parameters, and then before it is stored.

// Stands before every text message; gateways ask for a registered signature.
inline constexpr char kSmsSignature[] = "【西城悉心听】";

enum class ParameterType { kText, kNumber, kDate, kTime };

// "text", "number", "date", "time".
absl::string_view NameOf(ParameterType type);

// One parameter that a template takes.
struct ParameterSource {
  std::string type;    // as NameOf spells it
  std::string sample;  // a usual value, for the checks: "2026-11-23", "2026-11-23T14:30"
};

// Patterns of one language.
struct WordsSource {
  std::string sms;   // without the signature
  std::string call;  // what an officer says; may use {name}, the person's name
  std::string late;  // what an officer says instead once true_until has passed
  // In short sentences of plain words, written and said. Empty: those above are.
  std::string easy = {};
};

// A template as its file spells it.
struct TemplateSource {
  std::string id;  // "case-received"
  int version = 0;
  bool urgent = false;   // sent at night too, and before others
  std::string headline;  // what it tells, in a few words for officers, zh-CN
  // The date or time parameter after which sms and call would not be true any
  // more. Empty: they stay true, and there are no late words.
  std::string true_until;
  std::map<std::string, ParameterSource> parameters;
  std::map<std::string, WordsSource> words;  // by language: "zh-CN", "en"
};

// The words for one person.
struct Rendered {
  std::string sms_text;  // with the signature
  std::string call_text;
  std::string late_text;     // empty: the others stay true
  std::string written_text;  // for e-mails and letters: the text message with salutation and signature
  std::string headline;      // "办理路线已备好（诉求 0102-26-000042-1）"
};

// What is wrong with a parameter. Holds no value.
struct ParameterFault {
  std::string parameter;
  std::string zh;
  std::string en;
};

class Template {
 public:
  // Errors: INVALID_ARGUMENT naming the template, language and channel at
  // fault: an unknown type, an unfit sample, a pattern whose arguments are not
  // the declared parameters, a language missing, late words missing or without
  // a true_until, a Chinese text message of more than three parts, or one that
  // would carry identity data.
  static absl::StatusOr<Template> Make(const TemplateSource& source);

  const std::string& id() const { return id_; }
  int version() const { return version_; }
  bool urgent() const { return urgent_; }

  // Every fault of `parameters`: missing, unknown, of another type, or not fit
  // for a text message. Empty: they can be rendered.
  std::vector<ParameterFault> Check(const Parameters& parameters) const;

  // Until when the words of `parameters` are true; a day counts to its end in
  // Shanghai. InfiniteFuture: always. `parameters` must have passed Check.
  absl::Time TrueUntil(const Parameters& parameters) const;

  // Writes the words; `easy`: in easy reading, where the template has it.
  // `parameters` must have passed Check.
  // Errors: INVALID_ARGUMENT if the text message would hold identity data.
  absl::StatusOr<Rendered> Render(const Parameters& parameters, absl::string_view language_code, absl::string_view name,
                                  bool easy = false) const;

 private:
  struct Words {
    TemplateText sms;
    TemplateText call;
    std::optional<TemplateText> late;
    std::optional<TemplateText> easy;
  };
  Template() = default;
  // Sets types_, and returns the samples.
  absl::StatusOr<Parameters> ReadParameters(const TemplateSource& source);
  // Reads the patterns of one language. `where` names it in errors.
  absl::StatusOr<Words> ReadWords(const std::string& where, absl::string_view language,
                                  const WordsSource& source) const;
  absl::Status TryOut(const Parameters& samples, absl::string_view language, bool easy) const;
  // Renders `samples` in every language, also in easy reading.
  absl::Status TryOut(const Parameters& samples) const;

  std::string id_;
  int version_ = 0;
  bool urgent_ = false;
  std::string headline_;
  std::string true_until_;
  std::map<std::string, ParameterType> types_;
  std::map<std::string, Words> words_;
};

// Immutable, so thread-safe.
class Catalogue {
 public:
  // Errors: as Template::Make; also for two templates of one id.
  static absl::StatusOr<Catalogue> Make(const std::vector<TemplateSource>& sources);

  // nullptr if there is none.
  const Template* Find(absl::string_view id) const;

  std::vector<std::string> ids() const;

 private:
  std::map<std::string, Template> templates_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_TEMPLATE_CATALOGUE_H_
