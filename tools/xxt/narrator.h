#ifndef XXT_TOOLS_XXT_NARRATOR_H_
#define XXT_TOOLS_XXT_NARRATOR_H_

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/session.h"
#include "tools/xxt/step.h"

namespace xxt::cli {

// Tells a scenario to a spectator on standard output: day by day, who did
// what. Silent unless on.
class Narrator {
 public:
  Narrator(const Session& session, const Context& context, bool on) : session_(session), context_(context), on_(on) {}

  bool on() const { return on_; }
  void Title(const std::string& desc) const;

  // `words` are the step's say and who, filled in.
  void Say(const Json& step, const Json& words, absl::Time now);

  // What `show` names in the last answer; "table" is the answer's list.
  void Show(const std::string& what, const StepResult& result) const;

 private:
  std::string WhoActs(const Json& step, const Json& words) const;
  std::string Bold(const std::string& text) const;

  const Session& session_;
  const Context& context_;
  const bool on_;
  absl::CivilDay day_;
};

// `text` in lines of at most `columns`. Breaks between Chinese characters and
// at blanks, never before closing punctuation.
std::vector<std::string> WrapToWidth(const std::string& text, std::size_t columns);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_NARRATOR_H_
