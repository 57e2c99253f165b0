// The notification service as its clients see it: real stubs, real stores, the
// simulated SMS gateway, and an intake service that only remembers.

#include <curl/curl.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/clock/clock.h"
#include "common/concurrency/mutex.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/testing/database.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "services/notification/assembly.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/service_world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/notification/v1/message_service.grpc.pb.h"

namespace xxt::notification {
namespace {

namespace v1 = ::xixinting::notification::v1;
namespace common = ::xixinting::common::v1;
namespace intake = ::xixinting::intake::v1;
using contract::Answer;
using contract::Behaves;
using contract::FieldsOf;
using contract::Prepare;
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
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr char kHall[] = "halls/110102016";
constexpr char kOtherHall[] = "halls/110102014";
constexpr char kCode[] = "016-1123-000042-1";

// Callers.
std::string Officer() { return test::Token("staff/wang", kHall, {"officer"}); }
std::string Clerk() { return test::Token("staff/chen", kHall, {"counter"}); }
std::string Stranger() { return test::Token("staff/officer-110102014", kOtherHall, {"officer", "leader"}); }
std::string District() { return test::Token("staff/qu", "", {"district"}); }
std::string Intake() { return test::Token("services/intake", "", {"service"}); }

std::string NewId() { return identifiers::NewUuid(absl::Now()); }

// Waits until `condition` holds; false after half a minute.
bool Eventually(const std::function<bool()>& condition) {
  const absl::Time give_up = absl::Now() + absl::Seconds(40);
  while (!condition()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

// The simulated gateway and its telephones, tools/sim/phone_gateway.py.
class Gateway {
 public:
  explicit Gateway(const std::string& dir) {
    std::ofstream(dir + "/token") << "secret";
    int ready[2];
    if (pipe(ready) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ready[1], STDOUT_FILENO);
      const std::string ledger = dir + "/ledger";
      const std::string token = dir + "/token";
      execl("/usr/bin/python3", "python3", XXT_SOURCE_DIR "/tools/sim/phone_gateway.py", "--port", "0", "--ledger",
            ledger.c_str(), "--token-file", token.c_str(), nullptr);
      _exit(127);
    }
    close(ready[1]);
    std::string line;
    for (char c = 0; read(ready[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
    close(ready[0]);
    const std::size_t at = line.find("http=");
    if (at == std::string::npos) {
      std::fprintf(stderr, "The gateway did not start: %s\n", line.c_str());
      std::abort();
    }
    url_ = "http://127.0.0.1:" + line.substr(at + 5);
  }
  ~Gateway() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  const std::string& url() const { return url_; }

  // Makes the next `count` messages meet `mode`; 0: until changed.
  void Set(const std::string& mode, int count = 0) {
    Http("/control", Json({{"mode", mode}, {"count", count}}).dump());
  }
  void DelayReceipts(int milliseconds) { Http("/control", Json({{"receipt_delay_ms", milliseconds}}).dump()); }

  // What the gateway took with this key.
  std::vector<Json> Taken(const std::string& key) {
    std::vector<Json> rows;
    for (const Json& row : Json::parse(Http("/ledger", ""))) {
      if (row.at("key") == key) rows.push_back(row);
    }
    return rows;
  }
  int counter(const char* name) { return Json::parse(Http("/control", "")).at(name).get<int>(); }

 private:
  static std::size_t Append(char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }
  std::string Http(const std::string& path, const std::string& body) {
    std::string answer;
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, (url_ + path).c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (!body.empty()) curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    if (curl_easy_perform(curl) != CURLE_OK) std::abort();
    curl_easy_cleanup(curl);
    return answer;
  }

  pid_t pid_ = 0;
  std::string url_;
};

// Remembers what it is told; is away when a test says so.
class FakeIntake final : public intake::CaseService::Service {
 public:
  grpc::Status ReportMessage(grpc::ServerContext*, const intake::ReportMessageRequest* request,
                             intake::ReportMessageResponse*) override {
    const MutexLock lock(mu_);
    if (away_ > 0) {
      --away_;
      return {grpc::StatusCode::UNAVAILABLE, "away"};
    }
    if (refuses_) return {grpc::StatusCode::NOT_FOUND, "no such case"};
    reports_.push_back(*request);
    return grpc::Status::OK;
  }

  // The kinds reported of a message so far, in order.
  std::vector<intake::ReportMessageRequest> Of(const std::string& message) {
    const MutexLock lock(mu_);
    std::vector<intake::ReportMessageRequest> found;
    for (const auto& report : reports_) {
      if (report.message() == message) found.push_back(report);
    }
    return found;
  }
  void BeAway(int calls) {
    const MutexLock lock(mu_);
    away_ = calls;
  }
  void Refuse(bool refuses) {
    const MutexLock lock(mu_);
    refuses_ = refuses;
  }

 private:
  Mutex mu_;
  int away_ = 0;
  bool refuses_ = false;
  std::vector<intake::ReportMessageRequest> reports_;
};

// One service with its stores and neighbours, for all tests of the program.
class World {
 public:
  static World& Get() {
    static World* const world = new World();
    return *world;
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Gateway& gateway() { return *gateway_; }
  FakeIntake& intake() { return intake_; }
  test::Database& database() { return *database_; }
  absl::Time now() const { return clock_->Now(); }
  void Advance(absl::Duration by) {
    clock_->Advance(by);
    absl::SleepFor(absl::Milliseconds(30));  // a FileClock is read every 20 ms
  }

  // Moves the clock to `hour` of the next working day.
  void AdvanceTo(int hour) {
    absl::CivilDay day = calendar::ToCivilDay(now()) + 1;
    while (!calendar::WorkingDays::China().IsWorkday(day)) ++day;
    Advance(calendar::AtTimeOfDay(day, hour, 0) - now());
  }

  // Runs the service anew against a gateway that knows a key for so long.
  void Restart(absl::Duration idempotency_window) {
    channel_.reset();
    assembly_.reset();
    config_.sms_idempotency_window = idempotency_window;
    Start();
  }

  void Stop() {
    channel_.reset();
    assembly_.reset();
    gateway_.reset();
    intake_server_->Shutdown();
    database_.reset();
    dir_.Remove();
  }

 private:
  World() {
    gateway_ = std::make_unique<Gateway>(dir_.path());  // forks, so before any thread
    database_ = std::make_unique<test::Database>("notification");
    clock_ = std::make_unique<FileClock>(dir_.path() + "/clock");
    AdvanceTo(10);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&intake_);
    intake_server_ = builder.BuildAndStart();
    Configure(port);
    Start();
  }

  void Configure(int intake_port) {
    config_.service = contract::ConfigOf("notification", *database_, dir_);
    config_.intake_address = absl::StrCat("127.0.0.1:", intake_port);
    config_.sms_url = gateway_->url() + "/v1/sms";
    config_.sms_receipts_url = gateway_->url() + "/v1/receipts";
    config_.sms_token = "secret";
    config_.sms_timeout = absl::Seconds(1);
    config_.sms_receipt_poll = absl::Milliseconds(50);
  }

  void Start() {
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
  std::unique_ptr<Gateway> gateway_;
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

// Calls a method of a stub; the response through `response`.
template <typename Stub, typename Request, typename Response>
absl::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                 Response* response, const std::string& token) {
  Stub stub(World::Get().channel());
  grpc::ClientContext context;
  Prepare(context, token);
  return rpc::FromGrpcStatus((stub.*method)(&context, request, response));
}

using Messages = v1::MessageService::Stub;
using Tasks = common::TaskService::Stub;

// The same, where the test needs the answer.
template <typename Stub, typename Request, typename Response>
Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
             const std::string& token) {
  Response response;
  const absl::Status status = Ask(method, request, &response, token);
  EXPECT_TRUE(status.ok()) << status;
  return response;
}

// --- Requests that are right ------------------------------------------------

void FillMessage(v1::Message* proto, const std::string& phone = "138 0013 8000") {
  proto->set_event("cases/" + NewId() + "#route-sheet");
  proto->set_audience("cases/x/parties/y");
  proto->set_case_name("cases/" + NewId());
  proto->set_hall(kHall);
  proto->mutable_recipient()->set_display_name("沈女士");
  proto->mutable_recipient()->set_phone_number(phone);
  proto->set_template_("route-sheet-ready");
  auto& parameters = *proto->mutable_parameters();
  parameters["code"].set_text(kCode);
  parameters["body"].set_text("八宝山殡仪馆");
  rpc::ToProto(absl::CivilDay(2027, 3, 5), parameters["last_day"].mutable_date());
}

v1::CreateMessageRequest CreateRequest(const std::string& phone = "138 0013 8000") {
  v1::CreateMessageRequest request;
  FillMessage(request.mutable_message(), phone);
  request.set_request_id(NewId());
  return request;
}

v1::Message Create(const v1::CreateMessageRequest& request) { return Get(&Messages::CreateMessage, request, Intake()); }

v1::Message Read(const std::string& name) {
  v1::GetMessageRequest request;
  request.set_name(name);
  return Get(&Messages::GetMessage, request, Officer());
}

// Waits until the message is in `state`, and returns it.
v1::Message Await(const std::string& name, v1::Message::State state) {
  v1::Message message;
  EXPECT_TRUE(Eventually([&] {
    message = Read(name);
    return message.state() == state;
  })) << message.ShortDebugString();
  return message;
}

std::vector<common::Task> TasksOf(const std::string& name, bool include_future = false) {
  common::ListTasksRequest request;
  request.set_subject(name);
  request.set_include_future(include_future);
  const common::ListTasksResponse response = Get(&Tasks::ListTasks, request, Officer());
  return {response.tasks().begin(), response.tasks().end()};
}

// The one desk task about a message, waiting for it.
common::Task TaskOf(const std::string& name, const std::string& kind) {
  std::vector<common::Task> tasks;
  EXPECT_TRUE(Eventually([&] {
    tasks = TasksOf(name);
    return tasks.size() == 1 && tasks[0].kind() == kind;
  })) << tasks.size();
  return tasks.empty() ? common::Task() : tasks[0];
}

absl::Status Complete(const common::Task& task, const std::string& outcome) {
  common::LeaseTaskRequest lease;
  lease.set_name(task.name());
  const common::LeaseTaskResponse leased = Get(&Tasks::LeaseTask, lease, Officer());
  common::CompleteTaskRequest request;
  request.set_name(task.name());
  request.set_lease_token(leased.lease_token());
  request.set_outcome(outcome);
  request.set_note("家里人接的电话");
  request.set_request_id(NewId());
  common::CompleteTaskResponse response;
  return Ask(&Tasks::CompleteTask, request, &response, Officer());
}

// A message that nobody knows the fate of: its receipt never came.
v1::Message InDoubt() {
  World& world = World::Get();
  world.gateway().DelayReceipts(3600 * 1000);
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  world.Advance(absl::Hours(49));
  return Await(message.name(), v1::Message::STATE_IN_DOUBT);
}

v1::ResolveInDoubtRequest ResolveRequest(const std::string& name, v1::ResolveInDoubtRequest::Resolution resolution) {
  v1::ResolveInDoubtRequest request;
  request.set_name(name);
  request.set_resolution(resolution);
  request.set_note("当事人说收到了");
  request.set_request_id(NewId());
  return request;
}

// --- What holds for every RPC -------------------------------------------------

// One RPC: a right request, who may send it, who may not.
struct Rpc {
  std::string method;  // "CaseService/GetCase"
  std::function<std::unique_ptr<google::protobuf::Message>()> request;
  std::function<std::string()> token;
  std::function<std::string()> wrong_role;
  bool of_a_hall = true;  // another hall's staff is refused
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method; }
};

template <typename Request>
std::unique_ptr<google::protobuf::Message> Copy(const Request& request) {
  return std::make_unique<Request>(request);
}

std::vector<Rpc> AllRpcs() {
  return {
      {"MessageService/CreateMessage", [] { return Copy(CreateRequest()); }, Officer, Clerk},
      {"MessageService/PreviewMessage",
       [] {
         v1::PreviewMessageRequest request;
         FillMessage(request.mutable_message());
         return Copy(request);
       },
       Officer, District},
      {"MessageService/GetMessage",
       [] {
         v1::GetMessageRequest request;
         request.set_name(Create(CreateRequest()).name());
         return Copy(request);
       },
       Officer, Clerk},
      {"MessageService/ListMessages", [] { return Copy(v1::ListMessagesRequest()); }, Officer, Clerk, false},
      {"MessageService/ResolveInDoubt",
       [] { return Copy(ResolveRequest(InDoubt().name(), v1::ResolveInDoubtRequest::RESOLUTION_RECEIVED)); }, Officer,
       Intake},
  };
}

constexpr char kPackage[] = "xixinting.notification.v1";

Answer Send(const std::string& method, const std::string& bytes, const std::string& token) {
  return contract::Send(World::Get().channel(), absl::StrCat("/", kPackage, ".", method), bytes, token);
}

Answer Send(const Rpc& rpc, const google::protobuf::Message& request, const std::string& token) {
  return Send(rpc.method, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, EveryRpc, ::testing::ValuesIn(AllRpcs()), contract::NameOf<Rpc>);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, RpcOfAHall, ::testing::ValuesIn(contract::OfAHall(AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, RpcWithRequestId,
                         ::testing::ValuesIn(contract::With("request_id", kPackage, AllRpcs())), contract::NameOf<Rpc>);

TEST_P(EveryRpc, AnswersWhoMayAsk) {
  const Answer answer = Send(GetParam(), *GetParam().request(), GetParam().token());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "not-a-token").status), "TOKEN_INVALID");
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
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
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
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    // Entries of a map have no order.
    EXPECT_THAT(FieldsOf(status), Contains(StartsWith(path.substr(0, path.find('[')))));
    // Values may be personal: only names come back.
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
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(HasSubstr(path)));
  }
}

TEST_P(EveryRpc, RefusesTextThatIsNotUtf8) {
  const auto request = GetParam().request();
  // Two bytes that are no UTF-8 for the first text of the request, or no
  // message for the first message.
  const auto* type = request->GetDescriptor();
  int number = 0;
  for (int i = type->field_count() - 1; i >= 0; --i) {
    if (type->field(i)->type() == FieldDescriptor::TYPE_STRING ||
        type->field(i)->type() == FieldDescriptor::TYPE_MESSAGE) {
      number = type->field(i)->number();
    }
  }
  const std::string bad = absl::StrCat(request->SerializePartialAsString(),
                                       std::string(1, static_cast<char>(number * 8 + 2)), "\x02\xff\xfe");
  const Answer answer = Send(GetParam().method, bad, GetParam().token());
  EXPECT_EQ(ReasonOf(answer.status), "FIELD_INVALID");
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const Answer first = Send(GetParam(), *request, GetParam().token());
  const Answer second = Send(GetParam(), *request, GetParam().token());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  // The same message; its map may come in another order.
  v1::Message once;
  v1::Message twice;
  ASSERT_TRUE(once.ParseFromString(first.bytes));
  ASSERT_TRUE(twice.ParseFromString(second.bytes));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(once, twice));

