#ifndef XXT_SERVICES_NOTIFICATION_TEMPLATE_LOAD_TEMPLATES_H_
#define XXT_SERVICES_NOTIFICATION_TEMPLATE_LOAD_TEMPLATES_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/notification/template/catalogue.h"

namespace xxt::notification {

// Reads one template from YAML; templates/README.md says what is in it.
// Errors: INVALID_ARGUMENT naming the file and the key.
absl::StatusOr<TemplateSource> ReadTemplate(const std::string& id, const std::string& yaml);

// The catalogue that is compiled into the program.
// Errors: those of ReadTemplate and of Catalogue::Make; a unit test rules them
// out.
absl::StatusOr<Catalogue> LoadCatalogue();

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_TEMPLATE_LOAD_TEMPLATES_H_
