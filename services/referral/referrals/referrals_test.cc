#include "services/referral/referrals/referrals.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/timestamp.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/referrals/dead_task.h"

namespace xxt::referral {
namespace {

using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kHere[] = "halls/110102016";
constexpr char kElsewhere[] = "halls/110102014";

class ReferralsTest : public ::testing::Test {
 protected:
  static identity::Caller Of(identity::HallScope halls) { return {"staff/wang", "", {"officer"}, std::move(halls)}; }

  absl::Status Change(absl::FunctionRef<absl::Status(Tx&)> body,
                      const identity::Caller& caller = Of(identity::HallScope::One(kHere))) {
    return test::As(caller, now_, db_.pool(), body);
  }

  // Inserts one that is next acted on at that time, or has ended, and of which `text` says more.
  std::string Insert(std::optional<absl::Time> next_action_time, const std::string& text = "") {
    auto made = test::Text<v1::Referral>(
        "hall: 'halls/110102016' body: 'bodies/b' state: STATE_CANCELLED question: '请协助查找火化档案。' "
        "lawful_basis { kind: KIND_CONSENT purpose: '补办' data_kinds: DATA_KIND_SUBJECT_NAME } "
        "disclosed { kind: DATA_KIND_SUBJECT_NAME value: '郑某某' } mail_due: 'm' report_count: 3");
    made.set_case_name(case_);
    if (next_action_time.has_value()) {
      made.set_state(v1::Referral::STATE_SENT);
      rpc::ToProto(*next_action_time, made.mutable_next_action_time());
    }
    made.set_name(referrals::kReferrals.NewName("", absl::Now()));
    made.set_answer_code(absl::StrCat("XXT-", referrals::IdOf(made.name())));
    made.MergeFrom(test::Text<v1::Referral>(text));
    const absl::Status status = Change([&](Tx& tx) {
      tx.Insert(referrals::kReferrals, made);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return made.name();
  }
  v1::Referral Read(const std::string& name) {
    v1::Referral found;
    const absl::Status status = Change([&](Tx& tx) { return tx.Get(referrals::kReferrals, name, &found); });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }
  v1::ListReferralsResponse List(const std::string& request, const identity::HallScope& halls) {
    v1::ListReferralsResponse response;
    const absl::Status status = Change(
        [&](Tx& tx) {
          response.Clear();
          return referrals::List(tx, test::Text<v1::ListReferralsRequest>(request), response);
        },
        Of(halls));
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  static std::string Where(const std::string& name) {
    return absl::StrCat(" WHERE id = '", referrals::IdOf(name), "'");
  }

  test::Database db_{"referral"};
  const absl::Time now_ = absl::FromUnixSeconds(1'774'000'000);
  const std::string case_ = "cases/01940000-0000-7000-8000-000000000001";
};

TEST_F(ReferralsTest, AreKeptWithWhatNobodyIsShownAndCountTheirChanges) {
  const std::string name = Insert(now_, "may_have_it: true person_asked: true thread_message_id: 't'");
  EXPECT_THAT(Read(name), Partially("question: '请协助查找火化档案。' disclosed { value: '郑某某' } mail_due: 'm' "
                                    "report_count: 3 may_have_it: true person_asked: true etag: '1'"));
  EXPECT_EQ(Change([&](Tx& tx) -> absl::Status {
              auto found = referrals::Lock(tx, name, "1");
              if (found.ok()) tx.Save(referrals::kReferrals, *found);
              return found.status();
            }),
            absl::OkStatus());
  EXPECT_EQ(Read(name).etag(), "2");
}

TEST_F(ReferralsTest, AreListedOfTheHallsThatTheCallerMaySee) {
  Insert(now_);
  for (const std::string& request : {std::string(), absl::StrCat("case_name: '", case_, "'")}) {
    EXPECT_THAT(List(request, {}).referrals(), SizeIs(0)) << "of none";
    EXPECT_THAT(List(request, identity::HallScope::One(kElsewhere)).referrals(), SizeIs(0));
    EXPECT_THAT(List(request, identity::HallScope::One(kHere)).referrals(), SizeIs(1));
    EXPECT_THAT(List(request, identity::HallScope::All()).referrals(), SizeIs(1));
  }
}

TEST_F(ReferralsTest, AreListedPageByPageTheNextToActOnFirstAndEndedOnesLastIfAtAll) {
  const std::string ended = Insert(std::nullopt);
  const std::string ended_later = Insert(std::nullopt);
  const std::string later = Insert(now_ + absl::Hours(2));
  const std::string next = Insert(now_);
  const auto pages = [this](const std::string& more) {
    std::vector<std::string> names;
    std::string token;
    do {
      const auto page = List(absl::StrCat("page_size: 1 page_token: '", token, "' ", more), identity::HallScope::All());
      for (const v1::Referral& found : page.referrals()) names.push_back(found.name());
      token = page.next_page_token();
    } while (!token.empty() && names.size() < 9);
    return names;
  };
  EXPECT_THAT(pages("include_ended: true"), ElementsAre(next, later, ended, ended_later));
  EXPECT_THAT(pages(""), ElementsAre(next, later));
}

TEST_F(ReferralsTest, AreListedWithoutPeopleAndFreeWords) {
  Insert(now_, "state_reason: '本人已找到'");
  const v1::Referral listed = List("", identity::HallScope::All()).referrals(0);
  EXPECT_EQ(listed.question() + listed.state_reason() + listed.lawful_basis().purpose(), "");
  EXPECT_THAT(listed.disclosed(), IsEmpty());
  EXPECT_EQ(listed.lawful_basis().data_kinds_size(), 1);
}

TEST_F(ReferralsTest, AreSealedAndStayWithoutWordsOnceTheirKeyIsErased) {
  const std::string name = Insert(now_, "state_reason: '本人已找到'");
  for (const char* word : {"火化档案", "郑某某", "补办", "本人已找到"}) {
    EXPECT_EQ(db_.Sql(absl::StrCat("SELECT position('", word,
                                   "'::bytea IN message || sealed) > 0 FROM referral.referrals", Where(name))),
              "f")
        << word;
  }
  db_.Sql("UPDATE referral.referrals SET key = NULL" + Where(name));
  const v1::Referral erased = Read(name);
  EXPECT_EQ(erased.question() + erased.disclosed(0).value() + erased.state_reason(), "");
  EXPECT_THAT(erased, Partially("disclosed { kind: DATA_KIND_SUBJECT_NAME } state: STATE_SENT"));
}

TEST_F(ReferralsTest, OfANewerVersionAreShownAndNotChanged) {
  const std::string name = Insert(now_);
  v1::Referral newer = Read(name);
  newer.clear_question();
  newer.clear_disclosed();
  newer.mutable_lawful_basis()->Clear();
  newer.set_state(static_cast<v1::Referral::State>(77));
  const std::string bytes = absl::BytesToHexString(newer.SerializeAsString());
  db_.Sql(absl::StrCat("UPDATE referral.referrals SET state = 77, message = '\\x", bytes, "'", Where(name)));
  EXPECT_EQ(Read(name).state(), 77);
  EXPECT_EQ(Change([&](Tx& tx) { return referrals::Lock(tx, name).status(); }).code(), absl::StatusCode::kInternal);
}

TEST_F(ReferralsTest, WhoseTaskIsDeadAreShownToTheirOwnerAndToTheirHallIfNobodyCanReadThem) {
  const std::string read = Insert(now_, "owner: 'staff/wang'");
  const std::string unreadable = Insert(now_, "owner: 'staff/wang'");
  db_.Sql("UPDATE referral.referrals SET message = '\\xff'" + Where(unreadable));
  for (const std::string& name : {read, unreadable}) {
    tasks::Task dead;
    dead.id = referrals::IdOf(name);
    dead.subject = name + "/appointments/1";
    EXPECT_EQ(Change([&](Tx& tx) { return referrals::ShowDead(tx, dead, "given up"); }), absl::OkStatus());
  }
  const auto shown = [&](const std::string& name) {
    return db_.Sql(absl::StrCat(
        "SELECT hall || ' to ' || coalesce(assignee, '') FROM backbone.desk_task WHERE subject = '", name, "'"));
  };
  EXPECT_EQ(shown(read), absl::StrCat(kHere, " to staff/wang"));
  EXPECT_EQ(shown(unreadable), absl::StrCat(kHere, " to "));
}

TEST_F(ReferralsTest, AreFoundByTheirAnswerCode) {
  const std::string name = Insert(now_);
  EXPECT_EQ(Change([&](Tx& tx) -> absl::Status {
              const auto found = referrals::FindByAnswerCode(tx.session, "XXT-" + referrals::IdOf(name));
              EXPECT_EQ(found.value(), name);
              EXPECT_EQ(referrals::FindByAnswerCode(tx.session, "XXT-none").value(), std::nullopt);
              return absl::OkStatus();
            }),
            absl::OkStatus());
}

}  // namespace
}  // namespace xxt::referral
