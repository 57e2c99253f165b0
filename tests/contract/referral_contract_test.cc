// The referral service as its clients see it: real stubs, real stores, the
// mail simulator over SMTP and IMAP, and an intake service that only remembers.

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/clock/clock.h"
#include "common/concurrency/mutex.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/testing/database.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/assembly.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/service_world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/referral/v1/body_service.grpc.pb.h"
#include "xixinting/referral/v1/referral_service.grpc.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
namespace common = ::xixinting::common::v1;
namespace intake = ::xixinting::intake::v1;
using contract::Answer;
using contract::Behaves;
using contract::FieldsOf;
using contract::ReasonOf;
using contract::Spoiled;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kHall[] = "halls/110102016";
constexpr char kOtherHall[] = "halls/110102014";
// A rule that an earlier officer wrote down, with a period to count.
constexpr char kKnownRule[] = R"sql(
INSERT INTO referral.rule_notes (id, body, verify_time, verifier, doc) VALUES
('01940000-0000-7000-8000-000000000001', 'babaoshan', '2026-11-03T15:20:00+08:00', 'staff/wang', '{
  "service_item": "补办火化证明",
  "text": "火化之日起十年内可凭档案补办火化证明，超过十年不再补办。由经办人本人或近亲属持证件到档案室办理，当场出证。",
  "source": "档案室赵师傅，来电",
  "period": "P10Y",
  "anchor": "火化之日",
  "irrevocable": true,
  "required_documents": ["经办人身份证", "与逝者的亲属关系证明", "逝者户口注销证明"]}'))sql";
constexpr char kNote[] = "bodies/babaoshan/ruleNotes/01940000-0000-7000-8000-000000000001";

std::string Officer() { return test::Token("staff/wang", kHall, {"officer"}); }
std::string Clerk() { return test::Token("staff/chen", kHall, {"counter"}); }
std::string Stranger() { return test::Token("staff/officer-110102014", kOtherHall, {"officer", "leader"}); }
std::string District() { return test::Token("staff/qu", "", {"district"}); }

std::string NewId() { return identifiers::NewUuid(absl::Now()); }

// Waits until `found` answers true; false after fifteen seconds.
bool Eventually(const std::function<bool()>& found) {
  const absl::Time give_up = absl::Now() + absl::Seconds(15);
  while (!found()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

// Remembers what it is told.
class FakeIntake final : public intake::CaseService::Service {
 public:
  grpc::Status ReportReferral(grpc::ServerContext*, const intake::ReportReferralRequest* request,
                              intake::ReportReferralResponse*) override {
    const MutexLock lock(mu_);
    if (away_ > 0) {
      --away_;
      return {grpc::StatusCode::UNAVAILABLE, "away"};
    }
    reports_.push_back(*request);
    return grpc::Status::OK;
  }

  // The report of `kind` about `referral`, waiting for it.
  intake::ReportReferralRequest Await(const std::string& referral, intake::ReportReferralRequest::Kind kind) {
    intake::ReportReferralRequest found;
    Eventually([&] {
      const MutexLock lock(mu_);
      for (const auto& report : reports_) {
        if (report.referral() != referral || report.kind() != kind) continue;
        found = report;
        return true;
      }
      return false;
    });
    return found;
  }

  void BeAway(int calls) {
    const MutexLock lock(mu_);
    away_ = calls;
  }

 private:
  Mutex mu_;
  int away_ = 0;
  std::vector<intake::ReportReferralRequest> reports_;
};

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

std::string Run(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  std::size_t got = 0;
  while ((got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) out.append(buffer.data(), got);
  pclose(pipe);
  return out;
}

// tools/sim/mail_server.py with the accounts of the hall and of the body.
class MailServer {
 public:
  explicit MailServer(const std::string& dir) : smtp_(FreePort()), imap_(FreePort()), http_(FreePort()) {
    std::ofstream(dir + "/accounts") << "hall@xxt.example: pw1\narchive@crematorium.example: pw2\n";
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      execl("/usr/bin/python3", "python3", XXT_SOURCE_DIR "/tools/sim/mail_server.py", "--smtp-port",
            std::to_string(smtp_).c_str(), "--imap-port", std::to_string(imap_).c_str(), "--http-port",
            std::to_string(http_).c_str(), "--dir", (dir + "/mail").c_str(), "--accounts", (dir + "/accounts").c_str(),
            nullptr);
      _exit(127);
    }
    Eventually([this] { return !Get("/control").empty(); });
  }
  ~MailServer() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  int smtp() const { return smtp_; }
  int imap() const { return imap_; }
  std::string Get(const std::string& path) const {
    return Run(absl::StrCat("curl -s 'http://127.0.0.1:", http_, path, "'"));
  }
  std::string Post(const std::string& path, const std::string& json) const {
    return Run(absl::StrCat("curl -s -XPOST 'http://127.0.0.1:", http_, path, "' -d '", json, "'"));
  }
  void SetSmtp(const std::string& mode) const { Post("/control", absl::StrCat(R"({"smtp":")", mode, R"("})")); }
  // A mail to the hall from the archive.
  void Deliver(const std::string& subject, const std::string& text) const {
    Post("/mailbox/hall@xxt.example", absl::StrCat(R"({"from":"archive@crematorium.example","subject":")", subject,
                                                   R"(","text":")", text, R"(","charset":"gb18030"})"));
  }

 private:
  const int smtp_;
  const int imap_;
  const int http_;
  pid_t pid_ = 0;
};

// One service with its stores, for all tests of the program.
class World {
 public:
  static World& Get() {
    static World* const world = new World();
    return *world;
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  FakeIntake& intake() { return intake_; }
  MailServer& mail() { return *mail_; }
  test::Database& database() { return *database_; }
  FileClock& clock() { return *clock_; }
  absl::Time now() const { return clock_->Now(); }

  void Stop() {
    channel_.reset();
    assembly_.reset();
    intake_server_->Shutdown();
    mail_.reset();
    database_.reset();
    dir_.Remove();
  }

 private:
  World() {
    mail_ = std::make_unique<MailServer>(dir_.path());
    database_ = std::make_unique<test::Database>("referral");
    std::ifstream seed(XXT_SOURCE_DIR "/services/referral/seed/dev.sql");
    std::ostringstream sql;
    sql << seed.rdbuf() << kKnownRule;
    database_->Sql(sql.str());
    SetClock();
    StartIntake();
    Start();
  }

  // To 10:00 on a working day.
  void SetClock() {
    clock_ = std::make_unique<FileClock>(dir_.path() + "/clock");
    absl::CivilDay day = calendar::ToCivilDay(absl::Now()) + 1;
    while (!calendar::WorkingDays::China().IsWorkday(day) || absl::GetWeekday(day) == absl::Weekday::saturday ||
           absl::GetWeekday(day) == absl::Weekday::sunday) {
      ++day;
    }
    clock_->Advance(calendar::AtTimeOfDay(day, 10, 0) - absl::Now());
  }

  void StartIntake() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&intake_);
    intake_server_ = builder.BuildAndStart();
    config_.intake_address = absl::StrCat("127.0.0.1:", port);
  }

  void Start() {
    config_.service = contract::ConfigOf("referral", *database_, dir_);
    config_.mail.smtp_url = absl::StrCat("smtp://127.0.0.1:", mail_->smtp());
    config_.mail.imap_url = absl::StrCat("imap://127.0.0.1:", mail_->imap());
    config_.mail.require_tls = false;
    config_.mail.user = "hall@xxt.example";
    config_.mail.password = "pw1";
    config_.mail.address = "hall@xxt.example";
    config_.mail.display_name = "悉心听窗口";
    config_.mail.poll_interval = absl::Milliseconds(100);
    auto assembly = Assembly::Start(config_);
    if (!assembly.ok()) {
      std::fprintf(stderr, "%s\n", assembly.status().ToString().c_str());
      std::abort();
    }
    assembly_ = *std::move(assembly);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", assembly_->port()), grpc::InsecureChannelCredentials());
  }

  contract::ScratchDir dir_;
  Config config_;
  std::unique_ptr<MailServer> mail_;
  std::unique_ptr<test::Database> database_;
  std::unique_ptr<FileClock> clock_;
  FakeIntake intake_;
  std::unique_ptr<grpc::Server> intake_server_;
  std::unique_ptr<Assembly> assembly_;
  std::shared_ptr<grpc::Channel> channel_;
};

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

