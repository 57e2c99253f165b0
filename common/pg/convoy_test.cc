#include "common/pg/convoy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

constexpr absl::Duration kNever = absl::InfiniteDuration();

SteadyTime Soon() { return SteadyTime::Now() + absl::Seconds(10); }

// A convoy whose groups are under way until the test lets them arrive.
class Road {
 public:
  explicit Road(const Convoy::Rules& rules) : convoy_(rules, [this](const Convoy::Group& group) { Carry(group); }) {}
  ~Road() {
    LetArrive();
    for (std::thread& thread : threads_) thread.join();
  }

  Convoy& convoy() { return convoy_; }

  // Members join on threads of their own; returns when `name` waits, or its group is under way.
  void Send(const std::string& name, SteadyTime deadline = Soon()) {
    Statement& statement = statements_.emplace_back(Statement{names_.emplace_back(name).c_str(), ""});
    const auto member = std::make_shared<Convoy::Member>(std::vector<Connection::Pending>{{&statement, {}}}, deadline);
    const std::size_t sent = ++sent_;
    threads_.emplace_back([this, name, member] {
      const Convoy::Fate fate = convoy_.Join(member);
      const MutexLock lock(mu_);
      fates_[name] = fate;
      changed_.SignalAll();
    });
    Await([&] { return taken_ + fates_.size() + convoy_.waiting() >= sent; });
  }

  // The same, but nobody waits.
  bool SendOff(const std::string& name, SteadyTime deadline = Soon()) {
    Statement& statement = statements_.emplace_back(Statement{names_.emplace_back(name).c_str(), ""});
    auto member = std::make_shared<Convoy::Member>(std::vector<Connection::Pending>{{&statement, {}}}, deadline);
    const std::size_t sent = ++sent_;
    const bool taken = convoy_.Send(std::move(member), [this, name](const Convoy::Fate& fate) {
      const MutexLock lock(mu_);
      fates_[name] = fate;
    });
    if (taken) Await([&] { return taken_ + fates_.size() + convoy_.waiting() >= sent; });
    return taken;
  }

  void LetArrive() {
    const MutexLock lock(mu_);
    open_ = true;
    changed_.SignalAll();
  }

  // Only the group of these members.
  void LetArrive(const std::string& group) {
    const MutexLock lock(mu_);
    let_.insert(group);
    changed_.SignalAll();
  }

  // Returns once so many members have set out.
  void AwaitSetOut(std::size_t members) {
    Await([&] { return taken_ >= members; });
  }

  Convoy::Fate FateOf(const std::string& name) {
    Await([&] { return fates_.count(name) > 0; });
    const MutexLock lock(mu_);
    return fates_[name];
  }

  // "a bc": of each group that has set out, its members.
  std::string groups() {
    const MutexLock lock(mu_);
    return groups_;
  }

  std::function<void()> on_the_way = [] {};

 private:
  // Spins, for the convoy itself tells nobody of what it does.
  void Await(const std::function<bool()>& is) {
    const SteadyTime give_up = SteadyTime::Now() + absl::Seconds(30);
    while (true) {
      {
        const MutexLock lock(mu_);
        if (is()) return;
      }
      if (give_up.passed()) {
        ADD_FAILURE() << "never came";
        return;
      }
      std::this_thread::yield();
    }
  }

  void Carry(const Convoy::Group& group) {
    {
      const MutexLock lock(mu_);
      std::string names;
      for (const auto& member : group) names.append(member->statements[0].statement->name);
      absl::StrAppend(&groups_, groups_.empty() ? "" : " ", names);
      taken_ += group.size();
      while (!open_ && let_.count(names) == 0) changed_.Wait(mu_);
    }
    on_the_way();
    convoy_.Settle(group, {});
  }

  Mutex mu_;
  CondVar changed_;
  bool open_ = false;
  std::set<std::string> let_;
  std::string groups_;
  std::size_t taken_ = 0;
  std::size_t sent_ = 0;
  std::map<std::string, Convoy::Fate> fates_;
  std::list<std::string> names_;
  std::list<Statement> statements_;
  Convoy convoy_;
  std::vector<std::thread> threads_;
};

