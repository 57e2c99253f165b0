#include "common/edge/room.h"

#include "common/edge/note.pb.h"
#include "common/status/errors.h"
#include "gtest/gtest.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::test::v1;

v1::Note WithRemarks(int count) {
  v1::Note note;
  note.set_name("cases/1/notes/2");
  while (note.remarks_size() < count) note.add_remarks("x");
  return note;
}

TEST(Room, IsWhatTheProtoSays) {
  EXPECT_TRUE(HasRoom(WithRemarks(2), "remarks"));
  EXPECT_FALSE(HasRoom(WithRemarks(3), "remarks"));
  EXPECT_TRUE(CheckRoom(WithRemarks(2), "remarks").ok());
  const absl::Status full = CheckRoom(WithRemarks(3), "remarks");
  EXPECT_EQ(errors::ReasonOf(full), "STATE_FORBIDS");
  EXPECT_EQ(errors::LocalizedTextOf(full), "备注已满，最多 3 项");
}

TEST(Room, IsLeftForWhatMustNotBeRefused) {
  EXPECT_TRUE(CheckRoom(WithRemarks(1), "remarks", 1).ok());
  EXPECT_FALSE(CheckRoom(WithRemarks(2), "remarks", 1).ok());
}

TEST(Room, IsAHundredIfTheProtoSaysNothing) {
  v1::Note note;
  while (note.people_size() < 99) note.add_people();
  EXPECT_TRUE(CheckRoom(note, "people").ok());
  note.add_people();
  EXPECT_FALSE(CheckRoom(note, "people").ok());
}

TEST(Room, OfAParentIsWhatTheListSays) {
  const auto& list = *v1::ListNotesResponse::descriptor();
  EXPECT_TRUE(CheckRoomFor(list, "notes", "cases/1", 99).ok());
  EXPECT_EQ(errors::ReasonOf(CheckRoomFor(list, "notes", "cases/1", 100)), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::edge