// --- Calling ---------------------------------------------------------------

template <typename Stub, typename Request, typename Response>
absl::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                 Response* response, const std::string& token) {
  Stub stub(World::Get().channel());
  grpc::ClientContext context;
  contract::Prepare(context, token);
  return rpc::FromGrpcStatus((stub.*method)(&context, request, response));
}

template <typename Stub, typename Request, typename Response>
Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
             const std::string& token) {
  Response response;
  const absl::Status status = Ask(method, request, &response, token);
  EXPECT_TRUE(status.ok()) << status;
  return response;
}

template <typename Stub, typename Request, typename Response>
std::string ReasonFor(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, const std::string& token) {
  Response response;
  return ReasonOf(Ask(method, request, &response, token));
}

using Bodies = v1::BodyService::Stub;
using Referrals = v1::ReferralService::Stub;
using Tasks = common::TaskService::Stub;

// --- Requests that are right ------------------------------------------------

v1::CreateReferralRequest CreateRequest(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  v1::CreateReferralRequest request;
  v1::Referral& referral = *request.mutable_referral();
  referral.set_case_name("cases/" + NewId());
  referral.set_hall(kHall);
  referral.set_body("bodies/babaoshan");
  referral.set_ask(v1::Referral::ASK_LOCATE);
  referral.set_question("请协助查找火化档案。");
  referral.mutable_lawful_basis()->set_kind(v1::LawfulBasis::KIND_NEAR_KIN_OF_DECEASED);
  referral.mutable_lawful_basis()->set_purpose("补办火化证明");
  referral.mutable_lawful_basis()->set_evidence("窗口当面告知并同意");
  referral.mutable_lawful_basis()->add_data_kinds(v1::DATA_KIND_SUBJECT_NAME);
  referral.mutable_lawful_basis()->add_data_kinds(v1::DATA_KIND_EVENT_DATE);
  v1::DisclosedField& name = *referral.add_disclosed();
  name.set_kind(v1::DATA_KIND_SUBJECT_NAME);
  name.set_value("郑某某");
  referral.set_paper_title("火化证明");
  referral.set_connector(connector);
  request.set_request_id(NewId());
  return request;
}

v1::Referral NewReferral(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  return Get(&Referrals::CreateReferral, CreateRequest(connector), Officer());
}

v1::Referral Read(const std::string& name) {
  v1::GetReferralRequest request;
  request.set_name(name);
  return Get(&Referrals::GetReferral, request, Officer());
}

std::vector<v1::Entry> EntriesOf(const std::string& name) {
  v1::ListEntriesRequest request;
  request.set_parent(name);
  const v1::ListEntriesResponse response = Get(&Referrals::ListEntries, request, Officer());
  return {response.entries().begin(), response.entries().end()};
}

v1::CreateEntryRequest ReachedRequest(const std::string& name) {
  v1::CreateEntryRequest request;
  request.set_parent(name);
  v1::Attempt& attempt = *request.mutable_entry()->mutable_attempt();
  attempt.set_channel(common::CHANNEL_PHONE);
  attempt.set_result(v1::Attempt::RESULT_REACHED);
  attempt.set_summary("营业室让找殡仪科");
  request.set_request_id(NewId());
  return request;
}

v1::Referral SentReferral() {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::CreateEntry, ReachedRequest(referral.name()), Officer());
  return Read(referral.name());
}

v1::RecordReplyRequest ReplyRequest(const std::string& name, v1::Reply::Kind kind, const std::string& reason) {
  v1::RecordReplyRequest request;
  request.set_name(name);
  request.mutable_reply()->set_kind(kind);
  request.mutable_reply()->set_channel(common::CHANNEL_PHONE);
  request.mutable_reply()->set_reason(reason);
  request.set_request_id(NewId());
  return request;
}

