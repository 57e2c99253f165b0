#ifndef XXT_SERVICES_REFERRAL_REFERRALS_INTAKE_PEER_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_INTAKE_PEER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/referrals/report.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/hall.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::rpc {
class Client;
}  // namespace xxt::rpc

namespace xxt::referral {

// The intake service. Thread-safe.
class Intake {
 public:
  virtual ~Intake() = default;
  // Tells it what happened to a referral, and returns its status, with whose the case is
  // if that is OK; common/rpc/peer_answer.h says what it means for the task. Repeats
  // with the same request_id are harmless.
  virtual absl::Status Tell(const referrals::Report& report, SteadyTime deadline,
                            ::xixinting::intake::v1::ReportReferralResponse* said) const = 0;
  // Asks it for a case: of people, and not kept. Errors: NOT_FOUND; PEER_UNAVAILABLE: ask again later.
  virtual absl::StatusOr<::xixinting::intake::v1::Case> LookUp(const std::string& case_name,
                                                               SteadyTime deadline) const = 0;
  // The same for a contact and a paper of a case.
  virtual absl::StatusOr<::xixinting::intake::v1::Contact> LookUpContact(const std::string& name,
                                                                         SteadyTime deadline) const = 0;
  virtual absl::StatusOr<::xixinting::intake::v1::Paper> LookUpPaper(const std::string& name,
                                                                     SteadyTime deadline) const = 0;
  // The same for somebody who works at a hall.
  virtual absl::StatusOr<::xixinting::intake::v1::Staff> LookUpStaff(const std::string& name,
                                                                     SteadyTime deadline) const = 0;
  // All papers of a case.
  virtual absl::StatusOr<std::vector<::xixinting::intake::v1::Paper>> LookUpPapers(const std::string& case_name,
                                                                                   SteadyTime deadline) const = 0;
};

// Over gRPC. `client` must outlive the result.
std::unique_ptr<Intake> MakeIntakeClient(const rpc::Client& client);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_INTAKE_PEER_H_