  // The same id for something else is a mistake.
  const auto other = Spoiled(*request, [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    if (field->name() != "display_name" && field->name() != "note") return false;
    message->GetReflection()->SetString(message, field, "别的内容");
    return true;
  });
  ASSERT_THAT(other, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *other.front().second, GetParam().token()).status), "REQUEST_ID_REUSED");
}

// --- CreateMessage ----------------------------------------------------------------

TEST(CreateMessage, AnswersTheExactWordsWithoutThePhoneNumber) {
  const v1::Message message = Create(CreateRequest());
  EXPECT_THAT(message.name(), StartsWith("messages/"));
  EXPECT_THAT(message.text(), StartsWith("【西城悉心听】去八宝山殡仪馆的办理路线给您备好了"));
  EXPECT_THAT(message.text(), HasSubstr("2027年3月5日"));
  EXPECT_THAT(message.text(), Not(HasSubstr("沈女士")));
  EXPECT_EQ(message.recipient().masked_phone_number(), "138****8000");
  EXPECT_EQ(message.recipient().phone_number(), "");
  EXPECT_EQ(message.state(), v1::Message::STATE_SENDING);
  EXPECT_EQ(message.deliveries(0).channel(), common::CHANNEL_SMS);
}

TEST(CreateMessage, TellsAnEventOnceWhateverTheRequest) {
  v1::CreateMessageRequest request = CreateRequest();
  const v1::Message first = Create(request);
  request.set_request_id(NewId());
  request.mutable_message()->mutable_recipient()->set_display_name("别人");
  const v1::Message second = Create(request);
  EXPECT_EQ(second.name(), first.name());
  EXPECT_EQ(second.recipient().display_name(), "沈女士");
  Await(first.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(World::Get().gateway().Taken(first.deliveries(0).id()), SizeIs(1));
}

TEST(CreateMessage, NamesTheParameterThatIsUnfit) {
  const auto refused = [](const std::function<void(v1::Message*)>& spoil) {
    v1::CreateMessageRequest request = CreateRequest();
    spoil(request.mutable_message());
    v1::Message response;
    return Ask(&Messages::CreateMessage, request, &response, Intake());
  };
  const absl::Status missing = refused([](v1::Message* message) { message->mutable_parameters()->erase("body"); });
  EXPECT_EQ(ReasonOf(missing), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(missing.message()), HasSubstr("body"));
  const absl::Status unknown =
      refused([](v1::Message* message) { (*message->mutable_parameters())["colour"].set_text("red"); });
  EXPECT_EQ(ReasonOf(unknown), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("colour"));
  const absl::Status type =
      refused([](v1::Message* message) { (*message->mutable_parameters())["last_day"].set_text("soon"); });
  EXPECT_EQ(ReasonOf(type), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(type.message()), HasSubstr("last_day"));
  const absl::Status identity =
      refused([](v1::Message* message) { (*message->mutable_parameters())["body"].set_text("11010519491231002X"); });
  EXPECT_EQ(ReasonOf(identity), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(identity.message()), Not(HasSubstr("110105")));
}

TEST(CreateMessage, NamesTheFieldThatIsUnfit) {
  v1::CreateMessageRequest request = CreateRequest("12");
  v1::Message response;
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, request, &response, Intake())),
              ElementsAre("message.recipient.phone_number"));
  request = CreateRequest();
  (*request.mutable_message()->mutable_parameters())["last_day"].mutable_date()->set_month(13);
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, request, &response, Intake())),
              ElementsAre(StartsWith("message.parameters[")));
}

