#include "common/service/event_sealer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"

namespace xxt::service {
namespace {

double UnsealedAge(const prometheus::Registry& registry) {
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    if (family.name == "xixinting_ledger_unsealed_age_seconds") return family.metric[0].gauge.value;
  }
  return -1;
}

class EventSealerTest : public testing::Test {
 protected:
  void Insert(int count) {
    db_.Sql(
        absl::StrCat("INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time) SELECT "
                     "gen_random_uuid(), 't', 's', 'h', 'a', 's', now() FROM generate_series(1, ",
                     count, ")"));
  }
  template <typename Condition>
  static bool Await(const Condition& condition) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!condition() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(20));
    return condition();
  }
  bool Sealed(int count) const {
    return db_.Sql("SELECT coalesce(sum(length(leaves)) / 32, 0) FROM backbone.event_seal") == absl::StrCat(count);
  }

  test::Database db_{"intake"};
  prometheus::Registry registry_;
};

TEST_F(EventSealerTest, SealsWhatThereIsAndWhatComesAndTellsThatNothingWaits) {
  Insert(1200);
  const EventSealer sealer(db_.pool(), test::TestKeys(), registry_);
  prometheus::Registry of_other;
  const EventSealer other(db_.pool(), test::TestKeys(), of_other);
  EXPECT_TRUE(Await([&] { return Sealed(1200); }));
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.event_seal"), "3") << "500 each";
  Insert(1);
  EXPECT_TRUE(Await([&] { return Sealed(1201); }));
  EXPECT_TRUE(Await([&] { return UnsealedAge(registry_) == 0 && UnsealedAge(of_other) == 0; }));
}

TEST_F(EventSealerTest, SealsNothingWithKeysThatAreNotKnownToBeTheDatabases) {
  const seal::Keyring keys = test::TestKeys().Fixed();
  keys.SetChecked(false);
  Insert(1);
  const EventSealer sealer(db_.pool(), keys, registry_);
  EXPECT_TRUE(Await([&] { return UnsealedAge(registry_) > 0; })) << "but says that they wait";
  EXPECT_TRUE(Sealed(0));
  keys.SetChecked(true);
  EXPECT_TRUE(Await([&] { return Sealed(1); }));
}

}  // namespace
}  // namespace xxt::service
