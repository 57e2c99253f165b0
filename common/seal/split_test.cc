#include "common/seal/split.h"

#include <functional>

#include "common/status/errors.h"
#include "common/testing/protos.h"
#include "common/testing/thing.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::seal {
namespace {

using test::EqualsProto;
using test::Text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::xixinting::testing::v1::Folder;
using ::xixinting::testing::v1::ListNotesRequest;
using ::xixinting::testing::v1::ListNotesResponse;
using ::xixinting::testing::v1::NewerNote;
using ::xixinting::testing::v1::Note;

constexpr char kNote[] = R"pb(
  name: 'folders/1/notes/2'
  state: STATE_OPEN
  text: 'canary text'
  author: 'staff/wang'
  place {
    address: 'canary place'
    day { year: 2026 }
  }
  places { day { year: 2025 } }
  places { address: 'canary places' }
  remarks: 'canary one'
  remarks: ''
  remarks: 'canary three'
  nickname: 'canary nickname'
  words: 'canary words'
  answered {
    text: 'canary answered'
    answered { nickname: '' }
  }
  labels { key: 'a' value: 'b' }
)pb";

std::vector<std::string> PathsOf(const std::vector<Leaf>& leaves) {
  std::vector<std::string> paths;
  for (const Leaf& leaf : leaves) paths.push_back(leaf.path);
  return paths;
}

// As another version reads it.
template <typename Other, typename M>
Other As(const M& message) {
  Other other;
  EXPECT_TRUE(other.ParseFromString(message.SerializeAsString()));
  return other;
}

