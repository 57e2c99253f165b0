#ifndef XXT_SERVICES_INTAKE_SLICES_H_
#define XXT_SERVICES_INTAKE_SLICES_H_

#include "common/edge/slice.h"

// The nouns of the intake service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here. A slice that
// exports nothing has no header of its own.
namespace xxt::intake {

namespace hall {
class DutyCache;
}  // namespace hall

edge::Slice HallSlice();                           // hall/
edge::Slice ShiftSlice(hall::DutyCache& duties);   // hall/
edge::Slice ContactSlice();                        // contact/
edge::Slice PromiseSlice(const edge::Host& host);  // promise/

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_SLICES_H_