TEST(Convoy, WhoArrivesMeanwhileIsTheNextGroupInTheOrderOfArrival) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false});
  road.Send("a");
  road.AwaitSetOut(1);
  for (const char* name : {"b", "c", "d"}) road.Send(name);
  EXPECT_EQ(road.groups(), "a") << "nobody waits for company";
  EXPECT_EQ(road.convoy().waiting(), 3U);
  road.LetArrive();
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_FALSE(road.FateOf(name).failure.has_value()) << name;
  EXPECT_EQ(road.groups(), "a bcd");
}

TEST(Convoy, AGroupIsNoLargerThanItMayBe) {
  Road road({.size = 2, .groups = 1, .headway = kNever, .may_leave = false});
  road.Send("a");
  road.AwaitSetOut(1);
  for (const char* name : {"b", "c", "d", "e", "f"}) road.Send(name);
  road.LetArrive();
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) road.FateOf(name);
  EXPECT_EQ(road.groups(), "a bc de f");
}

TEST(Convoy, AnotherGroupSetsOutAfterTheHeadwayButNotMoreThanMay) {
  Road road({.size = 32, .groups = 2, .headway = absl::Milliseconds(1), .may_leave = false});
  road.Send("a");
  road.AwaitSetOut(1);
  road.Send("b");
  road.AwaitSetOut(2);
  road.Send("c");
  EXPECT_EQ(road.groups(), "a b");
  EXPECT_EQ(road.convoy().waiting(), 1U);
  road.LetArrive();
  EXPECT_FALSE(road.FateOf("c").failure.has_value());
}

TEST(Convoy, WhoseTurnDoesNotComeInTimeIsUnsentAndTheOthersStay) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false});
  road.Send("a");
  road.AwaitSetOut(1);
  road.Send("b", SteadyTime::Now() + absl::Milliseconds(50));
  road.Send("c");
  const Convoy::Fate late = road.FateOf("b");
  ASSERT_TRUE(late.failure.has_value());
  EXPECT_EQ(late.failure->kind, Failure::Kind::kUnsent);
  EXPECT_EQ(errors::ReasonOf(late.failure->status), "DEADLINE");
  road.LetArrive();
  EXPECT_FALSE(road.FateOf("c").failure.has_value());
  EXPECT_EQ(road.groups(), "a c");
}

// "d" has nobody behind it that could wake it: the one before it must.
TEST(Convoy, WhoLeavesLetsTheNextOneLookWhenItsTurnIs) {
  Road road({.size = 32, .groups = 2, .headway = absl::Milliseconds(200), .may_leave = false});
  road.Send("a");
  road.AwaitSetOut(1);
  road.Send("b");
  road.AwaitSetOut(2);
  road.Send("c", SteadyTime::Now() + absl::Milliseconds(20));
  road.Send("d");
  road.LetArrive("a");
  road.AwaitSetOut(3);
}

TEST(Convoy, WhoDidNotFitInLooksWhenItsTurnIs) {
  Road road({.size = 1, .groups = 2, .headway = absl::ZeroDuration(), .may_leave = false});
  for (const char* name : {"a", "b", "c", "d"}) road.Send(name);
  road.AwaitSetOut(2);
  road.LetArrive("a");
  road.LetArrive("b");
  road.AwaitSetOut(4);
}

TEST(Convoy, WhoMayLeaveIsGivenUpOnTheWayAndTheOthersAreNot) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = true});
  bool first = true;
  Convoy::Fate late;
  road.Send("a");
  road.AwaitSetOut(1);
  road.Send("b");
  road.Send("c", SteadyTime::Now() + absl::Seconds(1));
  // "a" arrives; "b" leads itself and "c", and waits for "c" to give up.
  road.on_the_way = [&] {
    if (!std::exchange(first, false)) late = road.FateOf("c");
  };
  road.LetArrive();
  EXPECT_FALSE(road.FateOf("b").failure.has_value());
  ASSERT_TRUE(late.failure.has_value());
  EXPECT_EQ(late.failure->kind, Failure::Kind::kTimeout);
  EXPECT_EQ(road.groups(), "a bc");
}

