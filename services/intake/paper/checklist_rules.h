#ifndef XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_
#define XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::intake {

// The one-off checklist (一次性告知): every paper told once, completely.
//
// Business-environment regulation, art. 36 (told at once), 44 (no proof outside the
// published list); Beijing text of 2024, art. 31 (no catch-all items).

enum class PaperForm { kOriginal, kCopy, kOriginalAndCopy };
enum class PaperProvider { kApplicant, kBody, kHall };

// One paper, and what asks for it.
struct Paper {
  std::string title;
  PaperForm form = PaperForm::kOriginal;
  int copies = 1;
  PaperProvider provider = PaperProvider::kApplicant;
  // Business that needs it; at least one.
  std::vector<std::string> service_items;
  // What would do instead.
  std::vector<std::string> alternatives;
  // Published list or rule that asks for it. Mandatory.
  std::string source;
  // Version that told it first. Set by the functions below.
  int since_version = 0;

  friend bool operator==(const Paper&, const Paper&) = default;
};

// A change to a list already told: our defect, counted.
struct Amendment {
  int version = 0;  // the version it made
  std::string reason;
  std::string actor;
  absl::Time amend_time;
  std::vector<std::string> added;    // titles
  std::vector<std::string> removed;  // titles
};

struct Checklist {
  int version = 0;  // 1 is the first one told
  std::vector<Paper> papers;
  std::vector<Amendment> amendments;
};

// The title as papers are told apart by it: without spaces, half or full width.
std::string TitleKey(absl::string_view title);

// What nobody may ask for. Errors: FIELD_INVALID naming the field behind `prefix`
// ("papers[0]."): no title, a catch-all title ("其他", "其他材料"), no source, no
// service item, copies outside 1..20.
absl::Status CheckPaper(const Paper& paper, const std::string& prefix);

// Indices of the papers that the counter has seen and found good; `seen` are their
// titles. Nobody asks for them again.
std::vector<std::size_t> FindSeen(const std::vector<Paper>& papers, const std::vector<std::string>& seen);

// Makes version 1 from all the papers that all the items need.
//
// Papers with the same title become one: items and sources unite; the copies are the
// most any item asks for; an original and a copy become both; an alternative stays only
// if every item takes it. The order is that of first mention; the first provider stays.
//
// Errors: those of CheckPaper; FIELD_INVALID (papers) if there is none.
absl::StatusOr<Checklist> IssueChecklist(const std::vector<Paper>& papers);

// Replaces the papers of a list already told, as `actor` at `now`. Counts as a defect.
// Errors: those of IssueChecklist; FIELD_INVALID (amendment_reason) without one; FAILED_PRECONDITION, without detail,
// if nothing was told yet, or nothing changes but the order.
absl::StatusOr<Checklist> AmendChecklist(const Checklist& told, const std::vector<Paper>& papers,
                                         absl::string_view reason, absl::string_view actor, absl::Time now);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PAPER_CHECKLIST_RULES_H_
