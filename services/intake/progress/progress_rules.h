#ifndef XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_RULES_H_
#define XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::intake {

// So many wrong ones of a code within so long. With them a code's 10,000 proofs take six weeks of trying day and night.
constexpr int kMostTries = 10;
constexpr absl::Duration kTriesWithin = absl::Hours(1);

// A code as it was given, of what somebody types: "k7 3o-w…" is "K730W…".
std::string NormaliseProgressCode(absl::string_view typed);

// The last four digits of a telephone number in E.164, without its extension; empty if it has fewer.
std::string ProofOf(absl::string_view phone_number);

// What a case is, for its person.
struct ProgressFacts {
  struct Paper {
    std::string title;
    bool received = false;
    bool from_applicant = false;  // and needed: they are to bring it
  };
  absl::Time opened;
  absl::Time closed = absl::InfiniteFuture();  // of one that is open
  absl::Time next = absl::InfiniteFuture();    // the next action, if there is one
  bool in_review = false;
  int bodies_asked = 0;
  std::vector<Paper> papers = {};
  std::vector<std::string> steps = {};  // of the plan, that they or their family are to do
};

// Numbers of ProgressItem.Kind.
enum class ProgressKind { kDone = 1, kWeAreDoing = 2, kWeWait = 3, kPleaseDo = 4, kComing = 5 };

struct ProgressLine {
  ProgressKind kind;
  std::string text;
  absl::Time time = absl::InfiniteFuture();  // of what has none
};

// How the case stands, in plain Chinese or English words: what is done first, what is to come last.
std::vector<ProgressLine> SayProgress(const ProgressFacts& facts, bool english);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_RULES_H_
