#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/life_event.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class LifeEventTest : public IntakeTest {
 protected:
  void SetUp() override {
    son_ =
        Must<v1::Case>("AddParty", "parent: '$case' request_id: '$id' party: {role: ROLE_KIN display_name: '周志强'}")
            .parties(1)
            .name();
  }
  static std::string Death(absl::string_view day = "year: 2026 month: 1 day: 5") {
    return absl::StrCat("parent: '$case' request_id: '$id' life_event: {kind: KIND_DEATH party: '$party' source: ",
                        "'儿子来电' occur_date: {", day, "}}");
  }
  v1::Case Case() { return Must<v1::Case>("GetCase", "name: '$case'"); }
  std::string Accepted() {
    return Must<v1::Contact>(
               "LogContact",
               "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
               "COUNTERPART_KIN direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '儿子愿意接着办'}")
        .name();
  }
  std::string Succession(const v1::LifeEvent& event, const char* basis) {
    return absl::StrCat("name: '", event.name(), "' request_id: '$id' successor: '", son_, "' basis: ", basis,
                        " accepted_in: '", Accepted(), "'");
  }
  static std::string Undoing(const v1::LifeEvent& event) {
    return absl::StrCat("name: '", event.name(), "' request_id: '$id' reason: '同名误记'");
  }

  std::string son_;
};

TEST_F(LifeEventTest, StopsWhatIsToldAndHasTheOwnerFindWhoTakesTheMatterOn) {
  const v1::LifeEvent made = Must<v1::LifeEvent>("RecordLifeEvent", Death());
  EXPECT_THAT(made,
              Partially(absl::StrCat("state: STATE_SEEKING candidates: {party: '", son_, "' basis: BASIS_HEIR}")));
  EXPECT_TRUE(Case().parties(0).not_told() && Case().parties(0).deceased());
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("life_event.successor_sought")));
  EXPECT_EQ(ReasonFor("RecordLifeEvent", Death()), "STATE_FORBIDS");
  EXPECT_THAT(Call<v1::LifeEvent>("NameSuccessor", Succession(made, "BASIS_GUARDIAN")).status().ToString(),
              HasSubstr("basis"));
  EXPECT_THAT(Must<v1::LifeEvent>("NameSuccessor", Succession(made, "BASIS_HEIR")),
              Partially(absl::StrCat("state: STATE_SUCCEEDED successor: '", son_, "'")));
  EXPECT_EQ(Case().parties(1).role(), v1::Party::ROLE_APPLICANT);
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("life_event.successor_sought"))));
}

TEST_F(LifeEventTest, ThatWasAMistakeIsUndoneWhole) {
  const v1::LifeEvent made = Must<v1::LifeEvent>("RecordLifeEvent", Death());
  Must<v1::LifeEvent>("NameSuccessor", Succession(made, "BASIS_HEIR"));
  EXPECT_THAT(Must<v1::LifeEvent>("UndoLifeEvent", Undoing(made)),
              Partially("state: STATE_UNDONE undo_reason: '同名误记'"));
  const v1::Case after = Case();
  EXPECT_FALSE(after.parties(0).not_told() || after.parties(0).deceased());
  EXPECT_EQ(after.parties(0).role(), v1::Party::ROLE_APPLICANT);
  EXPECT_EQ(after.parties(1).role(), v1::Party::ROLE_KIN);
  EXPECT_EQ(ReasonFor("UndoLifeEvent", Undoing(made)), "STATE_FORBIDS");
}

TEST_F(LifeEventTest, IsOfADayThatHasCome) {
  EXPECT_THAT(Call<v1::LifeEvent>("RecordLifeEvent", Death("year: 2099 month: 1 day: 1")).status().ToString(),
              HasSubstr("life_event.occur_date"));
}

}  // namespace
}  // namespace xxt::intake
