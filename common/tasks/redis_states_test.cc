// The engine beside a real Redis that is in trouble: a server of the test's own,
// full, a replica, or stopped as if the network had swallowed it.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/redis/connection.h"
#include "common/tasks/engine_world.h"
#include "common/tasks/inbox.h"
#include "common/testing/scratch_dir.h"

namespace xxt::tasks {
namespace {

constexpr char kStream[] = "xxt:test:q:test.work:normal";

class RedisServer {
 public:
  RedisServer() : socket_(dir_.File("redis.sock")) {
    signal(SIGPIPE, SIG_IGN);  // as a service does
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_.c_str(), "--save", "", "--dir",
             dir_.path().c_str(), "--logfile", dir_.File("log").c_str(), nullptr);
      _exit(1);
    }
    while (Do("PING") != "PONG") std::this_thread::yield();
  }
  ~RedisServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  redis::Options options() const {
    redis::Options options;
    options.address = absl::StrCat("unix:", socket_);
    return options;
  }
  void Signal(int signal) const { kill(pid_, signal); }
  // The answer as text; of a list, how many it has.
  std::string Do(const std::string& command) const {
    redisContext* context = redisConnectUnix(socket_.c_str());
    auto* reply = static_cast<redisReply*>(redisCommand(context, command.c_str()));
    std::string answer;
    if (reply != nullptr && reply->str != nullptr) answer = reply->str;
    if (reply != nullptr && reply->str == nullptr)
      answer = absl::StrCat(reply->integer + static_cast<long long>(reply->elements));
    if (reply != nullptr) freeReplyObject(reply);
    redisFree(context);
    return answer;
  }
  // The names of those who read kStream.
  std::set<std::string> Consumers() const {
    redisContext* context = redisConnectUnix(socket_.c_str());
    auto* reply = static_cast<redisReply*>(redisCommand(context, "XINFO CONSUMERS %s workers", kStream));
    std::set<std::string> names;
    for (std::size_t i = 0; reply != nullptr && i < reply->elements; ++i) {
      names.insert(reply->element[i]->element[1]->str);
    }
    if (reply != nullptr) freeReplyObject(reply);
    redisFree(context);
    return names;
  }

 private:
  xxt::test::ScratchDir dir_;
  const std::string socket_;
  pid_t pid_ = 0;
};

class RedisStates : public EngineWorld {
 protected:
  std::unique_ptr<Engine> Start() {
    options_.service = "test";
    options_.redis = redis_.options();
    options_.redeliver_after = absl::Milliseconds(500);
    options_.lease = absl::Seconds(30);
    options_.forget_consumers_after = absl::ZeroDuration();
    return EngineWorld::Start(Kind([this](const Task&, SteadyTime) {
      ++handled_;
      return Verdict::Done();
    }));
  }

  bool Handles(int count, absl::Duration within = absl::Seconds(30)) {
    return Comes([&] { return handled_ == count; }, within);
  }

  RedisServer redis_;
  std::atomic<int> handled_{0};
};

TEST_F(RedisStates, AFullRedisWhichStillTellsLengthsCostsNothing) {
  const auto engine = Start();
  Make(10);
  ASSERT_TRUE(Handles(10));
  redis_.Do("CONFIG SET maxmemory-policy noeviction");
  redis_.Do("CONFIG SET maxmemory 1");
  EXPECT_EQ(redis_.Do(absl::StrCat("XADD ", kStream, " * t x")).substr(0, 3), "OOM");
  Make(3000);
  EXPECT_TRUE(Handles(3010));
  EXPECT_FALSE(engine->redis_ok());
  redis_.Do("CONFIG SET maxmemory 0");
  EXPECT_TRUE(Comes([&] {
    Make(1);
    return engine->redis_ok();
  }));
}

TEST_F(RedisStates, AReplicaThatRefusesWritesCostsNothing) {
  const auto engine = Start();
  redis_.Do("REPLICAOF 127.0.0.1 1");
  EXPECT_EQ(redis_.Do(absl::StrCat("XADD ", kStream, " * t x")).substr(0, 8), "READONLY");
  Make(500);
  EXPECT_TRUE(Handles(500));
  EXPECT_FALSE(engine->redis_ok());
}

// Stopped: it takes connections and answers nothing.
TEST_F(RedisStates, ABlackHoleDelaysAHandOutByLessThanTwoSeconds) {
  const auto engine = Start();
  Make(1);
  ASSERT_TRUE(Handles(1));
  redis_.Signal(SIGSTOP);
  for (int i = 2; i <= 10; ++i) {
    Make(1);
    EXPECT_TRUE(Handles(i, absl::Seconds(2))) << i;
  }
  redis_.Signal(SIGCONT);
  Make(100);
  EXPECT_TRUE(Handles(110));
}

// Where nothing is to be done, nothing is handed out that could show it: a service
// that came up before Redis would say for ever that it does not reach it.
TEST_F(RedisStates, WhoHandsNothingOutSeesThatItIsBack) {
  const auto engine = Start();
  redis_.Signal(SIGSTOP);
  ASSERT_TRUE(Comes([&] { return !engine->redis_ok(); }));
  redis_.Signal(SIGCONT);
  EXPECT_TRUE(Comes([&] { return engine->redis_ok(); }));
}

