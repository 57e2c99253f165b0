// In which trace tasks are done, and what is told of it.

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/tasks/engine_world.h"
#include "common/trace/span.h"

namespace xxt::tasks {
namespace {

class TaskTraceTest : public EngineWorld {};

constexpr char kTraceParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_F(TaskTraceTest, ATaskAndWhatItMakesGoOnInTheTraceOfWhoMadeIt) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) {
    return Verdict::Done([](pg::Session& session) {
      NewTask next;
      next.kind = "test.of_another";
      next.subject = "cases/next";
      Enqueue(session, next);
      return absl::OkStatus();
    });
  }));
  {
    const trace::Scope scope(*trace::Parse(kTraceParent));
    Make(1);
  }
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT traceparent FROM backbone.machine_task WHERE kind = 'test.of_another'"), kTraceParent);
}

// Else the trace of a chase would go on for months.
TEST_F(TaskTraceTest, ATimerBeginsATraceOfItsOwnWhenItFires) {
  Mutex mu;
  trace::Context within;
  const auto engine = Start(Kind([&](const Task&, SteadyTime) {
    const MutexLock lock(mu);
    within = trace::Current();
    return Verdict::Done();
  }));
  {
    const trace::Scope scope(*trace::Parse(kTraceParent));
    Make(1, clock_.Now() + absl::Hours(48));
  }
  clock_.Advance(absl::Hours(49));
  EXPECT_TRUE(Becomes(kDone, "1"));
  const MutexLock lock(mu);
  EXPECT_TRUE(within.valid());
  EXPECT_NE(within.trace_id, trace::Parse(kTraceParent)->trace_id);
}

class KeptSpans final : public trace::Sink {
 public:
  KeptSpans() { trace::SendTo(this); }
  ~KeptSpans() override { trace::SendTo(nullptr); }
  void Take(trace::Ended span) override {
    const MutexLock lock(mu_);
    told_.push_back(absl::StrCat(span.name, " ", span.outcome, span.failed ? " failed" : ""));
    parents_.push_back(span.parent);
  }
  std::vector<std::string> told() {
    const MutexLock lock(mu_);
    return told_;
  }
  std::vector<trace::SpanId> parents() {
    const MutexLock lock(mu_);
    return parents_;
  }

 private:
  Mutex mu_;
  std::vector<std::string> told_ XXT_GUARDED_BY(mu_);
  std::vector<trace::SpanId> parents_ XXT_GUARDED_BY(mu_);
};

TEST_F(TaskTraceTest, EachTryOfATaskIsASpanBelowWhoMadeIt) {
  KeptSpans kept;
  {
    const auto engine = Start(Kind([](const Task& task, SteadyTime) {
      if (task.attempt == 2) throw std::out_of_range("a defect");
      return task.attempt == 1 ? Verdict::Retry("busy") : Verdict::Dead("refused");
    }));
    const trace::Scope scope(*trace::Parse(kTraceParent));
    Make(1);
    EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.desk_task WHERE kind = 'test.dead'", "1"));
  }
  EXPECT_EQ(kept.told(),
            (std::vector<std::string>{"test.work retry", "test.work threw failed", "test.work dead failed"}));
  for (const trace::SpanId& parent : kept.parents()) EXPECT_EQ(parent, trace::Parse(kTraceParent)->span_id);
}

}  // namespace
}  // namespace xxt::tasks
