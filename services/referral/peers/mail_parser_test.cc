#include "services/referral/peers/mail_parser.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// "你好" in GB 18030, and 镕 (not in GB 2312) after it.
constexpr char kGreetingGbk[] = "\xc4\xe3\xba\xc3\xe9\x46";

std::string With(const std::string& headers, const std::string& body) {
  return absl::StrCat("From: =?utf-8?B?6LW15biI5YKF?= <archive@crematorium.example>\r\n", headers, "\r\n", body);
}

TEST(ParseMail, ReadsGbkThatCallsItselfGb2312) {
  const InboundMail mail =
      ParseMail(With("Subject: =?gb2312?B?xOO6w+lG?=\r\nContent-Type: text/plain; charset=gb2312\r\n", kGreetingGbk));
  EXPECT_EQ(mail.text, "你好镕");
  EXPECT_THAT(mail.subject, HasSubstr("你好"));
  EXPECT_EQ(mail.from_address, "archive@crematorium.example");
}

TEST(ParseMail, ReadsBytesThatNobodyDeclared) {
  const InboundMail mail = ParseMail(With(absl::StrCat("Subject: ", kGreetingGbk, "\r\n"), kGreetingGbk));
  EXPECT_EQ(mail.subject, "你好镕");
  EXPECT_EQ(mail.text, "你好镕");
}

TEST(ParseMail, ReadsASubjectOfSeveralWordsWithPadding) {
  EXPECT_EQ(
      ParseMail(
          With("Subject: Re: =?utf-8?B?5Y2P5p+l?=\r\n =?utf-8?B?5Ye9IA==?=\r\n\t=?UTF-8?B?W1hYVC0xXQ==?= ok\r\n", ""))
          .subject,
      "Re: 协查函 [XXT-1] ok");
  EXPECT_EQ(ParseMail(With("Subject: a\r\n b\r\n", "")).subject, "a b");
}

TEST(ParseMail, PrefersThePlainTextAndSkipsAttachments) {
  const InboundMail mail = ParseMail(
      With("Content-Type: multipart/mixed; boundary=b\r\n",
           "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n"
           "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
           "--c\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n"
           "--c\r\nContent-Type: text/plain\r\n\r\nplain\r\n--c--\r\n--b--\r\n"));
  EXPECT_THAT(mail.text, HasSubstr("plain"));
  EXPECT_THAT(mail.text, Not(HasSubstr("attached")));
  EXPECT_THAT(mail.text, Not(HasSubstr("html")));
}

TEST(ParseMail, TakesTheWordsOfHtml) {
  const InboundMail mail =
      ParseMail(With("Content-Type: text/html; charset=utf-8\r\n",
                     "<style>p{}</style><p>档案室&nbsp;在二层</p><p>1 &lt; 2</p><script>x()</script>"));
  EXPECT_EQ(mail.text, "档案室 在二层\n1 < 2");
}

TEST(ParseMail, FindsTheThread) {
  const InboundMail mail =
      ParseMail(With("Message-ID: <c@x>\r\nIn-Reply-To: <b@x>\r\nReferences: <a@x>\r\n <b@x>\r\n", "text"));
  EXPECT_EQ(mail.message_id, "c@x");
  EXPECT_THAT(mail.thread, ElementsAre("b@x", "b@x", "a@x"));
}

TEST(ParseMail, KnowsWhatAMachineWrote) {
  EXPECT_FALSE(ParseMail(With("", "x")).automatic);
  EXPECT_FALSE(ParseMail(With("Auto-Submitted: no\r\n", "x")).automatic);
  EXPECT_TRUE(ParseMail(With("Auto-Submitted: auto-replied\r\n", "x")).automatic);
  EXPECT_TRUE(ParseMail(With("Return-Path: <>\r\n", "x")).automatic);
  EXPECT_TRUE(ParseMail(With("Content-Type: multipart/report; boundary=b\r\n", "--b--\r\n")).automatic);
}

TEST(ParseMail, TakesWhateverComes) {
  EXPECT_THAT(ParseMail("").thread, IsEmpty());
  EXPECT_EQ(ParseMail(With("", std::string("a\0b\x01", 4))).text, "ab");
  ParseMail(std::string("\xff\xfe\x00\x01 garbage", 12));
  EXPECT_THAT(ParseMail(With("", std::string(200000, 'x'))).text, EndsWith("（正文过长，以下省略）"));
  EXPECT_THAT(ParseMail(With("Content-Type: multipart/mixed; boundary=b\r\n", "--b\r\nContent-Ty")).text, IsEmpty());
}

TEST(TextOfHtml, BearsBrokenMarkup) {
  EXPECT_EQ(TextOfHtml("a<b"), "a");
  EXPECT_EQ(TextOfHtml("a & b &unknown; &#20320;&#x597d;"), "a & b &unknown; 你好");
  EXPECT_EQ(TextOfHtml("<script>never closed"), "");
}

}  // namespace
}  // namespace xxt::referral
