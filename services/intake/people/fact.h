#ifndef XXT_SERVICES_INTAKE_PEOPLE_FACT_H_
#define XXT_SERVICES_INTAKE_PEOPLE_FACT_H_

#include "common/store/table.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/fact.pb.h"

namespace xxt::intake::people {

// Facts of the household; list "of_case", what was recorded last first.
extern const store::Table<v1::Fact> kFacts;

}  // namespace xxt::intake::people

#endif  // XXT_SERVICES_INTAKE_PEOPLE_FACT_H_