TEST(Split, TakesEveryPersonalTextAtAnyDepthAndNothingElse) {
  auto note = Text<Note>(kNote);
  EXPECT_THAT(PathsOf(TakeOut(&note, {})), ElementsAre("10", "11", "13.5", "5", "7.1", "8[1].1", "9[0]", "9[2]"));
  EXPECT_THAT(note.SerializeAsString(), Not(HasSubstr("canary")));
  EXPECT_THAT(note, EqualsProto(R"pb(
                name: 'folders/1/notes/2'
                state: STATE_OPEN
                author: 'staff/wang'
                place { day { year: 2026 } }
                places { day { year: 2025 } }
                places {}
                remarks: ''
                remarks: ''
                remarks: ''
                nickname: ''
                words: ''
                answered { answered { nickname: '' } }
                labels { key: 'a' value: 'b' }
              )pb"));
}

TEST(Split, PutsBackWhatItTookOut) {
  auto note = Text<Note>(kNote);
  const std::vector<Leaf> leaves = TakeOut(&note, {});
  PutBack(leaves, &note);
  EXPECT_THAT(note, EqualsProto(kNote));
}

TEST(Split, FindsPersonalTextsInListsOfMessages) {
  auto folder = Text<Folder>("people { role: 'a' } people { full_name: 'b' phones: 'c' phones: 'd' }");
  EXPECT_THAT(PathsOf(TakeOut(&folder, {})), ElementsAre("5[1].1", "5[1].3[0]", "5[1].3[1]"));
}

TEST(Split, KnowsWhichTypesHaveAnythingPersonal) {
  EXPECT_TRUE(HasPersonal(*Note::descriptor()));
  EXPECT_TRUE(HasPersonal(*ListNotesResponse::descriptor()));
  EXPECT_FALSE(HasPersonal(*ListNotesRequest::descriptor()));
  ListNotesRequest request;
  EXPECT_THAT(TakeOut(&request, {}), IsEmpty());
}

class SplitByANewerVersion : public testing::Test {
 protected:
  const NewerNote whole_ = Text<NewerNote>(R"pb(
    state: STATE_SPLIT
    author: 'canary author'
    text: 'canary text'
    place { address: 'canary place' keeper: 'canary keeper' }
    color: 'red'
    secret: 'canary secret'
    witnesses { role: 'first' }
    witnesses { role: 'second' full_name: 'canary witness' }
  )pb");
  NewerNote open_ = whole_;
  const std::vector<Leaf> leaves_ = TakeOut(&open_, {});

  Note Loaded() {
    auto note = As<Note>(open_);
    PutBack(leaves_, &note);
    return note;
  }
  NewerNote LoadedByNewer(const Note& open, const std::vector<Leaf>& leaves) {
    auto note = As<NewerNote>(open);
    PutBack(leaves, &note);
    return note;
  }
};

TEST_F(SplitByANewerVersion, SurvivesAnOlderOne) {
  Note note = Loaded();
  EXPECT_EQ(note.text(), "canary text");
  note.set_text("canary of the older");
  const std::vector<Leaf> leaves = TakeOut(&note, leaves_);
  EXPECT_THAT(note.SerializeAsString(), Not(HasSubstr("canary")));

  NewerNote expected = whole_;
  expected.set_text("canary of the older");
  EXPECT_THAT(LoadedByNewer(note, leaves), EqualsProto(expected.DebugString()));
}

TEST_F(SplitByANewerVersion, StaysSealedWhereTheOlderOneDoesNotKnowThatItIsPersonal) {
  Note note = Loaded();
  EXPECT_EQ(note.author(), "canary author");
  note.set_author("canary other");
  const std::vector<Leaf> leaves = TakeOut(&note, leaves_);
  EXPECT_EQ(note.author(), "");
  EXPECT_EQ(LoadedByNewer(note, leaves).author(), "canary other");
}

TEST_F(SplitByANewerVersion, GoesWithWhatItLiesIn) {
  Note note = Loaded();
  note.clear_place();
  note.clear_text();
  const std::vector<Leaf> leaves = TakeOut(&note, leaves_);
  EXPECT_THAT(PathsOf(leaves), ElementsAre("21", "22[1].1", "6"));
}

// What an older version makes of a row that a newer one wrote, and the newer one then of that.
class SplitByAnOlderVersion : public testing::Test {
 protected:
  NewerNote After(const std::function<void(Note&)>& change) {
    auto newer = Text<NewerNote>(R"pb(
      place { address: 'canary place' keeper: 'canary keeper' }
      places { address: 'canary a' keeper: 'canary of a' }
      places { address: 'canary b' keeper: 'canary of b' }
      secret: 'canary secret'
    )pb");
    const std::vector<Leaf> before = TakeOut(&newer, {});
    auto note = As<Note>(newer);
    PutBack(before, &note);
    change(note);
    const std::vector<Leaf> after = TakeOut(&note, before);
    EXPECT_THAT(note.SerializeAsString(), Not(HasSubstr("canary")));
    newer = As<NewerNote>(note);
    PutBack(after, &newer);
    return newer;
  }
};

TEST_F(SplitByAnOlderVersion, GoesWithTheElementThatItLiesIn) {
  EXPECT_THAT(After([](Note& note) { note.mutable_places()->DeleteSubrange(0, 1); }), EqualsProto(R"pb(
                place { address: 'canary place' keeper: 'canary keeper' }
                places { address: 'canary b' keeper: 'canary of b' }
                secret: 'canary secret'
              )pb"));
  EXPECT_THAT(After([](Note& note) {
                note.mutable_places()->SwapElements(0, 1);
                *note.mutable_place() = note.places(0);
              }),
              EqualsProto(R"pb(
                place { address: 'canary b' keeper: 'canary of b' }
                places { address: 'canary b' keeper: 'canary of b' }
                places { address: 'canary a' keeper: 'canary of a' }
                secret: 'canary secret'
              )pb"));
}

TEST_F(SplitByAnOlderVersion, IsNotHandedOnToWhatIsPutInItsPlace) {
  const auto other = Text<Note>("places { address: 'canary c' } places { address: 'canary d' }");
  EXPECT_THAT(After([&](Note& note) { *note.mutable_places(1) = other.places(0); }), EqualsProto(R"pb(
                place { address: 'canary place' keeper: 'canary keeper' }
                places { address: 'canary a' keeper: 'canary of a' }
                places { address: 'canary c' }
                secret: 'canary secret'
              )pb"));
  EXPECT_THAT(After([&](Note& note) { note = other; }),
              EqualsProto("places { address: 'canary c' } places { address: 'canary d' }"));
}

TEST_F(SplitByAnOlderVersion, IsSealedAlsoInWhatThatCopiesItInto) {
  auto newer = Text<NewerNote>("places { keeper: 'canary keeper' }");
  const std::vector<Leaf> leaves = TakeOut(&newer, {});
  auto note = As<Note>(newer);
  PutBack(leaves, &note);
  Note another;
  *another.add_places() = note.places(0);
  EXPECT_THAT(PathsOf(TakeOut(&another, {})), ElementsAre("8[0].20"));
  EXPECT_EQ(another.places(0).SerializeAsString(), "");
}

TEST(Split, TakesAFieldThatWasSealedOnceWhereverItStands) {
  auto folder = Text<Folder>("people { role: 'canary one' } people { role: 'canary two' } title: 'a'");
  EXPECT_THAT(PathsOf(TakeOut(&folder, {{"5[3].2", "of a newer version"}})), ElementsAre("5[0].2", "5[1].2"));
  EXPECT_EQ(folder.title(), "a");
}

TEST(Split, ComesToNoHarmByPathsThatLeadNowhere) {
  std::vector<Leaf> leaves;
  for (const char* path : {"", ".", "5.", "5..1", "5[", "5[]", "5[0]", "9", "9[-1]", "9[0", "9[99999999999]", "14.1",
                           "14[0].2", "3", "3.1", "12", "5.1", "x", "99999999999"}) {
    leaves.push_back({path, "canary"});
  }
  auto note = Text<Note>(kNote);
  PutBack(leaves, &note);
  Note known = note;
  known.DiscardUnknownFields();
  EXPECT_THAT(known, EqualsProto(kNote));
  const std::vector<Leaf> after = TakeOut(&note, leaves);
  EXPECT_EQ(after.size(), leaves.size() + 8);
  EXPECT_THAT(after, IsSupersetOf(leaves));
}

TEST(Split, WritesLeavesAsBytes) {
  const std::vector<Leaf> leaves = {{"5", "words"}, {"9[1]", std::string("\xff\0", 2)}};
  const absl::StatusOr<std::vector<Leaf>> read = Decode(Encode(leaves));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, leaves);
  EXPECT_EQ(errors::ReasonOf(Decode("no leaves").status()), "INTERNAL");
}

}  // namespace
}  // namespace xxt::seal