TEST(CreateMessage, OfAnUnknownTemplateIsNotFound) {
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->set_template_("no-such-words");
  v1::Message response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::CreateMessage, request, &response, Intake())), "RESOURCE_NOT_FOUND");
}

TEST(CreateMessage, ForWhoCannotReadMessagesIsACallAtOnce) {
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::Message message = Create(request);
  EXPECT_EQ(message.deliveries(0).channel(), common::CHANNEL_PHONE);
  EXPECT_THAT(message.text(), StartsWith("沈女士您好"));
  const common::Task task = TaskOf(message.name(), "message.call");
  EXPECT_EQ(task.summary(), absl::StrCat("请电话告知当事人：办理路线已备好（案件 ", kCode, "）"));
  EXPECT_THAT(World::Get().gateway().Taken(message.deliveries(0).id()), IsEmpty());
}

TEST(CreateMessage, WaitsForTheMorningUnlessItIsUrgent) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message patient = Create(CreateRequest());
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->set_template_("cut-off-near");
  (*request.mutable_message()->mutable_parameters())["days"].set_number(1);
  const v1::Message urgent = Create(request);
  Await(urgent.name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(Read(patient.name()).deliveries(0).state(), v1::Delivery::STATE_CREATED);
  world.AdvanceTo(10);
  Await(patient.name(), v1::Message::STATE_DELIVERED);
}

