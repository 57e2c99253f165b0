#include "services/referral/testing.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/contract/by_name.h"
#include "tests/contract/referral/world.h"
#include "tests/contract/stop_world.h"
#include "xixinting/referral/v1/referral.pb.h"

namespace xxt::referral {
namespace {

const ::testing::Environment* const kStop = contract::StopAfterTests<World>();

}  // namespace

std::string ReferralTest::District() { return referral::District(); }
std::string ReferralTest::Stranger() { return referral::Stranger(); }

std::string ReferralTest::NewReferral() {
  const std::string about = absl::StrCat("cases/", NewId());
  return Must<v1::Referral>("CreateReferral",
                            absl::StrCat("request_id: '$id' referral { case_name: '", about, "' hall: '", kHall,
                                         "' body: 'bodies/babaoshan' ask: ASK_LOCATE question: '请协助查找火化档案。' "
                                         "lawful_basis { kind: KIND_CONSENT purpose: '补办火化证明' recorded_in: '",
                                         about, "/contacts/$id' } connector: CONNECTOR_STAFF }"))
      .name();
}
std::string ReferralTest::KnownRule() { return World::Get().known_rule(); }

void ReferralTest::Say(const ::xixinting::intake::v1::Paper& of) { World::Get().intake().Say(of); }

bool ReferralTest::IntakeHears(const std::string& referral, int originals_out) {
  return contract::Eventually([&] { return World::Get().intake().OriginalsOut(referral) == originals_out; });
}

contract::FakeIntake& ReferralTest::Intake() { return World::Get().intake(); }

absl::Time ReferralTest::now() { return World::Get().now(); }
void ReferralTest::Advance(absl::Duration by) { World::Get().clock().Advance(by); }

std::string ReferralTest::Sql(const std::string& statement) { return World::Get().database().Sql(statement); }

const test::Database& ReferralTest::database() { return World::Get().database(); }

absl::Status ReferralTest::CallAny(const std::string& method, const std::string& text, const std::string& token,
                                   google::protobuf::Message* response) {
  return contract::CallByName(World::Get().channel(), contract::FindMethod("referral", method),
                              absl::StrReplaceAll(text, {{"$id", NewId()}}), token, response);
}

}  // namespace xxt::referral