v1::SetCutOffRequest CutOffRequest(const std::string& name, absl::CivilDay anchor) {
  v1::SetCutOffRequest request;
  request.set_name(name);
  request.set_rule_note(kNote);
  rpc::ToProto(anchor, request.mutable_anchor_day());
  request.set_request_id(NewId());
  return request;
}

v1::CancelReferralRequest CancelRequest(const std::string& name) {
  v1::CancelReferralRequest request;
  request.set_name(name);
  request.set_reason("当事人找到了原件");
  request.set_request_id(NewId());
  return request;
}

v1::IssueRouteSheetRequest SheetRequest(const std::string& name) {
  v1::IssueRouteSheetRequest request;
  request.set_parent(name);
  v1::RouteSheet::Step& step = *request.mutable_route_sheet()->add_steps();
  step.set_title("到档案室补办火化证明");
  step.set_unit("archive");
  step.add_bring("经办人身份证");
  step.add_take_away("火化证明");
  request.mutable_route_sheet()->set_remark("<b>先打电话</b>");
  request.set_request_id(NewId());
  return request;
}

v1::CreateRuleNoteRequest NoteRequest() {
  v1::CreateRuleNoteRequest request;
  request.set_parent("bodies/xicheng-hr");
  request.mutable_rule_note()->set_service_item("查人事档案");
  request.mutable_rule_note()->set_text("须单位介绍信");
  request.mutable_rule_note()->set_source("档案管理科，来电");
  request.set_request_id(NewId());
  return request;
}

// The one mail that matches nothing and nobody has filed, with this subject.
v1::UnmatchedMail AwaitUnmatched(const std::string& subject) {
  v1::UnmatchedMail found;
  Eventually([&] {
    const v1::ListUnmatchedMailsResponse response =
        Get(&Referrals::ListUnmatchedMails, v1::ListUnmatchedMailsRequest(), Officer());
    for (const v1::UnmatchedMail& mail : response.unmatched_mails()) {
      if (mail.subject() == subject) found = mail;
    }
    return !found.name().empty();
  });
  return found;
}

v1::UnmatchedMail NewUnmatched() {
  const std::string subject = "无主来信 " + NewId();
  World::Get().mail().Deliver(subject, "您好，查到了。");
  return AwaitUnmatched(subject);
}

v1::FileUnmatchedMailRequest FileRequest(const std::string& referral) {
  v1::FileUnmatchedMailRequest request;
  request.set_name(NewUnmatched().name());
  request.set_referral(referral);
  request.set_request_id(NewId());
  return request;
}

std::vector<common::Task> TasksAbout(const std::string& subject, const std::string& token = Officer()) {
  common::ListTasksRequest request;
  request.set_subject(subject);
  const common::ListTasksResponse response = Get(&Tasks::ListTasks, request, token);
  return {response.tasks().begin(), response.tasks().end()};
}

// The open desk task of `kind` about `subject`, waiting for it.
common::Task AwaitTask(const std::string& subject, const std::string& kind, const std::string& token = Officer()) {
  common::Task found;
  Eventually([&] {
    for (const common::Task& task : TasksAbout(subject, token)) {
      if (task.kind() == kind) found = task;
    }
    return !found.name().empty();
  });
  EXPECT_EQ(found.kind(), kind);
  return found;
}

absl::Status Complete(const common::Task& task, const std::string& outcome, const std::string& note = "",
                      absl::Time next_action_time = absl::InfinitePast()) {
  common::LeaseTaskRequest lease;
  lease.set_name(task.name());
  const common::LeaseTaskResponse leased = Get(&Tasks::LeaseTask, lease, Officer());
  common::CompleteTaskRequest request;
  request.set_name(task.name());
  request.set_lease_token(leased.lease_token());
  request.set_outcome(outcome);
  request.set_note(note);
  if (next_action_time != absl::InfinitePast()) {
    rpc::ToProto(next_action_time, request.mutable_next_action_time());
  }
  request.set_request_id(NewId());
  common::CompleteTaskResponse response;
  return Ask(&Tasks::CompleteTask, request, &response, Officer());
}

v1::Referral AwaitState(const std::string& name, v1::Referral::State state) {
  v1::Referral found;
  Eventually([&] {
    found = Read(name);
    return found.state() == state;
  });
  EXPECT_EQ(found.state(), state);
  return found;
}

// Past the moment at which the referral is next acted on.
void AdvanceTo(const google::protobuf::Timestamp& time) {
  World::Get().clock().Advance(rpc::FromProto(time) - World::Get().now() + absl::Seconds(1));
}

// --- What holds for every RPC -------------------------------------------------

struct Rpc {
  std::string method;
  std::function<std::unique_ptr<Message>()> request;
  std::function<std::string()> wrong_role;
  bool of_a_hall = true;
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method; }
};

template <typename Request>
std::unique_ptr<Message> Copy(const Request& request) {
  return std::make_unique<Request>(request);
}

template <typename Request>
std::unique_ptr<Message> Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return Copy(request);
}