// --- PreviewMessage, GetMessage, ListMessages ----------------------------------------

TEST(PreviewMessage, CountsPartsAndStoresNothing) {
  v1::PreviewMessageRequest request;
  FillMessage(request.mutable_message());
  const v1::PreviewMessageResponse preview = Get(&Messages::PreviewMessage, request, Officer());
  EXPECT_EQ(preview.message().name(), "");
  EXPECT_THAT(preview.message().text(), StartsWith("【西城悉心听】"));
  EXPECT_EQ(preview.sms_parts(), 2);
  v1::ListMessagesRequest list;
  list.set_case_name(request.message().case_name());
  EXPECT_THAT(Get(&Messages::ListMessages, list, Officer()).messages(), IsEmpty());
  request.mutable_message()->mutable_recipient()->set_language_code("en");
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::PreviewMessageResponse english = Get(&Messages::PreviewMessage, request, Officer());
  EXPECT_THAT(english.message().text(), StartsWith("Hello 沈女士"));
  EXPECT_EQ(english.sms_parts(), 0);
}

TEST(GetMessage, ThatDoesNotExistIsNotFound) {
  v1::GetMessageRequest request;
  request.set_name("messages/" + NewId());
  v1::Message response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::GetMessage, request, &response, Officer())), "RESOURCE_NOT_FOUND");
  request.set_name("messages/------------------------------------");
  EXPECT_EQ(ReasonOf(Ask(&Messages::GetMessage, request, &response, Officer())), "FIELD_INVALID");
}

