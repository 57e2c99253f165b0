#include "services/referral/testing.h"

#include "absl/strings/str_replace.h"
#include "tests/contract/by_name.h"
#include "tests/contract/referral/requests.h"
#include "tests/contract/referral/world.h"

namespace xxt::referral {
namespace {

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

}  // namespace

std::string ReferralTest::Officer() { return referral::Officer(); }
std::string ReferralTest::District() { return referral::District(); }
std::string ReferralTest::Stranger() { return referral::Stranger(); }

std::string ReferralTest::NewReferral() { return referral::NewReferral().name(); }
std::string ReferralTest::KnownRule() { return World::Get().known_rule(); }

std::string ReferralTest::Sql(const std::string& statement) { return World::Get().database().Sql(statement); }

std::string ReferralTest::ReasonFor(const std::string& method, const std::string& text, const std::string& token) {
  const auto response = contract::NewOf(contract::FindMethod("referral", method)->output_type());
  return contract::ReasonOf(CallAny(method, text, token, response.get()));
}

absl::Status ReferralTest::CallAny(const std::string& method, const std::string& text, const std::string& token,
                                   google::protobuf::Message* response) {
  return contract::CallByName(World::Get().channel(), contract::FindMethod("referral", method),
                              absl::StrReplaceAll(text, {{"$id", NewId()}}), token, response);
}

}  // namespace xxt::referral
