#include "common/smtp/mime.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::smtp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Mail Letter() {
  Mail mail;
  mail.message_id = "01940000-0000-7000-8000-000000000001@xixinting.example";
  mail.to = "shen@mail.example";
  mail.subject = "西城悉心听";
  mail.text = "您好！\n";
  mail.date = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 5);
  return mail;
}

TEST(WriteMime, HasNothingButAsciiInShortLines) {
  Mail mail = Letter();
  for (int i = 0; i < 300; ++i) mail.text += "补办火化证明";
  const std::string raw = *WriteMime(mail, "hall@xxt.example", "悉心听窗口");
  EXPECT_THAT(raw, HasSubstr("Date: Mon, 23 Nov 2026 10:05:00 +0800\r\n"));
  EXPECT_THAT(raw, HasSubstr("To: <shen@mail.example>\r\n"));
  EXPECT_THAT(raw, Not(HasSubstr("补办")));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(raw, "\r\n"))) {
    EXPECT_LE(line.size(), 78U) << line;
  }
}

TEST(WriteMime, RefusesHeadersThatWouldBreakOut) {
  Mail mail = Letter();
  mail.subject = "a\r\nBcc: other@example.com";
  EXPECT_EQ(WriteMime(mail, "hall@xxt.example", "").status().code(), absl::StatusCode::kInvalidArgument);
  for (const char* to : {"a@b\r\nRCPT TO:<x@y>", "", "a", "a@", "@b", "a@b,c@d", "a b@c", "a@b@c", "<a@b>", "王@b"}) {
    mail = Letter();
    mail.to = to;
    EXPECT_FALSE(WriteMime(mail, "hall@xxt.example", "").ok()) << to;
  }
  EXPECT_FALSE(WriteMime(Letter(), "hall@xxt.example", "x\ny").ok());
}

}  // namespace
}  // namespace xxt::smtp
