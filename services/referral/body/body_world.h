#ifndef XXT_SERVICES_REFERRAL_BODY_BODY_WORLD_H_
#define XXT_SERVICES_REFERRAL_BODY_BODY_WORLD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "common/testing/protos.h"
#include "services/referral/body/body.h"

// A directory without a service around it, for tests of what asks a body.
namespace xxt::referral {

// Writes the body `id` as the district would; `text` spells it.
inline absl::Status WriteBody(test::Database& database, const std::string& id, const std::string& text) {
  body::v1::PutBodyRequest request;
  request.set_name("bodies/" + id);
  *request.mutable_body() = test::Text<body::v1::Body>(text);
  const identity::Caller district{"staff/qu", "", {"district"}, identity::HallScope::All()};
  return test::As(district, absl::Now(), database.pool(), [&](Tx& tx) {
    body::v1::Body made;
    return body::Put(tx, request, made);
  });
}

// An archive whose one unit has this mail address.
inline std::string ArchiveWithMail(const std::string& address) {
  return "title: '档案馆' kind: KIND_BUREAU "
         "units { id: 'u' title: '科' contact_points { channel: CHANNEL_EMAIL address: '" +
         address + "' } }";
}

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_BODY_BODY_WORLD_H_
