#ifndef XXT_SERVICES_INTAKE_DOMAIN_TELLING_H_
#define XXT_SERVICES_INTAKE_DOMAIN_TELLING_H_

#include "services/intake/domain/case.h"
#include "services/intake/domain/message.h"

namespace xxt::intake {

// What becomes of a message whose time to be told has come: the case may have
// moved on since it was queued.
enum class Telling {
  kTell,
  kLeave,      // said by what was told since: a newer checklist, another last day, the closing
  kAskPerson,  // it promises a next step that nobody takes in a closed case
};

Telling DecideTelling(const Case& about, const Message& message);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_TELLING_H_