TEST_F(RedisStates, ANewConnectionIsMadeWithThePasswordOfThatMoment) {
  redis_.Do("ACL SETUSER rotating on >first ~* &* +@all");
  redis::Options options = redis_.options();
  options.username = "rotating";
  options.password = files::Secret("first");
  redis::Connection connection(options);
  const auto add = [&connection] { return connection.Add(kStream, {identifiers::NewUuid(absl::Now())}); };
  EXPECT_TRUE(add().ok());
  redis_.Do("ACL SETUSER rotating resetpass >second");
  EXPECT_TRUE(add().ok()) << "a connection that is there stays";
  EXPECT_EQ(redis_.Do("CLIENT KILL USER rotating"), "1");
  EXPECT_EQ(add().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(add().code(), absl::StatusCode::kFailedPrecondition) << "the old password is refused";
  options.password.Set("second");
  EXPECT_TRUE(add().ok());
}

TEST_F(RedisStates, ConsumersOfDeadProcessesAreDeletedAndOnesOwnAtTheEnd) {
  using Names = std::set<std::string>;
  redis::Connection dead(redis_.options());
  ASSERT_TRUE(dead.Add(kStream, {identifiers::NewUuid(absl::Now())}).ok());
  ASSERT_TRUE(dead.ReadGroup({kStream}, "dead@host", 10, absl::Milliseconds(1)).ok());
  redis::Connection gone(redis_.options());
  std::string cursor = redis::kBegin;
  ASSERT_TRUE(gone.AutoClaim(kStream, "gone@host", absl::ZeroDuration(), 10, &cursor).ok());
  ASSERT_EQ(redis_.Consumers(), (Names{"dead@host", "gone@host"}));
  Make(5);
  {
    const auto engine = Start();
    EXPECT_TRUE(Handles(5));
    EXPECT_TRUE(Comes([&] { return redis_.Consumers().count("dead@host") == 0; }));
    // Who leaves with entries that it has not acknowledged stays known: others are to take them over.
    EXPECT_TRUE(Comes([&] { return redis_.Do(absl::StrCat("XLEN ", kStream)) == "1"; }));
    EXPECT_EQ(redis_.Consumers().size(), 2u) << "gone@host and the engine's own";
  }
  EXPECT_EQ(redis_.Consumers(), Names{"gone@host"}) << "what it left is still to be looked at";
}

// A process that was killed with a full inbox.
class DeadConsumer : public RedisStates {
 protected:
  // Gives `count` entries to a consumer that is heard of no more.
  void GiveToTheDead(int count) {
    std::vector<std::string> tasks;
    for (int i = 0; i < count; ++i) tasks.push_back(identifiers::NewUuid(absl::Now()));
    redis::Connection dead(redis_.options());
    ASSERT_TRUE(dead.Add(kStream, tasks).ok());
    const auto given = dead.ReadGroup({kStream}, "dead@host", count, absl::Milliseconds(1));
    ASSERT_TRUE(given.ok());
    for (const redis::Entry& entry : given->front()) given_.push_back(entry.id);
    ASSERT_EQ(given_.size(), tasks.size());
  }

  std::vector<std::string> given_;
};

TEST_F(DeadConsumer, HoldsUpNoRetryOfOthers) {
  GiveToTheDead(3000);
  const auto engine = Start();
  for (int i = 1; i <= 20; ++i) {  // soon it is known what the stream holds
    MakeRetry("normal");
    ASSERT_TRUE(Handles(i, absl::Seconds(10)));
  }
}

TEST_F(DeadConsumer, IsTakenOverInOneGo) {
  GiveToTheDead(3000);
  for (const std::string& entry : given_) {
    redis_.Do(absl::StrCat("XCLAIM ", kStream, " workers dead@host 0 ", entry, " IDLE 60000 JUSTID"));
  }
  const auto engine = Start();
  EXPECT_TRUE(Comes([&] { return redis_.Do(absl::StrCat("XLEN ", kStream)) == "0"; }, absl::Seconds(10)));
}

TEST(Inbox, TakesEachTaskOnceAndNoMoreThanItHasRoomFor) {
  Inbox inbox(2);
  EXPECT_TRUE(inbox.Put({"a", ""}));
  EXPECT_FALSE(inbox.Put({"a", ""}));
  EXPECT_FALSE(inbox.TakeOverflowed());
  EXPECT_TRUE(inbox.Put({"b", ""}));
  EXPECT_FALSE(inbox.Put({"c", ""}));
  EXPECT_TRUE(inbox.TakeOverflowed());
  EXPECT_EQ(inbox.size(), 2u);
  EXPECT_EQ(inbox.Take(10).size(), 2u);
  EXPECT_TRUE(inbox.Put({"a", ""}));
}

}  // namespace
}  // namespace xxt::tasks
