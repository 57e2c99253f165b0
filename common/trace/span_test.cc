#include "common/trace/span.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }

namespace xxt::trace {
namespace {

constexpr char kSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kUnsampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class Kept final : public Sink {
 public:
  explicit Kept(int one_in = 1) { SendTo(this, one_in); }
  ~Kept() override { SendTo(nullptr); }
  void Take(Ended span) override { spans.push_back(std::move(span)); }

  std::vector<Ended> spans;
};

TEST(Span, ThatNobodyRecordsPassesOnWhatCame) {
  const Span span(Kind::kCall, "Service/Method", kSampled);
  EXPECT_EQ(Format(span.context()), kSampled);
  const Span fresh(Kind::kCall, "Service/Method", "");
  EXPECT_TRUE(fresh.context().valid());
  EXPECT_FALSE(fresh.context().sampled);
  EXPECT_NE(Span(Kind::kCall, "Service/Method", "").context(), fresh.context());
}

TEST(Span, ThatNobodyRecordsMakesNothing) {
  const std::size_t before = allocations;
  for (const char* parent : {"", kSampled, kUnsampled, "00-none"}) {
    const Span span(Kind::kCall, "xixinting.intake.v1.CaseService/HandOffFromCounter", parent);
    span.End("RESOURCE_EXHAUSTED");
  }
  EXPECT_EQ(allocations, before);
}

TEST(Span, GoesOnInTheTraceOfWhoCallsAsAChild) {
  Kept kept;
  const Span span(Kind::kTask, "case.tell", kSampled);
  EXPECT_EQ(kept.spans.size(), 0U);
  span.End("retry", /*failed=*/true);
  ASSERT_EQ(kept.spans.size(), 1U);
  const Ended& ended = kept.spans[0];
  const Context parent = *Parse(kSampled);
  EXPECT_EQ(ended.context, span.context());
  EXPECT_EQ(ended.context.trace_id, parent.trace_id);
  EXPECT_NE(ended.context.span_id, parent.span_id);
  EXPECT_EQ(ended.parent, parent.span_id);
  EXPECT_EQ(ended.kind, Kind::kTask);
  EXPECT_EQ(ended.name, "case.tell");
  EXPECT_EQ(ended.outcome, "retry");
  EXPECT_TRUE(ended.failed);
  EXPECT_GE(ended.took, absl::ZeroDuration());
}

TEST(Span, WithoutParentBeginsATrace) {
  Kept kept;
  const Span span(Kind::kCall, "Service/Method", "01-unknown");
  span.End("OK");
  ASSERT_EQ(kept.spans.size(), 1U);
  EXPECT_TRUE(kept.spans[0].context.valid());
  EXPECT_TRUE(kept.spans[0].context.sampled);
  EXPECT_EQ(kept.spans[0].parent, SpanId{});
  EXPECT_FALSE(kept.spans[0].failed);
}

TEST(Span, OfATraceThatTheCallerDoesNotRecordIsNot) {
  Kept kept;
  const Span span(Kind::kCall, "Service/Method", kUnsampled);
  span.End("OK");
  EXPECT_TRUE(kept.spans.empty());
  EXPECT_EQ(Format(span.context()), kUnsampled);
}

TEST(Span, OfNewTracesOneInSoManyIsRecordedAndThoseOfCallersAll) {
  Kept kept(4);
  for (int i = 0; i < 4000; ++i) Span(Kind::kCall, "Service/Method", "").End("OK");
  EXPECT_GT(kept.spans.size(), 700U);  // a thousand, give or take eleven times what chance does
  EXPECT_LT(kept.spans.size(), 1300U);
  kept.spans.clear();
  for (int i = 0; i < 100; ++i) Span(Kind::kCall, "Service/Method", kSampled).End("OK");
  EXPECT_EQ(kept.spans.size(), 100U);
}

TEST(Span, ThatEndsAfterTheSinkIsGoneIsDropped) {
  Span span;
  {
    Kept kept;
    span = Span(Kind::kCall, "Service/Method", "");
  }
  span.End("OK");
}

}  // namespace
}  // namespace xxt::trace
