#include "services/referral/chase/disclosure_rules.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 26);

bool Is(DataKind kind, const char* value) { return IsOfItsKind({kind, value}, kToday); }

TEST(IsOfItsKind, ANameIsNoNumber) {
  for (const DataKind kind : {DataKind::kSubjectName, DataKind::kApplicantName, DataKind::kRelationship}) {
    EXPECT_TRUE(Is(kind, "周志明")) << LetterNameOf(kind);
    EXPECT_TRUE(Is(kind, "周志明（二）2号")) << LetterNameOf(kind);
    EXPECT_FALSE(Is(kind, "110102194509220316")) << LetterNameOf(kind);
    EXPECT_FALSE(Is(kind, "周志明 138 0013 8010")) << LetterNameOf(kind);
    EXPECT_FALSE(Is(kind, "１３８００１３８０１０")) << LetterNameOf(kind);
    EXPECT_FALSE(Is(kind, "  ")) << LetterNameOf(kind);
  }
}

TEST(IsOfItsKind, AnIdentityNumberHasItsCheckDigit) {
  EXPECT_TRUE(Is(DataKind::kSubjectResidentId, "110102194509220316"));
  EXPECT_TRUE(Is(DataKind::kSubjectResidentId, "11010519491231002x"));
  EXPECT_TRUE(Is(DataKind::kSubjectResidentId, "110102450922031"));
  EXPECT_FALSE(Is(DataKind::kSubjectResidentId, "110102194509220317"));
  EXPECT_FALSE(Is(DataKind::kSubjectResidentId, "110102459922031"));
  EXPECT_FALSE(Is(DataKind::kSubjectResidentId, "周志明"));
}

TEST(IsOfItsKind, ADateIsOneThatHasBeen) {
  for (const char* date : {"2014-06-12", "2014年6月12日", "2014年6月", "2014-06", "2014", "2026-11-26"}) {
    EXPECT_TRUE(Is(DataKind::kEventDate, date)) << date;
  }
  for (const char* date : {"2014-02-30", "2026-11-27", "去年", "13800138010", "2014-06-12-01", "0000-00-00", "-"}) {
    EXPECT_FALSE(Is(DataKind::kEventDate, date)) << date;
  }
}

TEST(IsOfItsKind, ADocumentsNumberIsNobodysOwn) {
  EXPECT_TRUE(Is(DataKind::kDocumentNumber, "BJ-HH-2014-123456"));
  EXPECT_TRUE(Is(DataKind::kDocumentNumber, "京民火字〔2014〕第612号"));
  EXPECT_FALSE(Is(DataKind::kDocumentNumber, "110102194509220316"));
  EXPECT_FALSE(Is(DataKind::kDocumentNumber, "13800138010"));
  EXPECT_FALSE(Is(DataKind::kDocumentNumber, "周志明"));
  EXPECT_TRUE(Is(DataKind::kDocumentNumber, "110102201406120012345"));
}

TEST(IsOfItsKind, ADocumentsNumberHoldsNobodysOwnEither) {
  for (const char* value :
       {"证号110102194509220316", "身份证11010519491231002x号", "旧证 110102450922031", "电话13800138010",
        "138.0013.8010", "2014-13800138010", "110102 19450922 0316", "手机：１３８００１３８０１０"}) {
    EXPECT_FALSE(Is(DataKind::kDocumentNumber, value)) << value;
  }
}

TEST(IsOfItsKind, ATelephoneCanBeRung) {
  EXPECT_TRUE(Is(DataKind::kApplicantPhone, "13800138010"));
  EXPECT_FALSE(Is(DataKind::kApplicantPhone, "110102194509220316"));
}