TEST(ListMessages, PagesThroughACaseNewestFirstForItsHallOnly) {
  v1::CreateMessageRequest request = CreateRequest();
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    request.mutable_message()->set_event(absl::StrCat("cases/", NewId(), "#", i));
    request.set_request_id(NewId());
    names.insert(names.begin(), Create(request).name());
  }
  v1::ListMessagesRequest list;
  list.set_case_name(request.message().case_name());
  list.set_page_size(2);
  const v1::ListMessagesResponse first = Get(&Messages::ListMessages, list, Officer());
  ASSERT_THAT(first.messages(), SizeIs(2));
  list.set_page_token(first.next_page_token());
  const v1::ListMessagesResponse second = Get(&Messages::ListMessages, list, Officer());
  ASSERT_THAT(second.messages(), SizeIs(1));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_THAT((std::vector<std::string>{first.messages(0).name(), first.messages(1).name(), second.messages(0).name()}),
              ElementsAre(names[0], names[1], names[2]));

  list.set_case_name("cases/" + NewId());
  v1::ListMessagesResponse response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::ListMessages, list, &response, Officer())), "PAGE_TOKEN_INVALID");
  list.set_case_name(request.message().case_name());
  list.clear_page_token();
  EXPECT_THAT(Get(&Messages::ListMessages, list, Stranger()).messages(), IsEmpty());
  EXPECT_THAT(Get(&Messages::ListMessages, list, District()).messages(), SizeIs(2));
}

