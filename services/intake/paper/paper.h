#ifndef XXT_SERVICES_INTAKE_PAPER_PAPER_H_
#define XXT_SERVICES_INTAKE_PAPER_PAPER_H_

#include <google/protobuf/repeated_field.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/paper.pb.h"

// The papers of a case: found missing, or on the checklist. There is one of a
// title, and it stays when it is not needed any more.
namespace xxt::intake::paper {

using Papers = google::protobuf::RepeatedPtrField<v1::Paper>;

extern const store::Table<v1::Paper> kPapers;

// All papers of `about`, which this transaction has locked, in the order in
// which they were first asked for: to be changed, and saved.
absl::StatusOr<Papers> LoadAll(Tx& tx, const v1::Case& about);

// Whether nobody need bring it any more: the hall has it, or another does for it.
bool InHand(const v1::Paper& paper);

// The one of that title, in whatever state; nullptr if there is none.
v1::Paper* Find(Papers& papers, absl::string_view title);

// The one of that title, which `about` needs from now on. Where it was not
// asked for before, or not any more, it is needed, or on its way if a referral
// is fetching it already. A new one, at the end, has no name yet.
v1::Paper& AskFor(const v1::Case& about, absl::string_view title, Papers& papers);

// Says of a paper that is needed which open referral fetches it, if one does.
void NoteSought(const v1::Case& about, v1::Paper& paper);

}  // namespace xxt::intake::paper

#endif  // XXT_SERVICES_INTAKE_PAPER_PAPER_H_
