#ifndef XXT_SERVICES_REFERRAL_TESTING_H_
#define XXT_SERVICES_REFERRAL_TESTING_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/contract/slice_fixture.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::contract {
class FakeIntake;
}  // namespace xxt::contract
namespace xxt::test {
class Database;
}  // namespace xxt::test

// The referral service in this process, on a database of its own with its own
// clock, for the tests of its slices.
namespace xxt::referral {

// In requests "$id" is a new UUID.
class ReferralTest : public contract::SliceFixture {
 protected:
  static std::string District();
  static std::string Stranger();  // an officer of another hall

  // A new referral to the crematorium of the seed, carried by staff; and a rule of
  // that body, with a period of ten years.
  std::string NewReferral();
  static std::string KnownRule();

  // What intake says of a paper from now on.
  static void Say(const ::xixinting::intake::v1::Paper& of);
  // Waits until intake has heard that so many originals of the referral are out.
  static bool IntakeHears(const std::string& referral, int originals_out);

  // What says what a case is, and remembers what it was told.
  static contract::FakeIntake& Intake();
  // Business time, and a later one.
  static absl::Time now();
  static void Advance(absl::Duration by);
  // What the statement returns, asked by the superuser; and where.
  static std::string Sql(const std::string& statement);
  static const test::Database& database();

 private:
  absl::Status CallAny(const std::string& method, const std::string& text, const std::string& token,
                       google::protobuf::Message* response) override;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_TESTING_H_
