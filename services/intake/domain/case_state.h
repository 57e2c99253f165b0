#ifndef XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_
#define XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_

namespace xxt::intake {

// Where a case stands. There is no "new": a case is created with its owner (首接负责).
// There is no "rejected" either.
enum class CaseState {
  kInProgress,       // an officer has it and acts on it
  kClosureProposed,  // waits for a second pair of eyes
  kClosed,           // done, and the person was told
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_
