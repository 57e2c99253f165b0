#ifndef XXT_SERVICES_REFERRAL_CUT_OFF_NOTICE_RULES_H_
#define XXT_SERVICES_REFERRAL_CUT_OFF_NOTICE_RULES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/cut_off/cut_off_rules.h"

// What officers and people read of a referral, as far as it depends on when it
// is written: true at the moment given, and whenever it is read. It names days
// and counts none.
namespace xxt::referral {

// A body's cut-off, and whether nothing can be done after it, ever.
struct RecordedCutOff {
  CutOff cut_off;
  bool irrevocable = false;
};

// A line for the case: the day, and whether it is over at `now`.
std::string CutOffSummary(absl::string_view body_title, const RecordedCutOff& cut_off, absl::Time now);

// The desk's task of a warning made at `now`: the same, and what to do.
// `corrected`: another day was told before.
std::string CutOffNotice(absl::string_view body_title, const RecordedCutOff& cut_off, bool corrected, absl::Time now);

// The lines in the frame of a route sheet that is issued at `now`.
std::string LastDayOnSheet(const RecordedCutOff& cut_off, absl::Time now);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CUT_OFF_NOTICE_RULES_H_
