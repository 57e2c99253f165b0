#include "common/service/schema.h"

namespace xxt::service {

std::string LastMigration(const std::string& service) {
  if (service == "intake") return XXT_LAST_MIGRATION_intake;
  if (service == "referral") return XXT_LAST_MIGRATION_referral;
  if (service == "notification") return XXT_LAST_MIGRATION_notification;
  return "";
}

}  // namespace xxt::service
