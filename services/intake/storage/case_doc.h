#ifndef XXT_SERVICES_INTAKE_STORAGE_CASE_DOC_H_
#define XXT_SERVICES_INTAKE_STORAGE_CASE_DOC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/intake/domain/case.h"

// The column cases.doc: all of a case that is never searched, as JSON. Members
// are only ever added; a missing one reads as its default.
namespace xxt::intake::case_doc {

std::string Write(const Case& found);

// Sets the members of `found` that doc holds.
// Errors: INTERNAL for a document of another shape.
absl::Status Read(absl::string_view doc, Case& found);

}  // namespace xxt::intake::case_doc

#endif  // XXT_SERVICES_INTAKE_STORAGE_CASE_DOC_H_