TEST(Convoy, WhatNobodyWaitsForIsCarriedAllTheSameAndWithThoseWhoDo) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false, .queue = 8});
  EXPECT_TRUE(road.SendOff("a"));
  road.AwaitSetOut(1);
  EXPECT_TRUE(road.SendOff("b"));
  road.Send("c");
  EXPECT_TRUE(road.SendOff("d"));
  road.LetArrive();
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_FALSE(road.FateOf(name).failure.has_value()) << name;
  EXPECT_EQ(road.groups(), "a bcd");
}

TEST(Convoy, WhoLeadsHandsTheNextGroupToTheDriverIfNobodyWaitsForItsFirst) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false, .queue = 8});
  road.Send("a");
  road.AwaitSetOut(1);
  EXPECT_TRUE(road.SendOff("b"));
  road.LetArrive();
  EXPECT_FALSE(road.FateOf("b").failure.has_value());
  EXPECT_EQ(road.groups(), "a b");
}

TEST(Convoy, AGroupThatIsHeldUpHoldsUpNothingThatNobodyWaitsFor) {
  Road road({.size = 32, .groups = 2, .headway = absl::ZeroDuration(), .may_leave = false, .queue = 8});
  EXPECT_TRUE(road.SendOff("a"));
  road.AwaitSetOut(1);
  EXPECT_TRUE(road.SendOff("b"));
  road.AwaitSetOut(2);
  EXPECT_TRUE(road.SendOff("c"));
  EXPECT_EQ(road.groups(), "a b");
  road.LetArrive("b");
  road.AwaitSetOut(3);
}

TEST(Convoy, TakesNoMoreThanMayWait) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false, .queue = 1});
  road.Send("a");
  road.AwaitSetOut(1);
  EXPECT_TRUE(road.SendOff("b"));
  EXPECT_FALSE(road.SendOff("c"));
  road.LetArrive();
  EXPECT_FALSE(road.FateOf("b").failure.has_value());
}

TEST(Convoy, WhatNobodyWaitsForIsNotBegunAfterItsDeadline) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false, .queue = 8});
  road.Send("a");
  road.AwaitSetOut(1);
  const SteadyTime deadline = SteadyTime::Now() + absl::Milliseconds(20);
  EXPECT_TRUE(road.SendOff("b", deadline));
  EXPECT_TRUE(road.SendOff("c"));
  while (!deadline.passed()) std::this_thread::yield();
  road.LetArrive();
  const Convoy::Fate late = road.FateOf("b");
  ASSERT_TRUE(late.failure.has_value());
  EXPECT_EQ(late.failure->kind, Failure::Kind::kUnsent);
  EXPECT_FALSE(road.FateOf("c").failure.has_value());
  EXPECT_EQ(road.groups(), "a c");
}

TEST(Convoy, CarriesBeforeItEndsWhatNobodyWaitsFor) {
  std::atomic<int> carried{0};
  std::atomic<int> told{0};
  {
    Convoy* itself = nullptr;
    Convoy convoy({.size = 1, .groups = 1, .headway = kNever, .may_leave = false, .queue = 8},
                  [&](const Convoy::Group& group) {
                    ++carried;
                    itself->Settle(group, {});
                  });
    itself = &convoy;
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(convoy.Send(std::make_shared<Convoy::Member>(std::vector<Connection::Pending>(), Soon()),
                              [&told](const Convoy::Fate&) { ++told; }));
    }
  }
  EXPECT_EQ(carried, 5);
  EXPECT_EQ(told, 5);
}

TEST(Convoy, AnExceptionFailsItsGroupAndTheNextOneGoes) {
  Road road({.size = 32, .groups = 1, .headway = kNever, .may_leave = false});
  bool thrown = false;
  road.on_the_way = [&thrown] {
    if (!std::exchange(thrown, true)) throw std::runtime_error("no");
  };
  road.Send("a");
  road.AwaitSetOut(1);
  road.Send("b");
  road.LetArrive();
  EXPECT_TRUE(road.FateOf("a").failure.has_value());
  EXPECT_FALSE(road.FateOf("b").failure.has_value());
}

}  // namespace
}  // namespace xxt::pg
