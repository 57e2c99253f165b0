#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/tokens.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class PaperTest : public IntakeTest {
 protected:
  static std::string Spelled(absl::string_view title) {
    return absl::StrCat("{title: '", title, "' source: '办事指南'} ");
  }
  v1::Paper Missing(absl::string_view title = "火化证明") {
    return Must<v1::Paper>("RecordGap", absl::StrCat("parent: '$case' request_id: '$id' paper: ", Spelled(title)));
  }
  static std::string Telling(const std::vector<std::string>& titles) {
    std::string request = "parent: '$case' request_id: '$id' amendment_reason: '漏告知' ";
    for (const std::string& title : titles) absl::StrAppend(&request, "papers: ", Spelled(title));
    return request;
  }
  v1::Checklist Told(const std::vector<std::string>& titles) {
    return Must<v1::Checklist>("IssueChecklist", Telling(titles));
  }
  std::vector<v1::Paper> Papers() {
    const auto listed = Must<v1::ListPapersResponse>("ListPapers", "parent: '$case'");
    return {listed.papers().begin(), listed.papers().end()};
  }
  static std::string Receipt(const v1::Paper& of, absl::string_view etag = "") {
    return absl::StrCat("name: '", of.name(), "' request_id: '$id' etag: '", etag, "'");
  }
  // What became of receiving these, all at once, each by an officer of its own with the etag that was read.
  std::vector<std::string> ReceivedAtOnce(const std::vector<v1::Paper>& papers) {
    std::vector<std::future<std::string>> reasons;
    for (std::size_t i = 0; i < papers.size(); ++i) {
      const std::string officer = test::Token(absl::StrCat("staff/officer-", i), "halls/110102016", {"officer"});
      reasons.push_back(std::async(std::launch::async, [this, officer, request = Receipt(papers[i], papers[i].etag())] {
        return ReasonFor("ReceivePaper", request, officer);
      }));
    }
    std::vector<std::string> became;
    for (std::future<std::string>& reason : reasons) became.push_back(reason.get());
    return became;
  }
};

TEST_F(PaperTest, OfTwoIsChangedByTwoOfficersAtOnceAndNeitherIsRefused) {
  Told({"火化证明", "户口本"});
  const std::vector<v1::Paper> read = Papers();
  EXPECT_THAT(ReceivedAtOnce(read), ElementsAre("OK", "OK"));
  EXPECT_THAT(Papers(), ElementsAre(Partially("title: '火化证明' state: STATE_RECEIVED etag: '2'"),
                                    Partially("title: '户口本' state: STATE_RECEIVED etag: '2'")));
}

TEST_F(PaperTest, OfOneIsChangedByTwoOfficersAtOnceAndTheLaterIsRefused) {
  const v1::Paper read = Missing();
  EXPECT_THAT(ReceivedAtOnce({read, read}), UnorderedElementsAre("OK", "ETAG_MISMATCH"));
}

TEST_F(PaperTest, ChangesWithoutItsCaseAndIsToldOnce) {
  const v1::Paper missing = Missing();
  const v1::Paper received = Must<v1::Paper>("ReceivePaper", Receipt(missing));
  EXPECT_THAT(received, Partially("state: STATE_RECEIVED etag: '2'"));
  EXPECT_THAT(Must<v1::Paper>("ReceivePaper", Receipt(missing)), EqualsProto(received.DebugString()));
  const v1::Case about = Must<v1::Case>("GetCase", "name: '$case'");
  EXPECT_EQ(about.etag(), "1");
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"户口本"}) + "etag: '1'"), "OK");
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"关系证明"}) + "etag: '1'"), "ETAG_MISMATCH");
  EXPECT_EQ(Sql(absl::StrCat("SELECT string_agg(type, ' ' ORDER BY type) FROM backbone.event WHERE subject = '",
                             about.name(), "'")),
            "case.checklist_issued.v1 case.created.v1 paper.gap_recorded.v1 paper.received.v1");
}

TEST_F(PaperTest, OnALaterListThatDoesNotTouchItIsAsItWas) {
  const v1::Checklist first = Told({"火化证明", "户口本"});
  const v1::Checklist second = Told({"户口本", "火化证明", "关系证明"});
  EXPECT_EQ(second.version(), 2);
  EXPECT_THAT(second.papers(0), EqualsProto(first.papers(1).DebugString()));
  EXPECT_THAT(second.papers(1), EqualsProto(first.papers(0).DebugString()));
  EXPECT_EQ(second.papers(2).since_version(), 2);
}

TEST_F(PaperTest, IsNeverDeletedAndRevivedWhenItIsNamedAgain) {
  Told({"火化证明", "户口本"});
  const std::vector<v1::Paper> before = Papers();
  ASSERT_THAT(before, SizeIs(2));
  Must<v1::Paper>("ReceivePaper", Receipt(before[0]));
  EXPECT_THAT(Told({"关系证明"}).papers(), SizeIs(1));
  EXPECT_THAT(Papers(), ElementsAre(Partially("title: '火化证明' state: STATE_RECEIVED"),
                                    Partially("title: '户口本' state: STATE_NOT_NEEDED"),
                                    Partially("title: '关系证明' state: STATE_NEEDED")));
  EXPECT_EQ(ReasonFor("ReceivePaper", Receipt(before[1])), "STATE_FORBIDS");

  const v1::Paper revived = Missing("户口 本");
  EXPECT_EQ(revived.name(), before[1].name());
  EXPECT_EQ(revived.state(), v1::Paper::STATE_NEEDED);
  EXPECT_EQ(revived.since_version(), 0) << "on no list as yet";
  const v1::Checklist told = Told({"关系证明", "户口本", "火化证明"});
  EXPECT_THAT(told.papers(1), Partially("since_version: 3 state: STATE_NEEDED"));
  EXPECT_THAT(told.papers(2), Partially("since_version: 3 state: STATE_RECEIVED"));
  EXPECT_THAT(Papers(), SizeIs(3));
}

TEST_F(PaperTest, OfACaseAreFiveHundredAtMostWithThoseThatItDoesNotNeedAnyMore) {
  constexpr int kOfAList = 50;
  for (int list = 0; list < 10; ++list) {
    std::vector<std::string> titles;
    for (int i = 0; i < kOfAList; ++i) titles.push_back(absl::StrCat("证明", list, "-", i));
    EXPECT_THAT(Told(titles).papers(), SizeIs(kOfAList));
  }
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"户口本"})), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").checklist_version(), 10) << "nothing of it was done";
  EXPECT_THAT(Told({"证明0-0"}).papers(), SizeIs(1)) << "one that it has";
}

}  // namespace
}  // namespace xxt::intake
