#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/packet.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;

class PacketTest : public IntakeTest {
 protected:
  std::string Gap(absl::string_view title) {
    return Must<v1::Paper>("RecordGap", absl::StrCat("parent: '$case' request_id: '$id' paper: {title: '", title,
                                                     "' source: '办事指南'}"))
        .name();
  }
  void Receive(absl::string_view paper) {
    Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper, "' request_id: '$id'"));
  }
  static std::string Of(absl::string_view one, absl::string_view other) {
    return absl::StrCat("parent: '$case' request_id: '$id' packet: {title: '丧葬费申领材料' papers: '", one,
                        "' papers: '", other, "'}");
  }
  static std::string HandedOver(const v1::Packet& it, const char* recipient = "$party") {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' recipient: '", recipient,
                        "' identity_check: IDENTITY_CHECK_RESIDENT_ID receipt: '2026-7'");
  }
  v1::Packet Read(const v1::Packet& it) {
    return Must<v1::Packet>("GetPacket", absl::StrCat("name: '", it.name(), "'"));
  }
  const std::string one_ = Gap("存档证明");
  const std::string other_ = Gap("在职证明");
};

TEST_F(PacketTest, IsHandedOverOnceAndOnlyWhenAllIsThere) {
  const auto packet = Must<v1::Packet>("CreatePacket", Of(one_, other_));
  EXPECT_THAT(Read(packet).missing(), ElementsAre(one_, other_));
  Receive(one_);
  EXPECT_THAT(Read(packet).missing(), ElementsAre(other_));
  EXPECT_EQ(ReasonFor("HandOverPacket", HandedOver(packet)), "STATE_FORBIDS");
  Receive(other_);
  EXPECT_EQ(ReasonFor("HandOverPacket", HandedOver(packet, "$case/parties/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Must<v1::Packet>("HandOverPacket", HandedOver(packet)),
              Partially("state: STATE_HANDED_OVER receipt: '2026-7' identity_check: IDENTITY_CHECK_RESIDENT_ID"));
  EXPECT_EQ(ReasonFor("HandOverPacket", HandedOver(packet)), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::ListPacketsResponse>("ListPackets", "parent: '$case'").packets_size(), 1);
}

TEST_F(PacketTest, IsOfTwoDifferentPapersOfTheCase) {
  EXPECT_EQ(ReasonFor("CreatePacket", Of(one_, one_)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreatePacket", Of(one_, "cases/$id/papers/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreatePacket", Of(one_, "$case/papers/$id")), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
