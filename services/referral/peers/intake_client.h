#ifndef XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_
#define XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"

namespace xxt::rpc {
class Client;
}  // namespace xxt::rpc

namespace xxt::referral {

// Tells the intake service what happened to a referral.
class IntakeClient {
 public:
  enum class Outcome {
    kTold,
    kRefused,   // it will never take this report
    kTryAgain,  // it may or may not have taken it; repeating is harmless
  };

  struct Report {
    std::string request_id;
    std::string referral;
    std::string case_name;
    std::string kind;  // ReportReferralRequest.Kind without the prefix
    std::string summary;
    std::string paper_title;
    std::string body_title;
    std::optional<absl::CivilDay> last_safe_day;
  };

  // `client` must outlive this.
  explicit IntakeClient(const rpc::Client& client);
  ~IntakeClient();

  Outcome Tell(const Report& report, SteadyTime deadline) const;

 private:
  struct Stub;
  const rpc::Client& client_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PEERS_INTAKE_CLIENT_H_
