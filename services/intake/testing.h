#ifndef XXT_SERVICES_INTAKE_TESTING_H_
#define XXT_SERVICES_INTAKE_TESTING_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"

// The intake service in this process, on a database of its own with its own
// clock, for the tests of its slices. What they ask goes through the edge, by
// the method's name: a test includes the messages that it reads and no stub.
namespace xxt::intake {

class IntakeTest : public ::testing::Test {
 protected:
  // Calls the one method of that name with the request that `text` spells; "$case", "$party"
  // and "$id" in it are the fixture's case, its applicant, and a new UUID.
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
  static std::string Leader();
  static std::string Stranger();  // officer of another hall
  static std::string Service();   // one of this suite

  // Business time. Advance also waits until nothing of the case is due that the machine does.
  absl::Time now() const;
  void Advance(absl::Duration by);
  // "kind summary" of the case's open desk tasks, by kind.
  std::vector<std::string> DeskTasks();
  // What the statement returns, asked by the superuser.
  static std::string Sql(const std::string& statement);

 private:
  absl::Status CallAny(const std::string& method, const std::string& text, const std::string& token,
                       google::protobuf::Message* response);
  // The case that every test has, opened with its first use.
  const std::string& TheCase();
  std::string case_;
  std::string party_;
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_TESTING_H_