std::vector<Rpc> AllRpcs() {
  return {
      {"BodyService/ListBodies", [] { return Copy(v1::ListBodiesRequest()); }, Clerk, false},
      {"BodyService/GetBody", [] { return Named<v1::GetBodyRequest>("bodies/babaoshan"); }, Clerk, false},
      {"BodyService/CreateRuleNote", [] { return Copy(NoteRequest()); }, Clerk, false},
      {"BodyService/ListRuleNotes",
       [] {
         v1::ListRuleNotesRequest request;
         request.set_parent("bodies/babaoshan");
         return Copy(request);
       },
       Clerk, false},
      {"ReferralService/CreateReferral", [] { return Copy(CreateRequest()); }, District},
      {"ReferralService/GetReferral", [] { return Named<v1::GetReferralRequest>(NewReferral().name()); }, Clerk},
      {"ReferralService/ListReferrals", [] { return Copy(v1::ListReferralsRequest()); }, Clerk, false},
      {"ReferralService/CreateEntry", [] { return Copy(ReachedRequest(NewReferral().name())); }, District},
      {"ReferralService/ListEntries",
       [] {
         v1::ListEntriesRequest request;
         request.set_parent(NewReferral().name());
         return Copy(request);
       },
       Clerk},
      {"ReferralService/RecordReply",
       [] { return Copy(ReplyRequest(SentReferral().name(), v1::Reply::KIND_DECLINED, "不予办理")); }, District},
      {"ReferralService/SetCutOff",
       [] { return Copy(CutOffRequest(NewReferral().name(), absl::CivilDay(2018, 5, 6))); }, District},
      {"ReferralService/CancelReferral", [] { return Copy(CancelRequest(NewReferral().name())); }, District},
      {"ReferralService/IssueRouteSheet", [] { return Copy(SheetRequest(NewReferral().name())); }, District},
      {"ReferralService/GetRouteSheet",
       [] {
         const v1::Referral referral = NewReferral();
         Get(&Referrals::IssueRouteSheet, SheetRequest(referral.name()), Officer());
         return Named<v1::GetRouteSheetRequest>(referral.name() + "/routeSheets/latest");
       },
       Clerk},
      {"ReferralService/ListUnmatchedMails", [] { return Copy(v1::ListUnmatchedMailsRequest()); }, Clerk, false},
      {"ReferralService/FileUnmatchedMail", [] { return Copy(FileRequest(NewReferral().name())); }, Clerk},
  };
}

constexpr char kPackage[] = "xixinting.referral.v1";

Answer Send(const Rpc& rpc, const std::string& bytes, const std::string& token) {
  return contract::Send(World::Get().channel(), absl::StrCat("/", kPackage, ".", rpc.method), bytes, token);
}
Answer Send(const Rpc& rpc, const Message& request, const std::string& token) {
  return Send(rpc, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, EveryRpc, ::testing::ValuesIn(AllRpcs()), contract::NameOf<Rpc>);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcOfAHall, ::testing::ValuesIn(contract::OfAHall(AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithEtag : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcWithEtag, ::testing::ValuesIn(contract::With("etag", kPackage, AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcWithRequestId,
                         ::testing::ValuesIn(contract::With("request_id", kPackage, AllRpcs())), contract::NameOf<Rpc>);

TEST_P(EveryRpc, AnswersWhoMayAsk) {
  const Answer answer = Send(GetParam(), *GetParam().request(), Officer());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, GetParam().wrong_role()).status), "ROLE_MISSING");
}

TEST_P(RpcOfAHall, RefusesStaffOfAnotherHall) {
  EXPECT_EQ(ReasonOf(Send(GetParam(), *GetParam().request(), Stranger()).status), "OTHER_HALL");
}

TEST_P(EveryRpc, NamesEveryRequiredFieldThatIsMissing) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (!Behaves(field, google::api::REQUIRED)) return false;
    message->GetReflection()->ClearField(message, field);
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(path));
  }
}

TEST_P(EveryRpc, NamesEveryTextThatIsTooLong) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    message->GetReflection()->SetString(message, field, std::string(5000, 'x'));
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(path));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("xxx")));
  }
}

TEST_P(EveryRpc, NamesEveryUnknownEnumValue) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return false;
    if (field->is_repeated()) {
      message->GetReflection()->AddEnumValue(message, field, 999);
    } else {
      message->GetReflection()->SetEnumValue(message, field, 999);
    }
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(HasSubstr(path)));
  }
}

TEST_P(EveryRpc, RefusesTextThatIsNotUtf8) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    message->GetReflection()->SetString(message, field, "\xff\xfe");
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    EXPECT_EQ(ReasonOf(Send(GetParam(), *request, Officer()).status), "FIELD_INVALID") << path;
  }
}

TEST_P(RpcWithEtag, RefusesAStaleEtag) {
  const auto request = GetParam().request();
  const FieldDescriptor* etag = request->GetDescriptor()->FindFieldByName("etag");
  request->GetReflection()->SetString(request.get(), etag, "999");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, Officer()).status), "ETAG_MISMATCH");
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const FieldDescriptor* id = request->GetDescriptor()->FindFieldByName("request_id");
  const Answer first = Send(GetParam(), *request, Officer());
  const Answer second = Send(GetParam(), *request, Officer());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(first.bytes, second.bytes);

  // The same id for something else is a mistake.
  const auto other = GetParam().request();
  other->GetReflection()->SetString(other.get(), id, request->GetReflection()->GetString(*request, id));
  const auto changed = Spoiled(*other, [](Message* message, const FieldDescriptor* field) {
    const std::set<std::string> texts = {"text", "reason", "question", "summary", "remark", "etag", "referral"};
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || texts.count(field->name()) == 0) return false;
    const bool name = field->name() == "referral";
    const bool etag = field->name() == "etag";
    message->GetReflection()->SetString(message, field, name ? "referrals/" + NewId() : etag ? "1" : "别的内容");
    return true;
  });
  ASSERT_THAT(changed, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *changed.front().second, Officer()).status), "REQUEST_ID_REUSED");
}

// --- Bodies and rules -----------------------------------------------------------

TEST(ListBodies, FindsByTitleByDocumentAndByKind) {
  const auto find = [](const std::string& query, v1::Body::Kind kind) {
    v1::ListBodiesRequest request;
    request.set_query(query);
    request.set_kind(kind);
    std::vector<std::string> names;
    const v1::ListBodiesResponse response = Get(&Bodies::ListBodies, request, Officer());
    for (const v1::Body& body : response.bodies()) names.push_back(body.name());
    return names;
  };
  EXPECT_THAT(find("八宝山", v1::Body::KIND_UNSPECIFIED), ElementsAre("bodies/babaoshan"));
  EXPECT_THAT(find("人事档案", v1::Body::KIND_UNSPECIFIED), ElementsAre("bodies/xicheng-hr"));
  EXPECT_THAT(find("", v1::Body::KIND_HOSPITAL), ElementsAre("bodies/taoranting-hospital"));
  EXPECT_THAT(find("100%_", v1::Body::KIND_UNSPECIFIED), IsEmpty());
}

