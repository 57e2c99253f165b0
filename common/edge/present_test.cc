#include "common/edge/present.h"

#include "common/edge/note.pb.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::test::v1;
using test::EqualsProto;
using test::Text;

const identity::Caller kOfficer = {"staff/wang", "halls/110102016", {"officer"}, {}};
const identity::Caller kService = {"services/referral", "", {"service"}, {}};

v1::ListNotesResponse Shown(const identity::Caller& caller, View view, const std::string& notes) {
  auto response = Text<v1::ListNotesResponse>(notes);
  Present(caller, view, &response);
  return response;
}

constexpr char kNotes[] =
    "notes: {name: 'cases/1/notes/2' text: 'x' author: 'staff/li' checked: {display_name: 'y'} "
    "people: {display_name: '沈女士' resident_id: '11010519491231002X' phones: '+8613800138000' tries: 3 "
    "old_ids: '110105491231002' old_ids: 'short'}}";

TEST(Present, MasksNumbersForPeopleAndShowsNothingInternal) {
  EXPECT_THAT(Shown(kOfficer, View::kFull, kNotes),
              EqualsProto("notes: {name: 'cases/1/notes/2' text: 'x' author: 'staff/li' "
                          "people: {display_name: '沈女士' resident_id: '110***********002X' phones: '+8613800138000' "
                          "old_ids: '110********1002' old_ids: '*****'}}"));
}

TEST(Present, ShowsNumbersToServicesButNothingInternal) {
  EXPECT_THAT(Shown(kService, View::kFull, kNotes),
              EqualsProto("notes: {name: 'cases/1/notes/2' text: 'x' author: 'staff/li' "
                          "people: {display_name: '沈女士' resident_id: '11010519491231002X' phones: '+8613800138000' "
                          "old_ids: '110105491231002' old_ids: 'short'}}"));
}

TEST(Present, LeavesOutOfTheBasicViewAllThatIsPersonal) {
  EXPECT_THAT(Shown(kService, View::kBasic, kNotes),
              EqualsProto("notes: {name: 'cases/1/notes/2' author: 'staff/li' people: {}}"));
}

// Nobody is shown it, this suite's own services neither.
TEST(Present, LeavesOutWhatOnlyCallersSayHoweverDeepItLies) {
  for (const identity::Caller& caller : {kOfficer, kService}) {
    EXPECT_THAT(
        Shown(caller, View::kFull, "notes: {writer: {password: 'p'} notes: {people: {name: 'n' password: 'q'}}}"),
        EqualsProto("notes: {writer: {} notes: {people: {name: 'n'}}}"));
  }
}

TEST(Present, ShowsNothingOfResourcesInResources) {
  EXPECT_THAT(Shown(kOfficer, View::kBasic, "notes: {notes: {text: 'x' notes: {text: 'y' author: 'staff/li'}}}"),
              EqualsProto("notes: {notes: {notes: {author: 'staff/li'}}}"));
}

// A newer version may keep them for itself.
TEST(Present, ShowsNoUnknownFields) {
  v1::Note note;
  test::AddUnknownField(note.mutable_writer());
  Present(kService, View::kFull, &note);
  EXPECT_EQ(note.SerializeAsString(), Text<v1::Note>("writer: {}").SerializeAsString());
}

TEST(ViewOf, IsWhatTheRequestAsksForElseAll) {
  EXPECT_EQ(ViewOf(Text<v1::GetNoteRequest>("view: NOTE_VIEW_BASIC")), View::kBasic);
  EXPECT_EQ(ViewOf(Text<v1::GetNoteRequest>("view: NOTE_VIEW_FULL")), View::kFull);
  EXPECT_EQ(ViewOf(v1::GetNoteRequest()), View::kFull);
  EXPECT_EQ(ViewOf(v1::CloseNoteRequest()), View::kFull);
}

}  // namespace
}  // namespace xxt::edge
