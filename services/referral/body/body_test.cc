#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/body.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BodyTest : public ReferralTest {
 protected:
  static std::string Request(const std::string& id, const std::string& body, const std::string& etag = "") {
    return absl::StrCat("name: 'bodies/", id, "' etag: '", etag, "' request_id: '$id' body {", body, "}");
  }
  v1::Body Put(const std::string& id, const std::string& body, const std::string& etag = "") {
    return Must<v1::Body>("PutBody", Request(id, body, etag), District());
  }
  v1::Body Read(const std::string& id) { return Must<v1::Body>("GetBody", absl::StrCat("name: 'bodies/", id, "'")); }
  // An office of which all is known.
  static std::string Office(const std::string& title, const std::string& more = "") {
    return absl::StrCat("title: '", title,
                        "' kind: KIND_BUREAU units { id: 'files' title: '档案科' opening_hours: 'Mon-Fri 08:30-16:00' "
                        "contact_points { channel: CHANNEL_PHONE address: '010-6000 7000 转 8' person: '孟师傅' "
                        "direct_number: '138 0013 8000' source: '114' } }",
                        more);
  }
  // Every row of every table, with bytes as PostgreSQL shows them.
  static std::string Everything() {
    const std::string rows =
        Sql("SELECT string_agg(format('SELECT t::text FROM %I.%I AS t', schemaname, tablename), ' UNION ALL ') "
            "FROM pg_tables WHERE schemaname IN ('referral', 'backbone')");
    return Sql(absl::StrCat("SELECT string_agg(shown, ' ') FROM (", rows, ") AS every_row (shown)"));
  }
  // Whose ids, of those that a test has put.
  std::vector<std::string> Find(const std::string& query, const std::string& more = "") {
    const auto page = Must<v1::ListBodiesResponse>("ListBodies", absl::StrCat("query: '", query, "'", more));
    token_ = page.next_page_token();
    std::vector<std::string> ids;
    for (const v1::Body& body : page.bodies()) ids.push_back(body.name().substr(std::string("bodies/").size()));
    return ids;
  }
  std::string token_;
};

TEST_F(BodyTest, IsWrittenByTheDistrictAloneAndReadWhole) {
  const v1::Body made = Put("t-office", Office("东塔档案馆", " address: '东塔路1号' documents_held: '地契'"));
  EXPECT_THAT(Read("t-office"), test::EqualsProto(made.DebugString()));
  EXPECT_THAT(made,
              Partially("name: 'bodies/t-office' title: '东塔档案馆' etag: '1' units { id: 'files' contact_points { "
                        "address: '010-6000 7000 转 8' person: '孟师傅' direct_number: '+8613800138000' } }"));
  EXPECT_EQ(made.words(), "");
  EXPECT_EQ(ReasonFor("PutBody", Request("t-office", Office("西塔档案馆"))), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("GetBody", "name: 'bodies/nowhere'"), "RESOURCE_NOT_FOUND");
}

TEST_F(BodyTest, MarksWhatNobodyHasVerifiedForLong) {
  const auto office = [](absl::Time verified) {
    return absl::StrCat(
        "title: '久塔档案馆' kind: KIND_BUREAU units { id: 'files' title: '档案科' contact_points { "
        "channel: CHANNEL_PHONE address: '010-6000 7300' verify_time { seconds: ",
        absl::ToUnixSeconds(verified), " } } contact_points { channel: CHANNEL_POST address: '某路1号' } }");
  };
  const std::string stale = "units { contact_points { stale: true } contact_points { stale: false } }";
  EXPECT_THAT(Put("t-stale", office(now() - absl::Hours(366 * 24))), Partially(stale));
  EXPECT_THAT(Read("t-stale"), Partially(stale));
  const auto listed = Must<v1::ListBodiesResponse>("ListBodies", "query: '久塔'");
  ASSERT_EQ(listed.bodies_size(), 1);
  EXPECT_TRUE(listed.bodies(0).units(0).contact_points(0).stale());
  EXPECT_FALSE(listed.bodies(0).units(0).contact_points(1).stale());
  Put("t-stale", office(now()));
  EXPECT_FALSE(Read("t-stale").units(0).contact_points(0).stale());
}