TEST(ListBodies, PagesThroughEveryBodyOnce) {
  v1::ListBodiesRequest request;
  request.set_page_size(2);
  std::set<std::string> names;
  int pages = 0;
  do {
    const v1::ListBodiesResponse response = Get(&Bodies::ListBodies, request, Officer());
    for (const v1::Body& body : response.bodies()) EXPECT_TRUE(names.insert(body.name()).second);
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < 10);
  EXPECT_THAT(names, SizeIs(5));
  EXPECT_EQ(pages, 3);
  request.set_page_token("broken");
  EXPECT_EQ(ReasonFor(&Bodies::ListBodies, request, Officer()), "PAGE_TOKEN_INVALID");
}

TEST(RuleNotes, AreReadBackNewestFirst) {
  v1::CreateRuleNoteRequest request = NoteRequest();
  const v1::RuleNote made = Get(&Bodies::CreateRuleNote, request, Officer());
  EXPECT_EQ(made.verifier(), "staff/wang");
  v1::ListRuleNotesRequest list;
  list.set_parent(request.parent());
  EXPECT_EQ(Get(&Bodies::ListRuleNotes, list, Officer()).rule_notes(0).name(), made.name());
}

TEST(RuleNotes, WithAPeriodNeedAnAnchor) {
  v1::CreateRuleNoteRequest request = NoteRequest();
  request.mutable_rule_note()->set_period("P2Y");
  v1::RuleNote response;
  const absl::Status status = Ask(&Bodies::CreateRuleNote, request, &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("rule_note.anchor"));
}

// --- Asking ---------------------------------------------------------------------

TEST(CreateReferral, RefusesADatumWithoutLawfulBasis) {
  v1::CreateReferralRequest request = CreateRequest();
  v1::DisclosedField& number = *request.mutable_referral()->add_disclosed();
  number.set_kind(v1::DATA_KIND_SUBJECT_RESIDENT_ID);
  number.set_value("11010519491231002X");
  v1::Referral response;
  const absl::Status status = Ask(&Referrals::CreateReferral, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "LAWFUL_BASIS_MISSING");
  EXPECT_THAT(status.ToString(), HasSubstr("referral.disclosed[1].kind"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("11010519491231002X")));
}

TEST(CreateReferral, RefusesABodyOrUnitThatIsNotThere) {
  v1::CreateReferralRequest request = CreateRequest();
  request.mutable_referral()->set_body("bodies/nowhere");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "RESOURCE_NOT_FOUND");
  request = CreateRequest();
  request.mutable_referral()->set_unit("kitchen");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "FIELD_INVALID");
  // The archive has no mail address.
  request = CreateRequest(v1::Referral::CONNECTOR_EMAIL);
  request.mutable_referral()->set_unit("archive");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "FIELD_INVALID");
}

TEST(CreateReferral, TellsTheCaseAlsoWhenIntakeWasAway) {
  World::Get().intake().BeAway(1);
  const v1::Referral referral = NewReferral();
  const intake::ReportReferralRequest report =
      World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_OPENED);
  EXPECT_EQ(report.case_name(), referral.case_name());
  EXPECT_EQ(report.body_title(), "八宝山殡仪馆");
  EXPECT_EQ(report.paper_title(), "火化证明");
}

TEST(StaffReferral, IsCarriedByThePersonWhoTakesTheTask) {
  const v1::Referral referral = NewReferral();
  const common::Task task = AwaitTask(referral.name(), "referral.carry");
  EXPECT_EQ(task.assignee(), "staff/wang");
  EXPECT_THAT(task.summary(), HasSubstr("010-6000 1234"));
  EXPECT_THAT(task.summary(), Not(HasSubstr("郑某某")));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "无人接听").ok());
  // Again on the next working day, not at once.
  EXPECT_THAT(TasksAbout(referral.name()), IsEmpty());
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(EntriesOf(referral.name()).back().attempt().result() == v1::Attempt::RESULT_NO_ANSWER);
}

TEST(StaffReferral, IsSentOnceTheBodyIsReached) {
  const v1::Referral referral = NewReferral();
  EXPECT_TRUE(Complete(AwaitTask(referral.name(), "referral.carry"), "REACHED", "营业室接听").ok());
  const v1::Referral sent = Read(referral.name());
  EXPECT_EQ(sent.state(), v1::Referral::STATE_SENT);
  EXPECT_TRUE(sent.has_next_action_time());
  EXPECT_EQ(EntriesOf(referral.name()).front().attempt().summary(), "营业室接听");
}

// --- Replies ----------------------------------------------------------------------

TEST(RecordReply, MovesTheReferralAndTellsTheCase) {
  const struct {
    v1::Reply::Kind kind;
    v1::Referral::State state;
  } kMoves[] = {
      {v1::Reply::KIND_ACKNOWLEDGED, v1::Referral::STATE_ACCEPTED},
      {v1::Reply::KIND_PASSED_ON, v1::Referral::STATE_ACCEPTED},
      {v1::Reply::KIND_NEEDS_INPUT, v1::Referral::STATE_NEEDS_INPUT},
      {v1::Reply::KIND_ANSWERED, v1::Referral::STATE_ANSWERED},
      {v1::Reply::KIND_NOT_HELD, v1::Referral::STATE_NOT_HELD},
      {v1::Reply::KIND_REDIRECTED, v1::Referral::STATE_REDIRECTED},
      {v1::Reply::KIND_DECLINED, v1::Referral::STATE_DECLINED},
  };
  for (const auto& move : kMoves) {
    const v1::Referral referral = SentReferral();
    const v1::Referral moved =
        Get(&Referrals::RecordReply, ReplyRequest(referral.name(), move.kind, "说明"), Officer());
    EXPECT_EQ(moved.state(), move.state);
    EXPECT_EQ(moved.has_next_action_time(), move.state < v1::Referral::STATE_ANSWERED);
    if (move.state > v1::Referral::STATE_ANSWERED) {
      const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_ENDED);
      EXPECT_EQ(report.referral(), referral.name());
      EXPECT_THAT(report.summary(), Not(HasSubstr("说明")));
    }
  }
}

