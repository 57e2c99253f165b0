// Who reads receipts, and who decides over a message, locks it first and its tasks last, whichever of them comes first.
// Each test brings two of them together while one of the tasks is held, so that the opposite order would be a deadlock,
// in a database that does not resolve deadlocks in time.

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/status/errors.h"
#include "common/tasks/desk.h"
#include "common/testing/listener.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/receipt/receipt.h"

namespace xxt::notification {
namespace {

constexpr pg::Statement kHoldTask{"test.hold_task", "SELECT FROM backbone.desk_task FOR UPDATE"};

// Answers the first who asks with one receipt: that this was delivered.
class DeliveringGateway {
 public:
  explicit DeliveringGateway(const std::string& delivery)
      : body_(absl::StrCat(R"({"receipts": [{"seq": 1, "id": "g", "state": "delivered", "client_ref": ")", delivery,
                           R"("}]})")) {
    answering_ = std::thread([this] { Answer(); });
  }
  ~DeliveringGateway() {
    shutdown(listener_.fd(), SHUT_RDWR);  // if nobody has come
    answering_.join();
  }
  DeliveringGateway(const DeliveringGateway&) = delete;
  DeliveringGateway& operator=(const DeliveringGateway&) = delete;

  std::string url() const { return absl::StrCat("http://127.0.0.1:", listener_.port(), "/v1/receipts"); }

 private:
  void Answer() {
    const int visitor = accept(listener_.fd(), nullptr, nullptr);
    if (visitor < 0) return;
    std::string request;
    char next = 0;
    while (!absl::EndsWith(request, "\r\n\r\n") && read(visitor, &next, 1) == 1) request.push_back(next);
    const std::string answer =
        absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n",
                     "Content-Length: ", body_.size(), "\r\n\r\n", body_);
    EXPECT_EQ(write(visitor, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    close(visitor);
  }

  const std::string body_;
  const test::Listener listener_;
  std::thread answering_;
};

// A message in doubt, of which the gateway says now that it was delivered.
class ReceiptOrderTest : public ::testing::Test {
 protected:
  ReceiptOrderTest() {
    world_.db.Sql(absl::StrCat("ALTER DATABASE ", world_.db.name(), " SET deadlock_timeout = '5min'"));
    made_ = world_.Made();
    world_.Save(made_.name(), [this](Tx& tx, v1::Message& found) {
      for (const DeliveryState state : {DeliveryState::kSending, DeliveryState::kInDoubt}) {
        message::Hear({tx, world_.policy}, found, message::Current(found), {state, FailureKind::kNone, "", ""});
      }
    });
  }

  absl::Status ReadReceipts() {
    const DeliveringGateway answers(made_.deliveries(0).id());
    SmsGateway gateway{{"", answers.url(), "", files::Secret("secret"), absl::Seconds(10)}};
    const receipt::Parts parts{host_, world_.db.pool(), gateway, world_.policy};
    const absl::StatusOr<int> read = receipt::Read(parts, SteadyTime::Now() + absl::Seconds(20));
    EXPECT_EQ(read.value_or(0), 1) << "it was not taken";
    return read.status();
  }

  absl::Status Resolve() {
    return world_.Change(MessageWorld::Officer(), [this](Tx& tx) {
      v1::ResolveInDoubtRequest request;
      request.set_name(made_.name());
      request.set_resolution(v1::ResolveInDoubtRequest::RESOLUTION_RECEIVED);
      v1::Message found;
      return message::ResolveInDoubt(world_.policy, tx, request, found);
    });
  }

  // The same as the outcome of the task, which must have been leased.
  absl::Status Complete() {
    return world_.Change(MessageWorld::Officer(), [this](Tx& tx) {
      return tasks::CompleteTask(tx.session, {message::InDoubtKind(host_, world_.policy)}, task_, token_,
                                 identity::HallScope::All(),
                                 {"RECEIVED", "", absl::InfinitePast(), "staff/wang", world_.now})
          .status();
    });
  }
  void Lease() {
    task_ = world_.db.Sql("SELECT id FROM backbone.desk_task");
    const absl::Status status = world_.Change(MessageWorld::Officer(), [this](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                           tasks::LeaseTask(tx.session, task_, "staff/wang", identity::HallScope::All(), world_.now));
      token_ = lease.token;
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  struct Answers {
    absl::Status first;
    absl::Status second;
  };
  // Does both while the message's task is held: `second` comes once `first` waits, and the task is let go once both do.
  Answers Meet(absl::FunctionRef<absl::Status()> first, absl::FunctionRef<absl::Status()> second) {
    Answers answers;
    std::thread one;
    std::thread other;
    const auto hold = [&](pg::Session& session) -> absl::Status {
      if (one.joinable()) return absl::AbortedError("the task was let go before both waited");
      XXT_ASSIGN_OR_RETURN(const pg::Result held, session.Run(kHoldTask));
      EXPECT_EQ(held.size(), 1);
      one = std::thread([&] { answers.first = first(); });
      AwaitWaiters(1);
      other = std::thread([&] { answers.second = second(); });
      AwaitWaiters(2);
      return absl::OkStatus();
    };
    EXPECT_EQ(pg::InTransaction(world_.db.pool(), SteadyTime::Now() + absl::Seconds(30), hold), absl::OkStatus());
    one.join();
    other.join();
    EXPECT_EQ(world_.Stored(made_.name()).state(), v1::Message::STATE_DELIVERED);
    EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.desk_task"), "0");
    return answers;
  }

  void AwaitWaiters(int count) const {
    const SteadyTime give_up = SteadyTime::Now() + absl::Seconds(10);
    while (std::stoi(world_.db.Sql("SELECT count(*) FROM pg_stat_activity "
                                   "WHERE datname = current_database() AND wait_event_type = 'Lock'")) < count) {
      ASSERT_FALSE(give_up.passed()) << "fewer wait than " << count;
    }
  }

  MessageWorld world_;
  const ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  v1::Message made_;
  std::string task_;
  std::string token_;
};

TEST_F(ReceiptOrderTest, AReceiptComesWhileADecisionIsStored) {
  const Answers answers = Meet([this] { return Resolve(); }, [this] { return ReadReceipts(); });
  EXPECT_EQ(answers.first, absl::OkStatus());
  EXPECT_EQ(answers.second, absl::OkStatus());
}

TEST_F(ReceiptOrderTest, ADecisionComesWhileAReceiptIsStored) {
  const Answers answers = Meet([this] { return ReadReceipts(); }, [this] { return Resolve(); });
  EXPECT_EQ(answers.first, absl::OkStatus());
  EXPECT_EQ(errors::ReasonOf(answers.second), "STATE_FORBIDS") << answers.second;
}

TEST_F(ReceiptOrderTest, AReceiptComesWhileATaskIsCompleted) {
  Lease();
  const Answers answers = Meet([this] { return Complete(); }, [this] { return ReadReceipts(); });
  EXPECT_EQ(answers.first, absl::OkStatus());
  EXPECT_EQ(answers.second, absl::OkStatus());
}

TEST_F(ReceiptOrderTest, ATaskIsCompletedWhileAReceiptIsStored) {
  Lease();
  const Answers answers = Meet([this] { return ReadReceipts(); }, [this] { return Complete(); });
  EXPECT_EQ(answers.first, absl::OkStatus());
  EXPECT_EQ(errors::ReasonOf(answers.second), "STATE_FORBIDS") << answers.second;
}

}  // namespace
}  // namespace xxt::notification