TEST(HoldsLongNumber, FindsWhatIsHiddenBySpacesDashesAndWidth) {
  for (const char* text :
       {"证号110102194509220316", "电话 138 0013 8010", "010-6000 1234", "手机１３８００１３８０１０",
        "2014-06-12-0012345", "138.1234.5678", "138·1234·5678", "138/1234/5678", "138．1234．5678", "1990-01-13 801",
        "1380-01-13 8010", "2014/06/12/0012345"}) {
    EXPECT_TRUE(HoldsLongNumber(text, {})) << text;
  }
  for (const char* text : {"请查2014-06-12火化的档案", "2014年6月12日，第612号，共3份", "2014 年",
                           "1、2、3、4、5、6、7", "2014.06.12", "2014/6/12 2楼", "2014-6-12。", "123/456", ""}) {
    EXPECT_FALSE(HoldsLongNumber(text, {})) << text;
  }
}

TEST(HoldsLongNumber, LetsDisclosedDataBe) {
  const std::vector<DisclosedField> disclosed = {{DataKind::kDocumentNumber, "2014-1234567"}};
  EXPECT_FALSE(HoldsLongNumber("档案2014-1234567在否", disclosed));
  EXPECT_FALSE(HoldsLongNumber("档案2014 1234567在否", disclosed)) << "the same number, written otherwise";
  EXPECT_TRUE(HoldsLongNumber("档案2014-1234568在否", disclosed));
  EXPECT_TRUE(HoldsLongNumber("档案12014-1234567在否", disclosed));
  EXPECT_FALSE(HoldsLongNumber(
      "110105 1949 1231 002X 13800138010",
      {{DataKind::kSubjectResidentId, "11010519491231002x"}, {DataKind::kApplicantPhone, "138 0013 8010"}}));
}

TEST(HoldsLongNumber, IsNotSwitchedOffByWhatIsDisclosed) {
  for (const char* value : {"0", "8", "38", "0013", "号0", "1380013", "80138010"}) {
    const std::vector<DisclosedField> disclosed = {{DataKind::kDocumentNumber, value}};
    EXPECT_TRUE(HoldsLongNumber("请回电13800138010", disclosed)) << value;
    EXPECT_TRUE(HoldsLongNumber("请回电138 0013 8010", disclosed)) << value;
    EXPECT_TRUE(HoldsLongNumber("请回电1380013 8010", disclosed)) << value;
  }
}

TEST(HoldsName, FindsTheCasesPeopleUnlessTheyAreDisclosed) {
  const std::vector<std::string> people = {"沈玉兰", "周志明", "周"};
  EXPECT_TRUE(HoldsName("沈玉兰的老伴", {}, people));
  EXPECT_FALSE(HoldsName("逝者的火化档案，周一来取", {}, people));
  EXPECT_FALSE(HoldsName("周志明的档案", {{DataKind::kSubjectName, "周志明"}}, people));
  EXPECT_TRUE(HoldsName("周志明的档案，沈玉兰来取", {{DataKind::kSubjectName, "周志明"}}, people));
}

TEST(HoldsName, IsNotSwitchedOffByWhatIsDisclosed) {
  const std::vector<std::string> people = {"沈玉兰", "周志明"};
  for (const char* value : {"玉", "沈玉", "兰的", "沈玉明"}) {
    EXPECT_TRUE(HoldsName("沈玉兰的老伴", {{DataKind::kSubjectName, value}}, people)) << value;
  }
  EXPECT_FALSE(HoldsName("沈玉兰的老伴", {{DataKind::kSubjectName, "沈玉兰（又名沈兰）"}}, people));
}

TEST(HoldsName, FindsWhatIsHiddenBySpacesDotsAndCase) {
  const std::vector<std::string> people = {"沈玉兰", "阿迪力·买买提", "Anna Lee"};
  for (const char* text :
       {"沈 玉兰的老伴", "沈　玉　兰", "沈\n玉兰", "阿迪力买买提", "阿迪力•买买提", "ANNA LEE", "anna  lee"}) {
    EXPECT_TRUE(HoldsName(text, {}, people)) << text;
  }
}

}  // namespace
}  // namespace xxt::referral