TEST(RecordReply, OfANegativeKindNeedsAReason) {
  v1::Referral response;
  const absl::Status status = Ask(
      &Referrals::RecordReply, ReplyRequest(SentReferral().name(), v1::Reply::KIND_NOT_HELD, ""), &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("reply.reason"));
}

TEST(RecordReply, WritesHopAndFindingIntoTheLedger) {
  const v1::Referral referral = SentReferral();
  v1::RecordReplyRequest passed = ReplyRequest(referral.name(), v1::Reply::KIND_PASSED_ON, "");
  passed.mutable_reply()->mutable_hop()->set_from_unit("funeral");
  passed.mutable_reply()->mutable_hop()->set_to_unit("archive");
  passed.mutable_reply()->mutable_hop()->set_extension("8");
  Get(&Referrals::RecordReply, passed, Officer());
  v1::RecordReplyRequest answered = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  answered.mutable_reply()->mutable_finding()->set_reference_number("2014-0612");
  answered.mutable_reply()->mutable_finding()->set_holder_unit("archive");
  answered.mutable_reply()->mutable_finding()->set_text("档案在，可补办");
  Get(&Referrals::RecordReply, answered, Officer());
  std::vector<v1::Entry::ContentCase> kinds;
  for (const v1::Entry& entry : EntriesOf(referral.name())) kinds.push_back(entry.content_case());
  EXPECT_THAT(kinds, ElementsAre(v1::Entry::kAttempt, v1::Entry::kReply, v1::Entry::kHop, v1::Entry::kReply,
                                 v1::Entry::kFinding));
}

TEST(RecordReply, IsRefusedByAnEndedReferralUnlessAMailSaysSo) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  EXPECT_EQ(ReasonFor(&Referrals::RecordReply, ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, ""), Officer()),
            "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer()), "STATE_FORBIDS");
  v1::RecordReplyRequest unknown_mail = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  unknown_mail.mutable_reply()->set_mail(referral.name() + "/entries/" + NewId());
  EXPECT_EQ(ReasonFor(&Referrals::RecordReply, unknown_mail, Officer()), "RESOURCE_NOT_FOUND");
}

// --- The ledger ---------------------------------------------------------------------

TEST(CreateEntry, KeepsAClaimAndWhatItWasWorth) {
  const v1::Referral referral = NewReferral();
  v1::CreateEntryRequest claim;
  claim.set_parent(referral.name());
  claim.mutable_entry()->mutable_claim()->set_said_by("营业室");
  claim.mutable_entry()->mutable_claim()->set_said_to("当事人");
  claim.mutable_entry()->mutable_claim()->set_text("不能补办");
  claim.set_request_id(NewId());
  const v1::Entry said = Get(&Referrals::CreateEntry, claim, Officer());
  v1::CreateEntryRequest verdict;
  verdict.set_parent(referral.name());
  verdict.mutable_entry()->mutable_verdict()->set_claim(said.name());
  verdict.mutable_entry()->mutable_verdict()->set_kind(v1::Verdict::KIND_REFUTED);
  verdict.mutable_entry()->mutable_verdict()->set_basis("档案室：十年内可补办");
  verdict.set_request_id(NewId());
  EXPECT_EQ(Get(&Referrals::CreateEntry, verdict, Officer()).verdict().claim(), said.name());
  verdict.mutable_entry()->mutable_verdict()->set_claim(referral.name() + "/entries/" + NewId());
  verdict.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Referrals::CreateEntry, verdict, Officer()), "RESOURCE_NOT_FOUND");
}

TEST(CreateEntry, RefusesTheFutureAndWhatTheServiceWritesItself) {
  v1::CreateEntryRequest request = ReachedRequest(NewReferral().name());
  rpc::ToProto(World::Get().now() + absl::Hours(1), request.mutable_entry()->mutable_occur_time());
  EXPECT_EQ(ReasonFor(&Referrals::CreateEntry, request, Officer()), "FIELD_INVALID");
  request.mutable_entry()->clear_occur_time();
  request.mutable_entry()->mutable_mail()->set_text("假邮件");
  EXPECT_EQ(ReasonFor(&Referrals::CreateEntry, request, Officer()), "FIELD_INVALID");
}

// --- Cut-off and route sheet ----------------------------------------------------------

TEST(SetCutOff, CountsFromTheAnchorAndWarnsInTime) {
  const v1::Referral referral = NewReferral();
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  // Ten years from then is in about forty days: the 30-day rung is ahead.
  const absl::CivilDay last = today + 40;
  const v1::Referral set =
      Get(&Referrals::SetCutOff,
          CutOffRequest(referral.name(), absl::CivilDay(last.year() - 10, last.month(), last.day())), Officer());
  EXPECT_EQ(rpc::FromProto(set.cut_off().last_day()), last);
  EXPECT_LE(rpc::FromProto(set.cut_off().last_safe_day()), last);
  EXPECT_TRUE(set.cut_off().irrevocable());
  // The 90-day rung has passed: told at once.
  const common::Task task = AwaitTask(referral.name(), "referral.cut_off_warning");
  EXPECT_THAT(task.summary(), HasSubstr("不再补办"));
  EXPECT_TRUE(Complete(task, "SEEN").ok());
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  EXPECT_EQ(rpc::FromProto(report.last_safe_day()), rpc::FromProto(set.cut_off().last_safe_day()));
}

TEST(SetCutOff, NeedsARuleWithAPeriodAndADayThatHasBeen) {
  const v1::Referral referral = NewReferral();
  v1::SetCutOffRequest request = CutOffRequest(referral.name(), calendar::ToCivilDay(World::Get().now()) + 1);
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "FIELD_INVALID");
  request = CutOffRequest(referral.name(), absl::CivilDay(2020, 1, 1));
  request.set_rule_note("bodies/babaoshan/ruleNotes/" + NewId());
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "RESOURCE_NOT_FOUND");
  v1::CreateRuleNoteRequest note = NoteRequest();
  note.set_parent("bodies/babaoshan");
  request.set_rule_note(Get(&Bodies::CreateRuleNote, note, Officer()).name());
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "STATE_FORBIDS");
}

