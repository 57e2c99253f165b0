#ifndef XXT_SERVICES_INTAKE_PAPER_LIFE_H_
#define XXT_SERVICES_INTAKE_PAPER_LIFE_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/paper.pb.h"

// What becomes of a paper once somebody brings it, or something in its place.
namespace xxt::intake::paper {

// The hall has seen it, be it after another did for it. Errors: STATE_FORBIDS (not needed any more).
absl::Status Receive(Tx& tx, const v1::ReceivePaperRequest& request, v1::Paper& received);
// It is what it should be. Errors: STATE_FORBIDS (not received).
absl::Status Verify(Tx& tx, const v1::VerifyPaperRequest& request, v1::Paper& verified);
// It, or what was taken in its place, is not good enough: what would be is kept, and the owner tells the person next.
// Errors: STATE_FORBIDS (not received).
absl::Status FindDeficient(Tx& tx, const v1::FindPaperDeficientRequest& request, v1::Paper& deficient);
// Another was taken in its place. Errors: STATE_FORBIDS (it is in hand, or not needed).
absl::Status Substitute(Tx& tx, const v1::SubstitutePaperRequest& request, v1::Paper& substituted);

}  // namespace xxt::intake::paper

#endif  // XXT_SERVICES_INTAKE_PAPER_LIFE_H_
