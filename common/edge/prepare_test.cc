#include "common/edge/prepare.h"

#include "common/edge/callers.h"
#include "common/edge/note.pb.h"
#include "common/rpc/validate.h"
#include "common/status/errors.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::test::v1;
using test::EqualsProto;
using test::Text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::CivilDay kToday(2026, 11, 26);
constexpr char kCase[] = "cases/0197a000-0000-7000-8000-000000000001";

v1::Note Prepared(const std::string& note) {
  v1::CreateNoteRequest request;
  *request.mutable_note() = Text<v1::Note>(note);
  const auto prepared = Prepare(request, kToday);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? static_cast<const v1::CreateNoteRequest&>(**prepared).note() : v1::Note();
}

std::string Refused(const std::string& note) {
  v1::CreateNoteRequest request;
  *request.mutable_note() = Text<v1::Note>(note);
  return std::string(Prepare(request, kToday).status().message());
}

TEST(Prepare, TakesOutWhatCallersDoNotSay) {
  EXPECT_THAT(
      Prepared("text: 'x' name: 'cases/1/notes/2' author: 'staff/li' state: STATE_CLOSED hall: 'halls/1' etag: '7' "
               "create_time: {seconds: 5} update_time: {seconds: 5} checked: {display_name: 'y'} "
               "people: {display_name: 'z' tries: 9}"),
      EqualsProto("text: 'x' people: {display_name: 'z'}"));
}

TEST(Prepare, TakesItOutOfResourcesInResources) {
  EXPECT_THAT(Prepared("notes: {text: 'x' state: STATE_CLOSED notes: {text: 'y' etag: '3'}}"),
              EqualsProto("notes: {text: 'x' notes: {text: 'y'}}"));
}

TEST(Prepare, LeavesTheNameOfWhatIsNoResource) {
  EXPECT_THAT(Prepared("writer: {name: 'x'}"), EqualsProto("writer: {name: 'x'}"));
}

TEST(Prepare, TakesOutUnknownFieldsAtAnyDepth) {
  v1::CreateNoteRequest request;
  test::AddUnknownField(request.mutable_note()->add_people());
  test::AddUnknownField(request.mutable_note());
  test::AddUnknownField(&request);
  EXPECT_EQ((*Prepare(request, kToday))->SerializeAsString(),
            Text<v1::CreateNoteRequest>("note: {people: {}}").SerializeAsString());
}

TEST(Prepare, BringsNumbersIntoTheirOneSpelling) {
  EXPECT_THAT(Prepared("people: {resident_id: ' 11010519491231002x' credit_code: '91110000802100433b' "
                       "phones: '138 0013 8000' phones: '(010) 6000-1234 转 8' phones: '12345'}"),
              EqualsProto("people: {resident_id: '11010519491231002X' credit_code: '91110000802100433B' "
                          "phones: '+8613800138000' phones: '+861060001234 转 8' phones: '12345'}"));
}

TEST(Prepare, NamesEveryNumberThatIsNoneAndRepeatsNone) {
  const std::string why = Refused(
      "people: {} people: {resident_id: '110105194912310021' phones: '12345' phones: '1'} "
      "writer: {credit_code: 'x'}");
  EXPECT_THAT(why, HasSubstr("note.people[1].resident_id"));
  EXPECT_THAT(why, HasSubstr("note.people[1].phones[1]"));
  EXPECT_THAT(why, HasSubstr("note.writer.credit_code"));
  EXPECT_THAT(why, ::testing::Not(HasSubstr("110105")));
}

TEST(Prepare, JudgesBirthDatesByToday) {
  EXPECT_THAT(Refused("writer: {resident_id: '110105204912310026'}"), HasSubstr("note.writer.resident_id"));
}

TEST(Prepare, CutsTimesToWhatTheStoreKeeps) {
  EXPECT_THAT(Prepared("due_time: {seconds: 5 nanos: 123456789}"),
              EqualsProto("due_time: {seconds: 5 nanos: 123456000}"));
}

