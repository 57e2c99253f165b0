#ifndef XXT_TESTS_CONTRACT_REFERRAL_WORLD_H_
#define XXT_TESTS_CONTRACT_REFERRAL_WORLD_H_

#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/identifiers/uuid.h"
#include "common/testing/protos.h"
#include "common/testing/tokens.h"
#include "nlohmann/json.hpp"
#include "services/referral/assembly.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/fake_intake.h"
#include "tests/contract/referral/mail_server.h"
#include "tests/contract/service_world.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/rule_note.pb.h"

// The referral service as its clients see it: real stubs, real stores, the
// mail simulator over SMTP and IMAP, and an intake service that only remembers.
namespace xxt::referral {

namespace v1 = ::xixinting::referral::v1;
namespace common = ::xixinting::common::v1;
namespace intake = ::xixinting::intake::v1;

inline constexpr char kHall[] = "halls/110102016";
inline constexpr char kOtherHall[] = "halls/110102014";
// A rule that an earlier officer wrote down, with a period to count.
inline constexpr char kKnownRule[] = R"pb(
  parent: "bodies/babaoshan"
  rule_note {
    service_item: "补办火化证明"
    text: "火化之日起十年内可凭档案补办火化证明，超过十年不再补办。由经办人本人或近亲属持证件到档案室办理，当场出证。"
    source: "档案室赵师傅，来电"
    period: "P10Y"
    anchor: "火化之日"
    irrevocable: true
    required_documents: [ "经办人身份证", "与逝者的亲属关系证明", "逝者户口注销证明" ]
  }
)pb";

inline std::string Officer() { return test::Token("staff/wang", kHall, {"officer"}); }
inline std::string Clerk() { return test::Token("staff/chen", kHall, {"counter"}); }
inline std::string Stranger() { return test::Token("staff/officer-110102014", kOtherHall, {"officer", "leader"}); }
inline std::string District() { return test::Token("staff/qu", "", {"district"}); }

inline std::string NewId() { return identifiers::NewUuid(absl::Now()); }

using contract::Eventually;
using contract::FakeIntake;

// The service with its stores and neighbours. Tests that move its clock far may stop
// it, and have another one.
class World final : public contract::ServiceWorld<World, Assembly, Config> {
 public:
  World() : ServiceWorld("referral") {
    config_.intake_address = intake_server_.address();
    Start();
    WriteDirectory();
    WriteKnownRule();
  }
  ~World() { End(); }

  contract::Surroundings surroundings() const {
    return {
        running_.address(), config_.service.metrics_address, config_.intake_address, {{"mail", mail_.url()}}, &dir_};
  }
  FakeIntake& intake() { return intake_; }
  MailServer& mail() { return mail_; }
  FileClock& clock() { return clock_; }
  const std::string& known_rule() const { return known_rule_; }

  void Start(const contract::Startup& how = {}) {
    config_.service = contract::ConfigOf("referral", database_, dir_);
    config_.service.probe_period = how.probe_period;
    config_.service.trace_otlp_endpoint = how.span_collector;
    config_.mail = ConfigOf(mail_);
    if (how.silent_port != 0) {
      config_.mail.imap_url = absl::StrCat("imap://127.0.0.1:", how.silent_port);
      config_.mail.timeout = absl::Seconds(5);
    }
    config_.mails.desk_hall = kHall;
    config_.service.task_lease = how.task_lease;
    running_.Start(config_);
  }

 private:
  // What the method of that name answers; without it there is no world.
  std::string Must(const std::string& method, const google::protobuf::Message& request, const std::string& token) {
    const contract::Answer answer =
        contract::Send(channel(), "/xixinting.referral.v1." + method, request.SerializeAsString(), token);
    if (answer.status.ok()) return answer.bytes;
    std::fprintf(stderr, "%s: %s\n", method.c_str(), answer.status.ToString().c_str());
    std::abort();
  }

  // The bodies that development has, as the district writes them.
  void WriteDirectory() {
    std::ifstream seed(XXT_SOURCE_DIR "/services/referral/seed/bodies.json");
    const nlohmann::json scenario = nlohmann::json::parse(seed);
    for (const nlohmann::json& step : scenario.at("steps")) {
      v1::PutBodyRequest request;
      static_cast<void>(google::protobuf::util::JsonStringToMessage(step.at("request").dump(), &request));
      request.set_request_id(NewId());
      Must("BodyService/PutBody", request, District());
    }
  }
  void WriteKnownRule() {
    auto request = test::Text<v1::CreateRuleNoteRequest>(kKnownRule);
    request.set_request_id(NewId());
    v1::RuleNote made;
    made.ParseFromString(Must("RuleNoteService/CreateRuleNote", request, Officer()));
    known_rule_ = made.name();
  }

  MailServer mail_{dir_.path()};
  FakeIntake intake_;
  contract::PeerServer intake_server_{&intake_, intake_.feed(), intake_.contacts(), intake_.papers(), intake_.halls()};
  std::string known_rule_;
};

}  // namespace xxt::referral

#endif  // XXT_TESTS_CONTRACT_REFERRAL_WORLD_H_
