#ifndef XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_
#define XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::intake {

// The one-off checklist (一次性告知): every paper told once, completely.
//
// Business-environment regulation, art. 36 (told at once), 44 (no proof outside the
// published list); Beijing text of 2024, art. 31 (no catch-all items).

// What the rules look at of a paper that is asked for. Whatever else is said of it
// is none of their business.
struct PaperFacts {
  std::string title;
  int form = 0;  // as the proto numbers it: here it matters only whether two are the same
  int copies = 1;
  std::vector<std::string> alternatives;  // what would do instead
  std::string source;                     // published list or rule that asks for it. Mandatory
};

// A paper of the list.
struct ListedPaper {
  std::size_t first = 0;       // the one of those asked for that it is, in all that is not said here
  PaperFacts facts;            // what serves all that have its title
  bool several_forms = false;  // they ask for different ones: original and copy
};

// The title as papers are told apart by it: without spaces, half or full width.
std::string TitleKey(absl::string_view title);

// What nobody may ask for. Errors: FIELD_INVALID naming the field behind `prefix`
// ("papers[0]."): no title, a catch-all title ("其他", "其他材料"), no source.
absl::Status CheckPaper(const PaperFacts& paper, const std::string& prefix);

// Indices of the papers that the counter has seen and found good; `seen` are their
// titles. Nobody asks for them again.
std::vector<std::size_t> FindSeen(const std::vector<PaperFacts>& papers, const std::vector<std::string>& seen);

// The list of all that is asked for.
//
// Papers with the same title become one: sources unite; the copies are the most that
// any of them needs; an original and a copy become both; an alternative stays only
// if each of them takes it. The order is that of first mention.
//
// Errors: those of CheckPaper.
absl::StatusOr<std::vector<ListedPaper>> MakeChecklist(const std::vector<PaperFacts>& asked);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_