// --- The text message ----------------------------------------------------------------

TEST(TextMessage, IsSentOnceAndReportedToTheCase) {
  World& world = World::Get();
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  const std::vector<Json> taken = world.gateway().Taken(message.deliveries(0).id());
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].at("to"), "+8613800138000");
  EXPECT_EQ(taken[0].at("text"), message.text());
  EXPECT_EQ(message.deliveries(0).provider_reference(), taken[0].at("id").get<std::string>());
  EXPECT_EQ(message.deliveries(0).attempt_count(), 1);
  ASSERT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
  const intake::ReportMessageRequest report = world.intake().Of(message.name())[0];
  EXPECT_EQ(report.kind(), intake::ReportMessageRequest::KIND_DELIVERED);
  EXPECT_EQ(report.channel(), common::CHANNEL_SMS);
  EXPECT_EQ(report.case_name(), message.case_name());
  EXPECT_EQ(report.text(), message.text());
}

TEST(TextMessage, ToABadNumberBecomesACall) {
  World& world = World::Get();
  const v1::Message created = Create(CreateRequest("13800130000"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_FAILED);
  EXPECT_EQ(message.deliveries(0).failure(), v1::Delivery::FAILURE_PERMANENT);
  EXPECT_EQ(message.deliveries(0).detail(), "号码无效");
  EXPECT_EQ(message.state_reason(), "短信没有送到：号码无效，已转为电话告知");
  EXPECT_THAT(message.text(), StartsWith("沈女士您好"));
  ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "REACHED").ok());
  EXPECT_EQ(Read(message.name()).state(), v1::Message::STATE_DELIVERED);
  ASSERT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 2; }));
  EXPECT_EQ(world.intake().Of(message.name())[0].kind(), intake::ReportMessageRequest::KIND_HANDED_TO_STAFF);
  EXPECT_EQ(world.intake().Of(message.name())[1].kind(), intake::ReportMessageRequest::KIND_DELIVERED);
  EXPECT_EQ(world.intake().Of(message.name())[1].channel(), common::CHANNEL_PHONE);
}

