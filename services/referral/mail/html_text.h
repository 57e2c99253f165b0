#ifndef XXT_SERVICES_REFERRAL_MAIL_HTML_TEXT_H_
#define XXT_SERVICES_REFERRAL_MAIL_HTML_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace xxt::referral {

// HTML without tags, scripts and styles; breaks where blocks end.
std::string TextOfHtml(absl::string_view html);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_HTML_TEXT_H_