TEST(TakeOver, TakesWhatCallersSayAndLeavesTheRest) {
  auto note = Text<v1::Note>(
      "name: 'cases/1/notes/2' text: 'x' writer: {display_name: 'y'} people: {} author: 'staff/li' state: STATE_OPEN "
      "etag: '7'");
  test::AddUnknownField(&note);
  TakeOver(Text<v1::Note>("text: 'z' people: {display_name: 'a'} people: {display_name: 'b'}"), &note);
  auto expected = Text<v1::Note>(
      "name: 'cases/1/notes/2' text: 'z' people: {display_name: 'a'} people: {display_name: 'b'} author: 'staff/li' "
      "state: STATE_OPEN etag: '7'");
  test::AddUnknownField(&expected);
  EXPECT_EQ(note.SerializeAsString(), expected.SerializeAsString());
}

std::vector<std::string> Fields(const google::protobuf::Message& request) {
  std::vector<std::string> fields;
  for (const errors::Violation& violation : rpc::Violations(request)) fields.push_back(violation.field);
  return fields;
}

TEST(Conventions, SayWhatFieldsOfRequestsHoldWhereTheProtoSaysNothing) {
  EXPECT_THAT(Fields(v1::CreateNoteRequest()), ElementsAre("parent", "note", "request_id"));
  EXPECT_THAT(Fields(v1::GetNoteRequest()), ElementsAre("name"));
  const std::string good = std::string("parent: '") + kCase + "' request_id: '0197a000-0000-7000-8000-000000000002' ";
  EXPECT_THAT(Fields(Text<v1::CreateNoteRequest>(good + "note: {text: 'x' name: '\\001' etag: '\\001'}")), IsEmpty());
  for (const char* bad :
       {"cases/-", "cases/7", "halls/110102016", "cases/0197a000-0000-7000-8000-000000000001/notes"}) {
    v1::GetNoteRequest get;
    get.set_name(bad);
    EXPECT_THAT(Fields(get), ElementsAre("name")) << bad;
    auto create = Text<v1::CreateNoteRequest>(good + "note: {text: 'x'}");
    create.set_parent(bad);
    EXPECT_THAT(Fields(create), ElementsAre("parent")) << bad;
  }
  EXPECT_THAT(
      Fields(Text<v1::GetNoteRequest>(std::string("name: '") + kCase + "/notes/0197a000-0000-7000-8000-000000000003'")),
      IsEmpty());
}

TEST(Conventions, KnowPagesAndGiveWayToWhatAProtoSays) {
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' page_size: 1000000")), IsEmpty());
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' page_size: -1")), ElementsAre("page_size"));
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' page_size: 1000001")), ElementsAre("page_size"));
  EXPECT_THAT(Fields(v1::ListNotesRequest()), ElementsAre("parent"));
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' etag: 'abcd'")), ElementsAre("etag"));
  const std::string token(1000, 'x');
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' page_token: '" + token + "'")), IsEmpty());
  EXPECT_THAT(Fields(Text<v1::ListNotesRequest>("parent: 'cases/-' page_token: '" + token + "x'")),
              ElementsAre("page_token"));
}

TEST(Callers, AreRolesAndNobodyWhereNothingIsSaid) {
  const auto roles = [](const char* method) {
    return RolesOf(*v1::Note::descriptor()->file()->FindServiceByName("NoteService")->FindMethodByName(method));
  };
  EXPECT_THAT(roles("CreateNote"), ElementsAre("officer", "leader"));
  EXPECT_THAT(roles("GetNote"), ElementsAre("officer", "leader", "district", "service"));
  EXPECT_THAT(roles("ListNotes"), ElementsAre("district", "operator"));
  EXPECT_THAT(roles("CloseNote"), IsEmpty());
}

}  // namespace
}  // namespace xxt::edge