TEST(TextMessage, ToATelephoneThatIsOffBecomesACall) {
  const v1::Message created = Create(CreateRequest("13800130001"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(message.deliveries(0).failure(), v1::Delivery::FAILURE_TEMPORARY);
  EXPECT_EQ(message.deliveries(0).detail(), "对方关机或不在服务区");
}

TEST(TextMessage, IsTriedAgainWhileTheGatewayIsBusy) {
  const v1::Message created = Create(CreateRequest("13800130002"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(message.deliveries_size(), 1);
  EXPECT_EQ(message.deliveries(0).attempt_count(), 3);
  EXPECT_THAT(World::Get().gateway().Taken(message.deliveries(0).id()), SizeIs(1));
}

TEST(TextMessage, WhoseReplyIsLostIsSentAgainWithTheSameKeyAndTakenOnce) {
  World& world = World::Get();
  const int replays = world.gateway().counter("replays");
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Set("drop_reply", 1);
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  EXPECT_EQ(Read(message.name()).deliveries(0).attempt_count(), 2);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
  EXPECT_EQ(world.gateway().counter("replays"), replays + 1);
}

TEST(TextMessage, WhoseReceiptOvertakesTheReplyIsDelivered) {
  World& world = World::Get();
  world.gateway().Set("drop_reply", 1);
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
}

TEST(TextMessage, IsInDoubtAndNeverResentWhenTheGatewayForgetsKeys) {
  World& world = World::Get();
  world.Restart(absl::Seconds(2));
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Set("drop_reply");
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_IN_DOUBT);
  world.gateway().Set("ok");
  world.gateway().DelayReceipts(50);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_IN_DOUBT);
  EXPECT_THAT(message.state_reason(), HasSubstr("可能已发出，也可能没有"));
  TaskOf(message.name(), "message.in_doubt");
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
  world.Restart(absl::Hours(24));
}

TEST(TextMessage, WithoutAReceiptIsShownToAPerson) {
  const v1::Message message = InDoubt();
  EXPECT_THAT(message.state_reason(), HasSubstr("至今没有回执"));
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_ACCEPTED);
  const common::Task task = TaskOf(message.name(), "message.in_doubt");
  EXPECT_THAT(task.outcomes(), ElementsAre("RECEIVED", "SEND_AGAIN", "CALL"));
  ASSERT_TRUE(Complete(task, "CALL").ok());
  EXPECT_EQ(Read(message.name()).state(), v1::Message::STATE_HANDED_TO_STAFF);
  TaskOf(message.name(), "message.call");
}

// --- ResolveInDoubt ------------------------------------------------------------------

TEST(ResolveInDoubt, SendAgainIsANewDeliveryWithANewKey) {
  World& world = World::Get();
  const v1::Message doubtful = InDoubt();
  const v1::Message again =
      Get(&Messages::ResolveInDoubt, ResolveRequest(doubtful.name(), v1::ResolveInDoubtRequest::RESOLUTION_SEND_AGAIN),
          Officer());
  EXPECT_EQ(again.state(), v1::Message::STATE_SENDING);
  ASSERT_EQ(again.deliveries_size(), 2);
  EXPECT_NE(again.deliveries(0).id(), again.deliveries(1).id());
  world.AdvanceTo(10);
  Await(again.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(again.deliveries(1).id()), SizeIs(1));
  EXPECT_THAT(TasksOf(again.name(), true), IsEmpty());
  EXPECT_EQ(
      world.database().Sql("SELECT actor FROM backbone.event WHERE type = 'message.sent_again.v1' AND subject = '" +
                           again.name() + "'"),
      "staff/wang");
}

TEST(ResolveInDoubt, OfAMessageThatIsNotInDoubtIsRefused) {
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  v1::Message response;
  EXPECT_EQ(
      ReasonOf(Ask(&Messages::ResolveInDoubt,
                   ResolveRequest(message.name(), v1::ResolveInDoubtRequest::RESOLUTION_CALL), &response, Officer())),
      "STATE_FORBIDS");
}

// --- Calls ----------------------------------------------------------------------------

TEST(Call, ComesAgainAtTheNextOpeningAndEndsAsNotReached) {
  World& world = World::Get();
  world.AdvanceTo(10);
  v1::CreateMessageRequest request = CreateRequest("010-6000 1234");
  const v1::Message message = Create(request);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "NOT_REACHED").ok());
    EXPECT_THAT(TasksOf(message.name()), IsEmpty()) << "not at once";
    world.AdvanceTo(10);
  }
  const v1::Message ended = Read(message.name());
  EXPECT_EQ(ended.state(), v1::Message::STATE_NOT_REACHED);
  EXPECT_EQ(ended.deliveries(0).attempt_count(), 3);
  EXPECT_THAT(TasksOf(message.name(), true), IsEmpty());
  ASSERT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
  EXPECT_EQ(world.intake().Of(message.name())[0].kind(), intake::ReportMessageRequest::KIND_NOT_REACHED);
}

