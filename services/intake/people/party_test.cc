#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;

class PartyTest : public IntakeTest {
 protected:
  static std::string Correct(absl::string_view what) {
    return absl::StrCat("name: '$party' request_id: '$id' reason: '登记时没有问' ", what);
  }
};

TEST_F(PartyTest, SaysHowItWantsToBeTold) {
  const v1::Case found = Must<v1::Case>(
      "CorrectParty", Correct("email: 'shen@mail.example' postal_address: '陶然亭路 1 号' preferred_channel: "
                              "CHANNEL_POST hard_of_hearing: true quiet_hours: '13-15'"));
  EXPECT_THAT(found.parties(), Contains(Partially("email: 'shen@mail.example' postal_address: '陶然亭路 1 号' "
                                                  "preferred_channel: CHANNEL_POST hard_of_hearing: true")));
  const v1::Case back = Must<v1::Case>("CorrectParty", Correct("preferred_channel: CHANNEL_UNSPECIFIED email: ''"));
  EXPECT_THAT(back.parties(), Contains(Partially("postal_address: '陶然亭路 1 号'")));
  for (const v1::Party& party : back.parties()) EXPECT_EQ(party.email(), "");
}

TEST_F(PartyTest, IsToldByNoChannelThatCarriesNoMessages) {
  for (const char* channel : {"WINDOW", "VISIT"}) {
    const std::string request = Correct(absl::StrCat("preferred_channel: CHANNEL_", channel));
    EXPECT_THAT(Call<v1::Case>("CorrectParty", request).status().ToString(), HasSubstr("preferred_channel"));
  }
}

TEST_F(PartyTest, HasQuietHoursOfADay) {
  for (const char* hours : {"13", "24-25", "1-3", "abends", "13-15-17"}) {
    const std::string request = Correct(absl::StrCat("quiet_hours: '", hours, "'"));
    EXPECT_THAT(Call<v1::Case>("CorrectParty", request).status().ToString(), HasSubstr("quiet_hours")) << hours;
  }
}

TEST_F(PartyTest, HasAnAddressThatMailCanGoTo) {
  for (const char* email : {"shen", "shen@", "@mail.example", "shen@mail.example, chen@mail.example", "沈@mail.example",
                            "shen@mail.example\\r\\nBcc: chen@mail.example"}) {
    const std::string request = Correct(absl::StrCat("email: '", email, "'"));
    EXPECT_THAT(Call<v1::Case>("CorrectParty", request).status().ToString(), HasSubstr("email")) << email;
  }
}

}  // namespace
}  // namespace xxt::intake
