// Our own mails, as our own parser reads them.

#include "common/smtp/mime.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/mail/mail_parser.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OutboundMail Mail() {
  OutboundMail mail;
  mail.message_id = "01940000-0000-7000-8000-000000000001@xixinting.example";
  mail.to = "archive@crematorium.example";
  mail.subject = "协查函 [XXT-ABCD1234K]";
  mail.text = "您好！\n请协助。\n";
  mail.date = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 5);
  return mail;
}

TEST(MimeOfOurs, IsReadBackAsItWasMeant) {
  OutboundMail mail = Mail();
  mail.in_reply_to = "first@xixinting.example";
  const absl::StatusOr<std::string> raw = WriteMime(mail, "hall@xxt.example", "悉心听窗口");
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_THAT(*raw, HasSubstr("Date: Mon, 23 Nov 2026 10:05:00 +0800\r\n"));
  const InboundMail read = ParseMail(*raw);
  EXPECT_EQ(read.message_id, mail.message_id);
  EXPECT_THAT(read.thread, ElementsAre("first@xixinting.example", "first@xixinting.example"));
  EXPECT_EQ(read.from_address, "hall@xxt.example");
  EXPECT_EQ(read.subject, mail.subject);
  EXPECT_EQ(read.text, mail.text);
}

TEST(MimeOfOurs, KeepsLinesShortAndCharactersWhole) {
  OutboundMail mail = Mail();
  for (int i = 0; i < 30; ++i) mail.subject += "补办火化证明";
  for (int i = 0; i < 300; ++i) mail.text += "补办火化证明";
  const std::string raw = *WriteMime(mail, "hall@xxt.example", "");
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(raw, "\r\n"))) {
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
  EXPECT_EQ(ParseMail(raw).subject, mail.subject);
  EXPECT_EQ(ParseMail(raw).text, mail.text);
}

}  // namespace
}  // namespace xxt::referral
