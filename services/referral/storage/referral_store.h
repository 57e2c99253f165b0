#ifndef XXT_SERVICES_REFERRAL_STORAGE_REFERRAL_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_REFERRAL_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/hall_scope.h"
#include "common/pg/session.h"
#include "services/referral/domain/referral.h"

namespace xxt::referral::referral_store {

// Queues the insert, as version 1.
void Insert(pg::Session& session, const Referral& referral);

// Errors: NOT_FOUND.
absl::StatusOr<Referral> Get(pg::Session& session, absl::string_view id);

// The same, and locks the row until the transaction ends.
absl::StatusOr<Referral> GetForChange(pg::Session& session, absl::string_view id);

// The id of the referral with this answer code; nullopt if there is none.
absl::StatusOr<std::optional<std::string>> FindByAnswerCode(pg::Session& session, absl::string_view code);

// Queues the update of a row had from GetForChange; its version is raised in
// `referral` too.
void Update(pg::Session& session, Referral* referral);

struct Filter {
  identity::HallScope halls;  // of which halls
  std::string case_id;        // empty: all
  bool include_ended = false;
  absl::Time after_time = absl::InfinitePast();  // keyset: (PlaceOf, id) after this
  std::string after_id;
  int limit = 50;
};
// By next_action_time, ended ones last. Without question and disclosed data.
absl::StatusOr<std::vector<Referral>> List(pg::Session& session, const Filter& filter);

// Where it stands in that order.
absl::Time PlaceOf(const Referral& referral);

}  // namespace xxt::referral::referral_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_REFERRAL_STORE_H_
