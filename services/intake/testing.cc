#include "services/intake/testing.h"

#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"

namespace xxt::intake {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

// The method of that name in the protos of this service. Slices are linked, and
// with them their protos.
const MethodDescriptor* FindMethod(const std::string& name) {
  const std::filesystem::path protos = XXT_SOURCE_DIR "/protos";
  for (const auto& entry : std::filesystem::directory_iterator(protos / "xixinting/intake/v1")) {
    const auto* file =
        DescriptorPool::generated_pool()->FindFileByName(std::filesystem::relative(entry.path(), protos).string());
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      if (const MethodDescriptor* found = file->service(i)->FindMethodByName(name)) return found;
    }
  }
  std::fprintf(stderr, "intake has no method %s\n", name.c_str());
  std::abort();
}

std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

}  // namespace

std::string IntakeTest::Officer() { return intake::Officer(); }
std::string IntakeTest::Leader() { return intake::Leader(); }
std::string IntakeTest::Service() { return intake::ReferralService(); }
std::string IntakeTest::Stranger() { return intake::Stranger(); }
absl::Time IntakeTest::now() const { return World::Get().now(); }

std::string IntakeTest::Sql(const std::string& statement) { return World::Get().database().Sql(statement); }

std::string IntakeTest::ReasonFor(const std::string& method, const std::string& text, const std::string& token) {
  const std::unique_ptr<google::protobuf::Message> response = New(FindMethod(method)->output_type());
  return contract::ReasonOf(CallAny(method, text, token, response.get()));
}

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
  const MethodDescriptor* known = FindMethod(method);
  const std::unique_ptr<google::protobuf::Message> request = New(known->input_type());
  const std::string& about = TheCase();
  const std::string filled = absl::StrReplaceAll(text, {{"$case", about}, {"$party", party_}, {"$id", NewId()}});
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(filled, request.get())) << filled;
  const contract::Answer answer =
      contract::Send(World::Get().channel(), absl::StrCat("/", known->service()->full_name(), "/", known->name()),
                     request->SerializePartialAsString(), token);
  EXPECT_TRUE(response->ParseFromString(answer.bytes));  // nothing, after an error
  return answer.status;
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
