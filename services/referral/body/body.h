#ifndef XXT_SERVICES_REFERRAL_BODY_BODY_H_
#define XXT_SERVICES_REFERRAL_BODY_BODY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "xixinting/referral/v1/body.pb.h"

// The directory of outside bodies: who is asked, and how they are reached.
namespace xxt::referral::body {

namespace v1 = ::xixinting::referral::v1;

extern const store::Table<v1::Body> kBodies;

// PutBody. Errors: FIELD_INVALID, RESOURCE_NOT_FOUND (an etag of nothing), ETAG_MISMATCH,
// STATE_FORBIDS (it is merged into another).
absl::Status Put(Tx& tx, const v1::PutBodyRequest& request, v1::Body& made);

// The body called `name` as the machine needs it: without what is a person's, for
// which one needs its key. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Body> Find(pg::Session& session, absl::string_view name);

// The same, of the body that it was merged into, if it was.
absl::StatusOr<v1::Body> FindMerged(pg::Session& session, absl::string_view name);

// At most `limit` bodies whose title, or a document that they hold, has `document` in it.
absl::StatusOr<std::vector<v1::Body>> Matching(pg::Session& session, absl::string_view document, int limit);

// Null if the body has none of that id.
const v1::Unit* FindUnit(const v1::Body& body, absl::string_view id);

// How the office of `unit` is reached so, the first of several ways; null if it is
// not. A person's own number is no way to the office.
const v1::ContactPoint* ContactBy(const v1::Unit& unit, ::xixinting::common::v1::Channel channel);

// The address of that; null if there is none.
const std::string* AddressBy(const v1::Unit& unit, ::xixinting::common::v1::Channel channel);

}  // namespace xxt::referral::body

#endif  // XXT_SERVICES_REFERRAL_BODY_BODY_H_
