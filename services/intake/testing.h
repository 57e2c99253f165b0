#ifndef XXT_SERVICES_INTAKE_TESTING_H_
#define XXT_SERVICES_INTAKE_TESTING_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/contract/slice_fixture.h"

// The intake service in this process, on a database of its own with its own
// clock, for the tests of its slices.
namespace xxt::intake {

// In requests "$case", "$party" and "$id" are the fixture's case, its applicant, and a new UUID.
class IntakeTest : public contract::SliceFixture {
 protected:
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
                       google::protobuf::Message* response) override;
  // The case that every test has, opened with its first use.
  const std::string& TheCase();
  std::string case_;
  std::string party_;
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_TESTING_H_
