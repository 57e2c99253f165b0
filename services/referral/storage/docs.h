#ifndef XXT_SERVICES_REFERRAL_STORAGE_DOCS_H_
#define XXT_SERVICES_REFERRAL_STORAGE_DOCS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/referral/domain/attachment.h"

// The jsonb column of unmatched mails. Reading answers INTERNAL for a document of
// another shape.
namespace xxt::referral {

std::string WriteDoc(const std::vector<Attachment>& attachments);

absl::Status ReadDoc(absl::string_view doc, std::vector<Attachment>* attachments);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_STORAGE_DOCS_H_