TEST(IssueRouteSheet, FillsInTheDirectoryAndEscapesTheRest) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), absl::CivilDay(2018, 5, 6)), Officer());
  const v1::RouteSheet sheet = Get(&Referrals::IssueRouteSheet, SheetRequest(referral.name()), Officer());
  EXPECT_EQ(sheet.name(), referral.name() + "/routeSheets/1");
  EXPECT_EQ(sheet.steps(0).person(), "赵师傅");
  EXPECT_EQ(sheet.steps(0).phone_number(), "010-6000 1234 转 8");
  EXPECT_EQ(sheet.steps(0).hours(), "周一至周五 08:30-11:30、13:30-16:00");
  EXPECT_THAT(sheet.text(), HasSubstr("最晚办理日"));
  EXPECT_THAT(sheet.html(), HasSubstr("&lt;b&gt;先打电话&lt;/b&gt;"));
  EXPECT_THAT(sheet.html(), Not(HasSubstr("<b>先打电话")));
  Get(&Referrals::IssueRouteSheet, SheetRequest(referral.name()), Officer());
  v1::GetRouteSheetRequest request;
  request.set_name(referral.name() + "/routeSheets/latest");
  EXPECT_EQ(Get(&Referrals::GetRouteSheet, request, Officer()).name(), referral.name() + "/routeSheets/2");
  request.set_name(referral.name() + "/routeSheets/1");
  EXPECT_EQ(Get(&Referrals::GetRouteSheet, request, Officer()).SerializeAsString(), sheet.SerializeAsString());
  request.set_name(referral.name() + "/routeSheets/9");
  EXPECT_EQ(ReasonFor(&Referrals::GetRouteSheet, request, Officer()), "RESOURCE_NOT_FOUND");
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_ROUTE_SHEET);
  EXPECT_TRUE(report.has_last_safe_day());
}

// --- Mail ------------------------------------------------------------------------------

TEST(EmailReferral, SendsOneMailWithTheCodeAndNothingMore) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  const std::vector<v1::Entry> entries = EntriesOf(referral.name());
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].mail().state(), v1::Mail::STATE_ACCEPTED);
  EXPECT_THAT(entries[0].mail().subject(), HasSubstr("[" + referral.answer_code() + "]"));
  EXPECT_THAT(entries[0].mail().text(), HasSubstr("郑某某"));
  EXPECT_THAT(entries[0].mail().text(), Not(HasSubstr("窗口当面告知并同意")));
  const std::string mailbox = World::Get().mail().Get("/mailbox/archive@crematorium.example");
  EXPECT_THAT(mailbox, HasSubstr(referral.answer_code()));
}

TEST(EmailReferral, AnAnswerIsFiledOnceAndShownToTheOwner) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const v1::Referral sent = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  World::Get().mail().Deliver("回复：协查函 【" + referral.answer_code() + "】", "档案室在二层，赵师傅。");
  const common::Task task = AwaitTask(referral.name(), "referral.read_mail");
  const std::vector<v1::Entry> entries = EntriesOf(referral.name());
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[1].mail().direction(), v1::Mail::DIRECTION_IN);
  EXPECT_THAT(entries[1].mail().text(), HasSubstr("档案室在二层，赵师傅。"));
  EXPECT_EQ(entries[1].mail().address(), "archive@crematorium.example");

  // The officer says what it means; that settles the task.
  v1::RecordReplyRequest reply = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  reply.mutable_reply()->set_channel(common::CHANNEL_EMAIL);
  reply.mutable_reply()->set_mail(entries[1].name());
  EXPECT_EQ(Get(&Referrals::RecordReply, reply, Officer()).state(), v1::Referral::STATE_ANSWERED);
  EXPECT_THAT(TasksAbout(referral.name()), IsEmpty());
}

TEST(EmailReferral, AMailThatComesLateIsFiledAndMovesNothing) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  World::Get().mail().Deliver("回复 " + referral.answer_code(), "查到了。");
  AwaitTask(referral.name(), "referral.read_mail");
  v1::RecordReplyRequest reply = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  for (const v1::Entry& entry : EntriesOf(referral.name())) {
    if (entry.mail().direction() == v1::Mail::DIRECTION_IN) reply.mutable_reply()->set_mail(entry.name());
  }
  EXPECT_EQ(Get(&Referrals::RecordReply, reply, Officer()).state(), v1::Referral::STATE_CANCELLED);
}

TEST(EmailReferral, IsSentAgainAfterARefusalForNow) {
  World::Get().mail().Post("/control", R"({"smtp":"tempfail","count":1})");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  EXPECT_THAT(EntriesOf(referral.name()), SizeIs(1));
}

TEST(EmailReferral, ARefusalForGoodGoesToAPerson) {
  World::Get().mail().SetSmtp("reject");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const common::Task task = AwaitTask(referral.name(), "referral.mail_trouble");
  World::Get().mail().SetSmtp("ok");
  EXPECT_EQ(EntriesOf(referral.name()).back().mail().state(), v1::Mail::STATE_REFUSED);
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(Complete(task, "CALL_INSTEAD").ok());
  AwaitTask(referral.name(), "referral.carry");
  EXPECT_EQ(Read(referral.name()).connector(), v1::Referral::CONNECTOR_STAFF);
}

TEST(EmailReferral, AMailInDoubtIsNeverSentAgainByItself) {
  World::Get().mail().Post("/control", R"({"smtp":"drop_after_data","count":1})");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const common::Task task = AwaitTask(referral.name(), "referral.mail_trouble");
  EXPECT_EQ(EntriesOf(referral.name()).back().mail().state(), v1::Mail::STATE_IN_DOUBT);
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(Complete(task, "WAS_SENT", "对方说收到了").ok());
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_SENT);
}

