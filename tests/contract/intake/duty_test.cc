// Halls, rotas, and who is on duty.

#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/rpc/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"
#include "xixinting/intake/v1/duty_service.grpc.pb.h"

namespace xxt::intake {
namespace {

using contract::FieldsOf;
using contract::ReasonOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ListHalls, AnswersTheDistrictsSixteenByCode) {
  v1::ListHallsRequest request;
  request.set_page_size(10);
  const v1::ListHallsResponse first = Get(&Duty::ListHalls, request, Clerk());
  EXPECT_EQ(first.halls(0).name(), "halls/110102");
  request.set_page_token(first.next_page_token());
  const v1::ListHallsResponse second = Get(&Duty::ListHalls, request, Clerk());
  EXPECT_THAT(second.halls(), SizeIs(6));
  EXPECT_EQ(second.next_page_token(), "");
}

TEST(ReplaceRota, NamesTheFirstGapInTheOpeningHours) {
  v1::ReplaceRotaRequest request = RotaRequest();
  absl::CivilDay day = rpc::FromProto(request.rota().day());
  while (!calendar::WorkingDays::China().IsWorkday(day)) ++day;
  request.mutable_rota()->clear_shifts();
  rpc::ToProto(day, request.mutable_rota()->mutable_day());
  AddShift(request.mutable_rota(), day, 9, 0, 12, 0);
  v1::Rota response;
  const absl::Status status = Ask(&Duty::ReplaceRota, request, &response, Leader());
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(FieldsOf(status), ElementsAre(HasSubstr("rota.shifts")));
}

TEST(ReplaceRota, RefusesStaffOfAnotherHall) {
  v1::ReplaceRotaRequest request = RotaRequest();
  request.mutable_rota()->mutable_shifts(1)->set_staff("staff/officer-110102014");
  v1::Rota response;
  EXPECT_THAT(FieldsOf(Ask(&Duty::ReplaceRota, request, &response, Leader())), ElementsAre("rota.shifts[1].staff"));
}

TEST(LookupDutyOfficer, SaysWhenTheNextShiftBegins) {
  v1::LookupDutyOfficerRequest request;
  request.set_hall(kHall);
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  rpc::ToProto(calendar::AtTimeOfDay(today, 12, 30), request.mutable_at_time());
  const v1::LookupDutyOfficerResponse answer = Get(&Duty::LookupDutyOfficer, request, Clerk());
  EXPECT_EQ(answer.staff().display_name(), "王建国");
  EXPECT_TRUE(answer.later());
  EXPECT_EQ(rpc::FromProto(answer.attend_time()), calendar::AtTimeOfDay(today, 13, 30));
}

}  // namespace
}  // namespace xxt::intake
