#ifndef XXT_SERVICES_INTAKE_HALL_DUTY_CACHE_H_
#define XXT_SERVICES_INTAKE_HALL_DUTY_CACHE_H_

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/pg/session.h"
#include "services/intake/hall/shift.h"

namespace xxt::intake::hall {

// Remembers for a second who has duty at a hall, so that opening a case asks
// the database nothing. A rota replaced by another replica is seen a second
// later; one replaced by this process, at once.
//
// Thread-safe.
class DutyCache {
 public:
  // As LoadDuty, maybe as of up to a second ago.
  absl::StatusOr<std::shared_ptr<const Duty>> Load(pg::Session& session, absl::string_view hall, absl::Time now);

  // Call it before a change of the rota of `hall` is committed: nothing is
  // remembered of the hall until that is surely over.
  void Forget(absl::string_view hall);

 private:
  using Steady = std::chrono::steady_clock;
  struct Entry {
    std::shared_ptr<const Duty> duty;  // may be null
    absl::Time asked_for;              // business time
    Steady::time_point loaded;
    Steady::time_point not_before;  // of loading what may be remembered
  };

  std::shared_ptr<const Duty> Find(absl::string_view hall, absl::Time now);

  Mutex mu_;
  std::unordered_map<std::string, Entry> entries_ XXT_GUARDED_BY(mu_);  // at most one per hall
};

}  // namespace xxt::intake::hall

#endif  // XXT_SERVICES_INTAKE_HALL_DUTY_CACHE_H_