TEST(UnmatchedMail, IsShownAndFiledByAPerson) {
  const v1::UnmatchedMail mail = NewUnmatched();
  EXPECT_THAT(mail.text(), HasSubstr("查到了"));
  AwaitTask(mail.name(), "referral.unmatched_mail", District());
  const v1::Referral referral = SentReferral();
  v1::FileUnmatchedMailRequest request;
  request.set_name(mail.name());
  request.set_referral(referral.name());
  request.set_request_id(NewId());
  const v1::Entry entry = Get(&Referrals::FileUnmatchedMail, request, Officer()).entry();
  EXPECT_EQ(entry.mail().direction(), v1::Mail::DIRECTION_IN);
  AwaitTask(referral.name(), "referral.read_mail");
  EXPECT_THAT(TasksAbout(mail.name(), District()), IsEmpty());
  request.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Referrals::FileUnmatchedMail, request, Officer()), "STATE_FORBIDS");
}

TEST(UnmatchedMail, CanBeSetAsideWithAReason) {
  v1::FileUnmatchedMailRequest request;
  request.set_name(NewUnmatched().name());
  request.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Referrals::FileUnmatchedMail, request, Officer()), "FIELD_INVALID");
  request.set_set_aside_reason("广告");
  EXPECT_FALSE(Get(&Referrals::FileUnmatchedMail, request, Officer()).has_entry());
}

// --- Listing and watching ----------------------------------------------------------------

TEST(ListReferrals, ShowsTheOpenOnesOfTheCaseNextFirst) {
  v1::CreateReferralRequest create = CreateRequest();
  const v1::Referral first = Get(&Referrals::CreateReferral, create, Officer());
  create.set_request_id(NewId());
  const v1::Referral second = Get(&Referrals::CreateReferral, create, Officer());
  Get(&Referrals::CancelReferral, CancelRequest(second.name()), Officer());
  v1::ListReferralsRequest request;
  request.set_case_name(first.case_name());
  v1::ListReferralsResponse response = Get(&Referrals::ListReferrals, request, Officer());
  ASSERT_EQ(response.referrals_size(), 1);
  EXPECT_EQ(response.referrals(0).name(), first.name());
  EXPECT_FALSE(response.resume_token().empty());
  request.set_include_ended(true);
  request.set_page_size(1);
  response = Get(&Referrals::ListReferrals, request, Officer());
  EXPECT_EQ(response.referrals(0).name(), first.name());
  request.set_page_token(response.next_page_token());
  EXPECT_EQ(Get(&Referrals::ListReferrals, request, Officer()).referrals(0).name(), second.name());
  EXPECT_EQ(Get(&Referrals::ListReferrals, request, Stranger()).referrals_size(), 0);
}

TEST(WatchReferrals, TellsWhatHappensAfterTheList) {
  const v1::Referral referral = NewReferral();
  const std::string token = Get(&Referrals::ListReferrals, v1::ListReferralsRequest(), Officer()).resume_token();
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  Referrals stub(World::Get().channel());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  v1::WatchReferralsRequest request;
  request.set_name(referral.name());
  request.set_resume_token(token);
  const auto reader = stub.WatchReferrals(&context, request);
  v1::WatchReferralsResponse response;
  std::vector<std::string> types;
  while (types.empty() && reader->Read(&response)) {
    for (const common::Event& event : response.events()) types.push_back(event.type());
  }
  context.TryCancel();
  EXPECT_THAT(types, Contains("referral.state_changed.v1"));
}

// --- The chase: these move the clock, so they come last ------------------------------------

TEST(ZChase, RemindsTwiceThenAsksAPersonAndNeverEndsByItself) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  v1::Referral now = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  for (int reminder = 1; reminder <= 2; ++reminder) {
    AdvanceTo(now.next_action_time());
    ASSERT_TRUE(Eventually([&] {
      now = Read(referral.name());
      return now.reminder_count() == reminder &&
             EntriesOf(referral.name()).size() == static_cast<std::size_t>(1 + reminder);
    })) << now.ShortDebugString();
    EXPECT_EQ(EntriesOf(referral.name()).back().mail().direction(), v1::Mail::DIRECTION_REMINDER);
  }
  AdvanceTo(now.next_action_time());
  const common::Task task = AwaitTask(referral.name(), "referral.decide_silence");
  now = Read(referral.name());
  EXPECT_EQ(now.state(), v1::Referral::STATE_SENT);

  // To give up takes a reason; to wait, a day.
  EXPECT_THAT(FieldsOf(Complete(task, "NO_ANSWER")), ElementsAre("note"));
  EXPECT_THAT(FieldsOf(Complete(task, "KEEP_WAITING")), ElementsAre("next_action_time"));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "两次催办均无回音").ok());
  now = Read(referral.name());
  EXPECT_EQ(now.state(), v1::Referral::STATE_NO_ANSWER);
  EXPECT_EQ(now.state_reason(), "两次催办均无回音");
  EXPECT_FALSE(now.has_next_action_time());
}

TEST(ZChase, AMailLetsTheSilenceBeginAnew) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const v1::Referral sent = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  World::Get().clock().Advance(absl::Hours(2));
  World::Get().mail().Deliver("回复 " + referral.answer_code(), "收到，正在查。");
  AwaitTask(referral.name(), "referral.read_mail");
  EXPECT_GT(rpc::FromProto(Read(referral.name()).next_action_time()), rpc::FromProto(sent.next_action_time()));
}

TEST(ZChase, WaitsOnAsAPersonDecided) {
  const v1::Referral referral = SentReferral();
  v1::Referral now = referral;
  for (int i = 0; i < 3; ++i) {
    const std::string before = now.etag();
    AdvanceTo(now.next_action_time());
    ASSERT_TRUE(Eventually([&] {
      now = Read(referral.name());
      return now.etag() != before;
    }));
  }
  const common::Task task = AwaitTask(referral.name(), "referral.decide_silence");
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(World::Get().now() + absl::Hours(24 * 7)));
  EXPECT_TRUE(Complete(task, "KEEP_WAITING", "赵师傅出差，下周回来", until).ok());
  now = Read(referral.name());
  EXPECT_EQ(rpc::FromProto(now.next_action_time()), until);
  EXPECT_EQ(now.state(), v1::Referral::STATE_SENT);
}

}  // namespace
}  // namespace xxt::referral