TEST(Call, NoteIsKeptWithTheMessageAndNowhereElse) {
  v1::CreateMessageRequest request = CreateRequest("010-6000 1234");
  const v1::Message message = Create(request);
  ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "REACHED").ok());
  test::Database& database = World::Get().database();
  EXPECT_EQ(database.Sql("SELECT note FROM notification.decisions WHERE 'messages/' || message_id = '" +
                         message.name() + "'"),
            "家里人接的电话");
  EXPECT_EQ(database.Sql("SELECT count(*) FROM backbone.event e WHERE e::text ~ '家里人|沈女士|13800138|60001234'"),
            "0");
  EXPECT_EQ(database.Sql("SELECT count(*) FROM backbone.task t WHERE t::text ~ '家里人|沈女士|13800138|60001234'"),
            "0");
}

// --- The word to the case ----------------------------------------------------------------

TEST(Report, IsTriedAgainWhileIntakeIsAway) {
  World& world = World::Get();
  world.intake().BeAway(1);
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  EXPECT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
}

TEST(Report, RefusedForGoodIsShownToAPerson) {
  World& world = World::Get();
  world.intake().Refuse(true);
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  const common::Task task = TaskOf(message.name(), "notification.dead_task");
  world.intake().Refuse(false);
  EXPECT_TRUE(Complete(task, "SEEN").ok());
}

}  // namespace
}  // namespace xxt::notification
