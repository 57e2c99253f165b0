#include "services/intake/testing.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/contract/by_name.h"
#include "tests/contract/intake/world.h"
#include "tests/contract/stop_world.h"

namespace xxt::intake {
namespace {

const ::testing::Environment* const kStop = contract::StopAfterTests<World>();

}  // namespace

std::string IntakeTest::Leader() { return intake::Leader(); }
std::string IntakeTest::Service() { return intake::ReferralService(); }
std::string IntakeTest::Stranger() { return intake::Stranger(); }
absl::Time IntakeTest::now() const { return World::Get().now(); }

std::string IntakeTest::Sql(const std::string& statement) { return World::Get().database().Sql(statement); }

const std::string& IntakeTest::TheCase() {
  if (!case_.empty()) return case_;
  v1::Case made;
  const contract::Answer answer = contract::Send(World::Get().channel(), "/xixinting.intake.v1.CaseService/CreateCase",
                                                 CreateRequest().SerializeAsString(), Officer());
  EXPECT_TRUE(answer.status.ok() && made.ParseFromString(answer.bytes)) << answer.status;
  party_ = made.parties(0).name();
  return case_ = made.name();
}

absl::Status IntakeTest::CallAny(const std::string& method, const std::string& text, const std::string& token,
                                 google::protobuf::Message* response) {
  const std::string& about = TheCase();
  return contract::CallByName(World::Get().channel(), contract::FindMethod("intake", method),
                              absl::StrReplaceAll(text, {{"$case", about}, {"$party", party_}, {"$id", NewId()}}),
                              token, response);
}

void IntakeTest::Advance(absl::Duration by) {
  World::Get().Advance(by);
  const std::string waiting = absl::StrCat(
      "SELECT count(*) FROM backbone.task WHERE lane <> 'desk' AND state <> 'dead' AND due <= to_timestamp(",
      absl::ToUnixSeconds(now()), ") AND starts_with(subject, '", TheCase(), "')");
  EXPECT_TRUE(contract::Eventually([&] { return World::Get().database().Sql(waiting) == "0"; }));
}

std::vector<std::string> IntakeTest::DeskTasks() {
  const std::string tasks = World::Get().database().Sql(
      absl::StrCat("SELECT string_agg(kind || ' ' || summary, E'\\n' ORDER BY kind, summary) FROM backbone.task WHERE "
                   "lane = 'desk' AND starts_with(subject, '",
                   TheCase(), "')"));
  return absl::StrSplit(tasks, '\n', absl::SkipEmpty());
}

}  // namespace xxt::intake
