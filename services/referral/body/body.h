#ifndef XXT_SERVICES_REFERRAL_BODY_BODY_H_
#define XXT_SERVICES_REFERRAL_BODY_BODY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/referral/domain/body.h"
#include "xixinting/referral/v1/body.pb.h"

// The directory of outside bodies: who is asked, and how they are reached.
namespace xxt::referral::body {

namespace v1 = ::xixinting::referral::v1;

extern const store::Table<v1::Body> kBodies;

// PutBody. Errors: FIELD_INVALID, RESOURCE_NOT_FOUND (an etag of nothing), ETAG_MISMATCH.
absl::Status Put(Tx& tx, const v1::PutBodyRequest& request, v1::Body& made);

// What the layers that are no slices yet need of a body, by its id: without
// people's names, for which one needs its key. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<Body> Find(pg::Session& session, absl::string_view id);

// Null if the body has none of that id.
const v1::Unit* FindUnit(const v1::Body& body, absl::string_view id);

}  // namespace xxt::referral::body

#endif  // XXT_SERVICES_REFERRAL_BODY_BODY_H_
