#ifndef XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_
#define XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/domain/case_seen.h"

namespace xxt::rpc {
class Client;
}  // namespace xxt::rpc

namespace xxt::referral {

// Tells the intake service what happened to a referral, and asks it for a case.
class IntakeClient {
 public:
  struct Report {
    std::string request_id;
    std::string referral;
    std::string case_name;
    std::string kind;  // ReportReferralRequest.Kind without the prefix
    std::string summary;
    std::string paper_title;
    std::string body_title;
    std::optional<absl::CivilDay> last_safe_day;
    int route_sheet_version = 0;
    std::int64_t version = 0;
  };

  // `client` must outlive this.
  explicit IntakeClient(const rpc::Client& client);
  ~IntakeClient();

  // Answers intake's status; common/rpc/peer_answer.h says what it means for
  // the task. Repeating it is harmless.
  absl::Status Tell(const Report& report, SteadyTime deadline) const;

  // Errors: NOT_FOUND, PEER_UNAVAILABLE.
  absl::StatusOr<CaseSeen> LookUp(const std::string& case_name, SteadyTime deadline) const;

 private:
  struct Stub;
  const rpc::Client& client_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_
