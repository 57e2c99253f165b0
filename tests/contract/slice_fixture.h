#ifndef XXT_TESTS_CONTRACT_SLICE_FIXTURE_H_
#define XXT_TESTS_CONTRACT_SLICE_FIXTURE_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/errors.h"
#include "common/testing/protos.h"
#include "common/testing/tokens.h"
#include "gtest/gtest.h"

namespace xxt::contract {

// What the fixtures of slice tests share. What they ask goes through the edge, by
// the method's name: a test includes the messages that it reads and no stub.
class SliceFixture : public ::testing::Test {
 protected:
  static std::string Officer() { return test::Token("staff/wang", "halls/110102016", {"officer"}); }

  // Calls the one method of that name with the request that `text` spells, in which
  // some words stand for what the fixture has.
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
  std::string ReasonFor(const std::string& method, const std::string& text, const std::string& token = Officer()) {
    const absl::Status status = CallAny(method, text, token, nullptr);
    return status.ok() ? "OK" : errors::ReasonOf(status);
  }

 private:
  // `response` may be null.
  virtual absl::Status CallAny(const std::string& method, const std::string& text, const std::string& token,
                               google::protobuf::Message* response) = 0;
};

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_SLICE_FIXTURE_H_
