#ifndef XXT_SERVICES_REFERRAL_BODY_LEARNED_H_
#define XXT_SERVICES_REFERRAL_BODY_LEARNED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "xixinting/referral/v1/body.pb.h"

// What the answers of bodies have taught: counts and days, of nobody.
namespace xxt::referral::body {

namespace v1 = ::xixinting::referral::v1;

// Queues what a body's word on `document` adds: whether it is there, after so many working days.
void Learn(pg::Session& session, absl::string_view body, absl::string_view document, bool held, int workdays);

// Queues that the body was wrong when it said that it has `document`.
void LearnTakenBack(pg::Session& session, absl::string_view body, absl::string_view document);

// Adds to `body` what is learned of it, by document.
absl::Status FillLearned(pg::Session& session, v1::Body* body);

// What is learned of one body.
struct LearnedOf {
  std::string body;
  v1::Learned learned;
};

// What is learned of who was asked for `document`, those that held it most often first.
absl::StatusOr<std::vector<LearnedOf>> LearnedAbout(pg::Session& session, absl::string_view document, int limit);

}  // namespace xxt::referral::body

#endif  // XXT_SERVICES_REFERRAL_BODY_LEARNED_H_