TEST_F(BodyTest, IsReplacedAsAWholeUnlessItHasChangedSince) {
  Put("t-replaced", Office("北塔档案馆", " transport: '地铁'"));
  const std::string nobody =
      "title: '北塔档案馆' kind: KIND_BUREAU units { id: 'files' title: '档案科' "
      "contact_points { channel: CHANNEL_EMAIL address: 'files@tower.example' } }";
  Put("t-replaced", nobody, "1");
  EXPECT_THAT(Read("t-replaced"), test::EqualsProto(absl::StrCat("name: 'bodies/t-replaced' etag: '2' ", nobody)));
  const auto reason = [this](const std::string& id) {
    return ReasonFor("PutBody", Request(id, "title: '北塔' kind: KIND_BUREAU", "1"), District());
  };
  EXPECT_EQ(reason("t-replaced"), "ETAG_MISMATCH");
  EXPECT_EQ(reason("t-never"), "RESOURCE_NOT_FOUND");
}

TEST_F(BodyTest, IsOneThoughTwoWriteItAtOnce) {
  std::vector<std::thread> writers;
  for (const char* title : {"中塔档案馆", "中塔图书馆"}) {
    writers.emplace_back(
        [this, title] { EXPECT_EQ(ReasonFor("PutBody", Request("t-twice", Office(title)), District()), "OK"); });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_THAT(Read("t-twice"), Partially("etag: '2' units { id: 'files' contact_points { person: '孟师傅' } }"));
  EXPECT_THAT(Find("中塔"), ElementsAre("t-twice"));
}

TEST_F(BodyTest, NamesPeopleSealedAndOnlyWhereOneBodyIsRead) {
  Put("t-people", Office("南塔档案馆"));
  Put("t-people", Office("南塔档案馆"), "1");
  const std::string everything = Everything();
  EXPECT_THAT(everything, HasSubstr(absl::BytesToHexString("南塔档案馆")));
  for (const char* word : {"孟师傅", "13800138000"}) {
    EXPECT_THAT(everything, AllOf(Not(HasSubstr(word)), Not(HasSubstr(absl::BytesToHexString(word)))));
  }
  const auto listed = Must<v1::ListBodiesResponse>("ListBodies", "query: '南塔'");
  ASSERT_EQ(listed.bodies_size(), 1);
  const v1::ContactPoint& point = listed.bodies(0).units(0).contact_points(0);
  EXPECT_EQ(point.address(), "010-6000 7000 转 8");
  EXPECT_EQ(point.person() + point.direct_number(), "");
}

TEST_F(BodyTest, MayHaveOneWhoIsReachedAtTheirOwnNumberAlone) {
  const std::string body =
      "title: '小塔档案馆' kind: KIND_EMPLOYER units { id: 'a' title: '留守处' contact_points { channel: CHANNEL_PHONE "
      "person: '孟师傅' direct_number: '+8613800138000' } }";
  EXPECT_THAT(Put("t-small", body), Partially(body));
}

TEST_F(BodyTest, IsRefusedWithWhatCannotBe) {
  const auto refused = [this](const std::string& units) {
    return Call<v1::Body>("PutBody", Request("t-wrong", "title: '错塔' kind: KIND_BUREAU " + units), District())
        .status()
        .ToString();
  };
  const auto point = [](const std::string& of) {
    return absl::StrCat("units { id: 'a' title: '科' contact_points { source: '114' ", of, " } }");
  };
  EXPECT_THAT(refused(point("channel: CHANNEL_SMS address: '010-6000 7000'")),
              HasSubstr("body.units[0].contact_points[0].channel"));
  for (const char* of : {"channel: CHANNEL_PHONE address: '138 0013 8000'", "channel: CHANNEL_PHONE person: '孟师傅'",
                         "channel: CHANNEL_EMAIL direct_number: '138 0013 8000'"}) {
    EXPECT_THAT(refused(point(of)), HasSubstr("body.units[0].contact_points[0].address")) << of;
  }
  EXPECT_THAT(refused("units { id: 'a' title: '科' } units { id: 'a' title: '室' }"), HasSubstr("body.units[1].id"));
  EXPECT_THAT(refused("units { id: 'a' title: '科' opening_hours: '上午' }"), HasSubstr("body.units[0].opening_hours"));
  EXPECT_EQ(ReasonFor("GetBody", "name: 'bodies/t-wrong'"), "RESOURCE_NOT_FOUND");
}

// What a window writes down of whom it knows by a number alone.
class ProvisionalBody : public BodyTest {
 protected:
  static std::string Known(const std::string& more) {
    return "request_id: '$id' kind: KIND_EMPLOYER source: '114' " + more;
  }
  v1::Body Create(const std::string& title) {
    return Must<v1::Body>("CreateProvisionalBody",
                          Known(absl::StrCat("title: '", title, "' office_number: '010-6000 7000'")));
  }
  static std::string Merging(const v1::Body& one, const v1::Body& into) {
    return absl::StrCat("name: '", one.name(), "' into: '", into.name(), "' request_id: '$id'");
  }
  static std::string IdOf(const v1::Body& body) { return body.name().substr(std::string("bodies/").size()); }
};

TEST_F(ProvisionalBody, IsMadeOfANumberByAWindowAndPromotedByTheDistrict) {
  const v1::Body made = Create("临一农机厂");
  EXPECT_THAT(made, Partially("provisional: true units { id: 'office' contact_points { channel: CHANNEL_PHONE address: "
                              "'010-6000 7000' source: '114' } }"));
  EXPECT_THAT(Find("临一农机"), ElementsAre(IdOf(made)));
  const std::string promote = absl::StrCat("name: '", made.name(), "' request_id: '$id'");
  EXPECT_EQ(ReasonFor("PromoteBody", promote), "ROLE_MISSING");
  EXPECT_TRUE(Put(IdOf(made), Office("临一农机厂")).provisional()) << "to correct it is not to promote it";
  EXPECT_FALSE(Must<v1::Body>("PromoteBody", promote, District()).provisional());
  EXPECT_EQ(ReasonFor("PromoteBody", promote, District()), "STATE_FORBIDS");
}

TEST_F(ProvisionalBody, IsRefusedWithoutANumberOfAnOffice) {
  for (const char* number : {"138 0013 8000", "没有", "12"}) {
    EXPECT_EQ(ReasonFor("CreateProvisionalBody", Known(absl::StrCat("title: '厂' office_number: '", number, "'"))),
              "FIELD_INVALID")
        << number;
  }
}

TEST_F(ProvisionalBody, IsMergedOnceAndKeepsWhatWasAskedOfIt) {
  const v1::Body one = Create("临二农机厂");
  const v1::Body into = Create("临二农业机械厂");
  const auto kept = Must<v1::Body>("MergeBody", Merging(one, into), District());
  EXPECT_THAT(kept, Partially(absl::StrCat("name: '", into.name(), "' merged_bodies: '", one.name(), "'")));
  EXPECT_THAT(Read(IdOf(one)), Partially(absl::StrCat("title: '临二农机厂' merged_into: '", into.name(), "'")));
  EXPECT_THAT(Find("临二农机"), IsEmpty());
  EXPECT_EQ(ReasonFor("MergeBody", Merging(one, into), District()), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("MergeBody", Merging(into, one), District()), "STATE_FORBIDS") << "no way leads in a circle";
  EXPECT_EQ(ReasonFor("MergeBody", Merging(into, into), District()), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("PutBody", Request(IdOf(one), Office("临二")), District()), "STATE_FORBIDS");
}

TEST_F(ProvisionalBody, IsMergedEachIntoTheOtherByTwoAtOnceButOnce) {
  const v1::Body one = Create("临三农机厂");
  const v1::Body other = Create("临三机械厂");
  std::vector<std::string> reasons(2);
  std::thread first([&] { reasons[0] = ReasonFor("MergeBody", Merging(one, other), District()); });
  std::thread second([&] { reasons[1] = ReasonFor("MergeBody", Merging(other, one), District()); });
  first.join();
  second.join();
  EXPECT_THAT(reasons, ::testing::UnorderedElementsAre("OK", "STATE_FORBIDS"));
}

// The directory that BodySearch looks into.
class BodySearch : public BodyTest {
 protected:
  BodySearch() {
    Put("s-a", "title: '青云山火葬所' kind: KIND_CREMATORIUM documents_held: ['化灰簿', '寄灰记录']");
    Put("s-b", "title: '青云铸造厂' kind: KIND_EMPLOYER documents_held: ['工资簿']");
    Put("s-c", "title: '青云ICU' kind: KIND_HOSPITAL");
  }
};

TEST_F(BodySearch, FindsPartsOfTitlesAndOfDocumentsHeld) {
  EXPECT_THAT(Find("火葬"), ElementsAre("s-a"));
  EXPECT_THAT(Find("青云铸造厂"), ElementsAre("s-b"));
  EXPECT_THAT(Find("寄灰"), ElementsAre("s-a"));
  EXPECT_THAT(Find("青云"), ::testing::UnorderedElementsAre("s-a", "s-b", "s-c"));
  EXPECT_THAT(Find("簿"), ::testing::UnorderedElementsAre("s-a", "s-b"));
  EXPECT_THAT(Find("云icu"), ElementsAre("s-c"));
}

TEST_F(BodySearch, FindsNothingAcrossTwoWordsOrOfPartsThatStandApart) {
  EXPECT_THAT(Find("所化"), IsEmpty());
  EXPECT_THAT(Find("青云厂"), IsEmpty());
  EXPECT_THAT(Find("铸造青云"), IsEmpty());
  EXPECT_THAT(Find("没有这样的单位"), IsEmpty());
}

TEST_F(BodySearch, KeepsToAKindAndGoesOnAfterAPage) {
  EXPECT_THAT(Find("青云", "kind: KIND_EMPLOYER"), ElementsAre("s-b"));
  EXPECT_THAT(Find("", "kind: KIND_EMPLOYER page_size: 500"), ::testing::Contains("s-b"));
  std::vector<std::string> found;
  do {
    const std::vector<std::string> page = Find("青云", absl::StrCat("page_size: 1 page_token: '", token_, "'"));
    found.insert(found.end(), page.begin(), page.end());
  } while (!token_.empty() && found.size() < 9);
  EXPECT_EQ(found, Find("青云"));
  EXPECT_THAT(found, ::testing::SizeIs(3));
}

// Of terms that more bodies have than are looked at, too: the search reads all of the one that it takes.
TEST_F(BodySearch, GoesAlongTheRarestTerm) {
  Sql("INSERT INTO referral.bodies (id, title, kind, words, version, message) SELECT 'r-' || i, t.title, 3, t.title, "
      "1, '' "
      "FROM generate_series(1, 900) AS i, "
      "LATERAL (SELECT lpad(i::text, 3, '0') || CASE WHEN i % 3 = 0 THEN '霁月铸造坊' ELSE '霁月窑' END AS title) AS "
      "t");
  EXPECT_EQ(Sql("SELECT count(*) FROM referral.body_terms WHERE term = '月铸'"), "300");
  EXPECT_THAT(Sql("SELECT referral.rarest_term('霁月铸造')"), ::testing::AnyOf("月铸", "铸造"));
  Sql("DELETE FROM referral.bodies WHERE id ~ '^r-'");
}

TEST_F(BodySearch, FollowsChangesOfTheDirectory) {
  Put("s-b", "title: '朝霞铸造厂' kind: KIND_EMPLOYER");
  EXPECT_THAT(Find("青云铸"), IsEmpty());
  EXPECT_THAT(Find("工资簿"), IsEmpty());
  EXPECT_THAT(Find("朝霞"), ElementsAre("s-b"));
}

}  // namespace
}  // namespace xxt::referral
