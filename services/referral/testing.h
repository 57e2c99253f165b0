#ifndef XXT_SERVICES_REFERRAL_TESTING_H_
#define XXT_SERVICES_REFERRAL_TESTING_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"

// The referral service in this process, on a database of its own with its own
// clock, for the tests of its slices. What they ask goes through the edge, by
// the method's name: a test includes the messages that it reads and no stub.
namespace xxt::referral {

class ReferralTest : public ::testing::Test {
 protected:
  // Calls the one method of that name with the request that `text` spells; "$id" in it is a new UUID.
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const std::string& text,
                                const std::string& token = Officer()) {
    Response response;
    if (absl::Status status = CallAny(method, text, token, &response); !status.ok()) return status;
    return response;
  }
  // The same, where it must work.
  template <typename Response>
  Response Must(const std::string& method, const std::string& text, const std::string& token = Officer()) {
    const absl::StatusOr<Response> response = Call<Response>(method, text, token);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : Response();
  }
  // "OK", or the error's reason.
  std::string ReasonFor(const std::string& method, const std::string& text, const std::string& token = Officer());

  static std::string Officer();
  static std::string District();
  static std::string Stranger();  // an officer of another hall

  // A new referral to the crematorium of the seed, carried by staff; and a rule of
  // that body, with a period of ten years.
  std::string NewReferral();
  static std::string KnownRule();

  // What the statement returns, asked by the superuser.
  static std::string Sql(const std::string& statement);

 private:
  static absl::Status CallAny(const std::string& method, const std::string& text, const std::string& token,
                              google::protobuf::Message* response);
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_TESTING_H_
