#include "common/trace/exporter.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/log/log.h"
#include "nlohmann/json.hpp"

namespace xxt::trace {
namespace {

// As many as are sent at once when that many are there.
constexpr int kMany = 512;

// A collector that does what the test says, and what came to it.
class ExporterTest : public testing::Test {
 protected:
  Exporter::Send Sender() {
    return [this](const std::vector<Ended>& spans) {
      const MutexLock lock(mu_);
      asked_ = true;
      changed_.SignalAll();
      while (hangs_) changed_.Wait(mu_);
      if (takes_) taken_ += spans.size();
      return takes_;
    };
  }

  void Set(bool hangs, bool takes) {
    const MutexLock lock(mu_);
    hangs_ = hangs;
    takes_ = takes;
    changed_.SignalAll();
  }
  // Waits until it was asked to take some.
  void AwaitAsked() {
    const MutexLock lock(mu_);
    while (!asked_) changed_.Wait(mu_);
  }
  std::size_t taken() {
    const MutexLock lock(mu_);
    return taken_;
  }

  static void Make(int count) {
    for (int i = 0; i < count; ++i) Span(Kind::kCall, "Service/Method", "").End("OK");
  }
  template <typename Condition>
  static void Await(Condition condition) {
    const SteadyTime end = Later();
    while (!condition() && !end.passed()) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }
  static SteadyTime Later() { return SteadyTime::Now() + absl::Seconds(20); }

  prometheus::Counter dropped_;

 private:
  Mutex mu_;
  CondVar changed_;
  bool hangs_ XXT_GUARDED_BY(mu_) = false;
  bool takes_ XXT_GUARDED_BY(mu_) = true;
  bool asked_ XXT_GUARDED_BY(mu_) = false;
  std::size_t taken_ XXT_GUARDED_BY(mu_) = 0;
};

TEST_F(ExporterTest, SendsWhatThereIsBeforeItStops) {
  Exporter exporter(Sender(), 1, dropped_);
  Make(kMany + 100);
  exporter.Drain(Later());
  EXPECT_EQ(taken(), static_cast<std::size_t>(kMany + 100));
  EXPECT_EQ(dropped_.Value(), 0);
  Make(1);
  exporter.Drain(Later());
  EXPECT_EQ(taken(), static_cast<std::size_t>(kMany + 100)) << "it has stopped";
}

TEST_F(ExporterTest, HoldsNobodyUpWhileTheCollectorHangsAndCountsWhatFindsNoRoom) {
  Set(/*hangs=*/true, /*takes=*/true);
  Exporter exporter(Sender(), 1, dropped_, /*room=*/10);
  Make(1);
  AwaitAsked();
  Make(10 + 7);
  EXPECT_EQ(dropped_.Value(), 7);
  Set(/*hangs=*/false, /*takes=*/true);
  exporter.Drain(Later());
  EXPECT_EQ(taken(), 11U);
  EXPECT_EQ(dropped_.Value(), 7);
}

TEST_F(ExporterTest, WithoutTimeLeftDropsAndCounts) {
  Set(/*hangs=*/true, /*takes=*/true);
  Exporter exporter(Sender(), 1, dropped_);
  Make(1);
  AwaitAsked();
  Make(3);
  exporter.BeginStop();
  Set(/*hangs=*/false, /*takes=*/true);
  exporter.Drain(SteadyTime::Now());
  EXPECT_EQ(taken(), 1U);
  EXPECT_EQ(dropped_.Value(), 3);
}

TEST_F(ExporterTest, TellsOnceThatTheCollectorIsAwayAndOnceThatItIsBack) {
  log::Start("test", "info");
  testing::internal::CaptureStderr();
  {
    Set(/*hangs=*/false, /*takes=*/false);
    Exporter exporter(Sender(), 1, dropped_);
    for (int i = 1; i <= 3; ++i) {
      Make(kMany);
      Await([&] { return dropped_.Value() == i * kMany; });
    }
    Set(/*hangs=*/false, /*takes=*/true);
    Make(kMany);
    Await([&] { return taken() == static_cast<std::size_t>(kMany); });
  }
  std::vector<std::string> events;
  const std::string text = testing::internal::GetCapturedStderr();
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    events.push_back(nlohmann::json::parse(std::string(line)).at("event").get<std::string>());
  }
  EXPECT_EQ(events, (std::vector<std::string>{"trace.collector_away", "trace.collector_back"}));
  EXPECT_EQ(dropped_.Value(), 3 * kMany);
}

}  // namespace
}  // namespace xxt::trace
