#include <google/protobuf/descriptor.h>

#include <future>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/fields.h"
#include "common/testing/tokens.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using google::protobuf::FieldDescriptor;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// A paper of which is said whatever a caller may say.
v1::Paper SaidWholly(const std::string& title) {
  v1::Paper paper;
  const auto& reflection = *paper.GetReflection();
  for (int i = 0; i < v1::Paper::descriptor()->field_count(); ++i) {
    const FieldDescriptor* field = v1::Paper::descriptor()->field(i);
    if (!edge::SaidByCallers(*field)) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && field->is_repeated()) {
      reflection.AddString(&paper, field, absl::StrCat(field->name(), " 1"));
      reflection.AddString(&paper, field, absl::StrCat(field->name(), " 2"));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.SetString(&paper, field, absl::StrCat("写明 ", field->name()));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      reflection.SetEnumValue(&paper, field, field->enum_type()->value(2)->number());
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      reflection.SetInt32(&paper, field, 3);
    } else {
      ADD_FAILURE() << field->full_name() << ": say here what it may hold";
    }
  }
  paper.set_title(title);
  return paper;
}

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
  // The case as its row has it, with what nobody is shown.
  v1::Case Kept() {
    const std::string name = Must<v1::Case>("GetCase", "name: '$case'").name();
    v1::Case kept;
    EXPECT_TRUE(kept.ParseFromString(absl::HexStringToBytes(Sql(absl::StrCat(
        "SELECT encode(message, 'hex') FROM intake.cases WHERE id = '", absl::StripPrefix(name, "cases/"), "'")))));
    return kept;
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

TEST_F(PaperTest, KeepsWhateverACallerSaysOfIt) {
  const v1::Paper said = SaidWholly("火化证明");
  v1::IssueChecklistRequest request;
  request.set_parent("$case");
  request.set_request_id("$id");
  *request.add_papers() = said;
  EXPECT_THAT(Must<v1::Checklist>("IssueChecklist", request.DebugString()).papers(0), Partially(said.DebugString()));
  EXPECT_THAT(Papers(), ElementsAre(Partially(said.DebugString())));

  v1::RecordGapRequest gap;
  gap.set_parent("$case");
  gap.set_request_id("$id");
  *gap.mutable_paper() = SaidWholly("户口本");
  EXPECT_THAT(Must<v1::Paper>("RecordGap", gap.DebugString()), Partially(gap.paper().DebugString()));

  const v1::Paper anew = Told({"火化证明"}).papers(0);
  EXPECT_THAT(anew, Partially("form: FORM_ORIGINAL copies: 1 provider: PROVIDER_APPLICANT source: '办事指南'"));
  EXPECT_THAT(anew.alternatives(), IsEmpty()) << "a list says all of its papers";
}

TEST_F(PaperTest, AskedForTwiceIsTheFirstInWhatIsNotToBeUnited) {
  const std::string request = Telling({}) + "papers: {title: '户口本' source: '低保清单' provider: PROVIDER_HALL} " +
                              "papers: {title: '户口 本' source: '事项清单' form: FORM_COPY copies: 2}";
  EXPECT_THAT(Must<v1::Checklist>("IssueChecklist", request).papers(),
              ElementsAre(Partially("title: '户口本' provider: PROVIDER_HALL form: FORM_ORIGINAL_AND_COPY copies: 2 "
                                    "source: '低保清单；事项清单'")));
}

TEST_F(PaperTest, ThatAListLackedIsCountedAsADefectAndSoIsAnyOtherChange) {
  Told({"火化证明", "户口本"});
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"户口本", "火化证明"})), "STATE_FORBIDS") << "in another order";
  Told({"火化证明", "身份证"});
  const std::string other = "papers: {title: '身份证' source: '办事指南' provider: PROVIDER_BODY}";
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"火化证明"}) + other), "OK");
  EXPECT_EQ(ReasonFor("IssueChecklist", Telling({"火化证明"}) + other), "STATE_FORBIDS") << "nothing new";
  const v1::Case kept = Kept();
  EXPECT_THAT(kept.amendments(),
              ElementsAre(Partially("version: 2 author: 'staff/wang' added: '身份证' removed: '户口本'"),
                          Partially("version: 3 author: 'staff/wang'")));
  EXPECT_TRUE(kept.amendments(0).has_amend_time());
  EXPECT_THAT(kept.amendments(1).added(), IsEmpty());
  EXPECT_THAT(kept.amendments(1).removed(), IsEmpty());
}

TEST_F(PaperTest, IsNeededInTwentyCopiesAtMost) {
  const std::string many = "papers: {title: '照片' source: '办事指南' copies: ";
  EXPECT_EQ(ReasonFor("IssueChecklist", absl::StrCat(Telling({}), many, 21, "}")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("IssueChecklist", absl::StrCat(Telling({}), many, -1, "}")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("IssueChecklist", absl::StrCat(Telling({}), many, 20, "}")), "OK");
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
