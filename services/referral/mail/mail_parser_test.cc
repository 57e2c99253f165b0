#include "services/referral/mail/mail_parser.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/mail/delivery_status.h"
#include "services/referral/mail/html_text.h"

namespace xxt::referral {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

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

// A mail in parts, each given with its headers.
std::string Mixed(const std::string& headers, const std::vector<std::string>& parts, const char* type = "mixed") {
  std::string body;
  for (const std::string& part : parts) absl::StrAppend(&body, "--b\r\n", part, "\r\n");
  return With(absl::StrCat(headers, "Content-Type: multipart/", type, "; boundary=b\r\n"), body + "--b--\r\n");
}

TEST(ParseMail, KeepsScansAndListsWhatItDoesNotKeep) {
  const InboundMail mail =
      ParseMail(Mixed("", {"Content-Type: text/plain\r\n\r\nsee the scan",
                           "Content-Type: application/octet-stream; name=\"=?utf-8?B?5omr5o+P5Lu2LnBkZg==?=\"\r\n"
                           "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=",
                           "Content-Type: application/zip; name=\"../../x.zip\"\r\n\r\nPK",
                           "Content-Type: text/plain\r\n\r\nregards"}));
  EXPECT_EQ(mail.text, "see the scan\nregards");
  ASSERT_THAT(mail.files, SizeIs(2));
  EXPECT_EQ(mail.files[0].about.file_name, "扫描件.pdf");
  EXPECT_EQ(mail.files[0].about.media_type, "application/pdf");
  EXPECT_EQ(mail.files[0].content, "%PDF-");
  EXPECT_EQ(mail.files[0].about.size, 5);
  EXPECT_EQ(mail.files[1].about.file_name, "x.zip");
  EXPECT_EQ(mail.files[1].about.state, Attachment::State::kTypeRefused);
  EXPECT_THAT(mail.files[1].content, IsEmpty());
}

TEST(ParseMail, ReadsAMailThatIsOnlyAnother) {
  const InboundMail mail = ParseMail(
      With("Content-Type: message/rfc822\r\n",
           "From: b@x\r\nSubject: [XXT-1]\r\nMessage-ID: <ours@x>\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
           "--c\r\nContent-Type: text/html\r\n\r\n<p>found</p>\r\n"
           "--c\r\nContent-Type: image/png\r\n\r\nPNG\r\n--c--\r\n"));
  EXPECT_THAT(mail.text, HasSubstr("found"));
  EXPECT_THAT(mail.text, HasSubstr("b@x"));
  EXPECT_THAT(mail.files, SizeIs(1));
  EXPECT_THAT(mail.thread, ElementsAre("ours@x"));
  EXPECT_THAT(mail.embedded_subjects, ElementsAre("[XXT-1]"));
  EXPECT_EQ(mail.subject, "");
  EXPECT_FALSE(mail.bounce.has_value());
}

constexpr char kFailed[] =
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822;\r\n archive@crematorium.example\r\nAction: failed\r\nStatus: 5.1.1 (no such user)\r\n";
constexpr char kReturned[] =
    "Content-Type: message/rfc822\r\n\r\nSubject: [XXT-1]\r\nMessage-ID: <ours@x>\r\n\r\nour words";

TEST(ParseMail, TiesABounceToTheMailItReturns) {
  const InboundMail mail =
      ParseMail(Mixed("Return-Path: <>\r\n", {"Content-Type: text/plain\r\n\r\nsorry", kFailed, kReturned}, "report"));
  ASSERT_TRUE(mail.bounce.has_value());
  EXPECT_EQ(mail.bounce->recipient, "archive@crematorium.example");
  EXPECT_EQ(mail.bounce->status, "5.1.1");
  EXPECT_TRUE(mail.bounce->permanent);
  EXPECT_TRUE(mail.automatic);
  EXPECT_THAT(mail.thread, ElementsAre("ours@x"));
  EXPECT_EQ(mail.text, "sorry");
}

TEST(ParseMail, ABounceMayReturnHeadersOnlyOrBeADelay) {
  std::string delayed(kFailed);
  delayed.replace(delayed.find("failed"), 6, "delayed");
  delayed.replace(delayed.find("5.1.1"), 5, "4.4.1");
  const InboundMail mail = ParseMail(Mixed(
      "", {delayed, "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@x>\r\nSubject: s\r\n"}, "report"));
  ASSERT_TRUE(mail.bounce.has_value());
  EXPECT_FALSE(mail.bounce->permanent);
  EXPECT_THAT(mail.thread, ElementsAre("ours@x"));
  EXPECT_TRUE(ParseMail(With("X-Failed-Recipients: a@b\r\n", "x")).bounce->permanent);
}

TEST(ParseMail, SaysThatItIsCut) { EXPECT_THAT(ParseMail(With("", "x"), true).text, HasSubstr("过大")); }

TEST(ReadDeliveryStatus, ARecipientThatWasReachedIsNoBounce) {
  EXPECT_FALSE(ReadDeliveryStatus("Final-Recipient: rfc822; a@b\nAction: delivered\nStatus: 2.0.0\n").has_value());
  EXPECT_FALSE(ReadDeliveryStatus(" \n: \n\nAction").has_value());
  const auto bounce = ReadDeliveryStatus(
      "Final-Recipient: rfc822; a@b\nAction: delayed\nStatus: 4.2.2\n\nOriginal-Recipient: rfc822;<c@d>\n"
      "Final-Recipient: rfc822; e@f\nAction: failed\nStatus: nonsense\n");
  ASSERT_TRUE(bounce.has_value());
  EXPECT_EQ(bounce->recipient, "c@d");
  EXPECT_EQ(bounce->status, "");
  EXPECT_TRUE(bounce->permanent);
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

TEST(ParseMail, BearsMailsWithinMailsWithoutEnd) {
  const auto nested = [](const std::string& layer) {
    std::string raw;
    for (int i = 0; i < 100000; ++i) raw += layer;
    return ParseMail(raw);
  };
  nested("Content-Type: message/rfc822\r\n\r\n");
  nested("Content-Type: text/rfc822-headers\r\n\r\n");
  nested("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
}

std::string Times(int count, const std::string& what) {
  std::string text;
  for (int i = 0; i < count; ++i) text += what;
  return text;
}

TEST(ParseMail, BearsAddressesWithinAddressesWithoutEnd) {
  for (const char* field : {"From:", "from :", "To:", "CC:", "Bcc:", "Reply-To:", "Sender:", "Resent-To:"}) {
    SCOPED_TRACE(field);
    EXPECT_EQ(ParseMail(absl::StrCat("Subject: s\r\n", field, Times(200000, " a:"), "\r\n\r\nx")).text, "x");
    const std::string folded = absl::StrCat("Subject: s\n", field, Times(200000, " a:\n"), "\nx");
    EXPECT_EQ(ParseMail(folded).subject, "s");
    EXPECT_EQ(ParseMail(absl::StrCat("Content-Type: message/rfc822\n\n", folded)).embedded_subjects.size(), 1U);
  }
}

TEST(ParseMail, KeepsTheFirstOfManyAddressesAndLongTexts) {
  const std::string many =
      absl::StrCat("From: a@b.example", Times(1000, ",\r\n c@d.example"), "\r\nSubject: s\r\n\r\n");
  EXPECT_EQ(ParseMail(many).from_address, "a@b.example");
  EXPECT_EQ(ParseMail(many).subject, "s");
  const std::string text = Times(1000, " an indented line\n") + "To\n" + Times(1000, " another\n") + "end";
  EXPECT_EQ(ParseMail(With("", text)).text, text);
}

// None of these takes a time that grows with the square of its size, which would be minutes here.
TEST(ParseMail, TakesNoLongTimeForALongMail) {
  ParseMail(With("Content-Type: text/html\r\n", Times(3'000'000, "&")));
  ParseMail(With(absl::StrCat("Subject: ", Times(1'000'000, "=?="), "\r\n"), "x"));
}

TEST(ParseMail, KeepsLittleOfAMailOfManyMails) {
  const InboundMail mail = ParseMail(With("In-Reply-To: <b@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                                          Times(1000,
                                                "--b\r\nContent-Type: message/rfc822\r\n\r\n"
                                                "Message-ID: <a@x>\r\nSubject: s\r\n\r\nhi\r\n")));
  EXPECT_EQ(mail.embedded_subjects.size(), 10U);
  EXPECT_EQ(mail.thread.size(), 11U);
  EXPECT_EQ(mail.thread.back(), "b@x");
}

// Each would take gigabytes as a mail of the size that is fetched.
TEST(ParseMail, EndsWhereThereAreTooManyPartsOrFields) {
  const std::string many =
      absl::StrCat("--b\r\n\r\nthe first\r\n", Times(300000, "--b\n\n"), "--b\r\n\r\nthe last\r\n");
  EXPECT_THAT(ParseMail(With("Content-Type: multipart/mixed; boundary=b\r\n", many)).text,
              AllOf(HasSubstr("the first"), Not(HasSubstr("the last")), EndsWith("请在邮箱中查看原件）")));
  const InboundMail fields = ParseMail(absl::StrCat("Subject: s\r\n", Times(400000, "a:\n"), "\r\nx"));
  EXPECT_EQ(fields.subject, "s");
  EXPECT_THAT(fields.text, HasSubstr("请在邮箱中查看原件"));
}

TEST(TextOfHtml, BearsBrokenMarkup) {
  EXPECT_EQ(TextOfHtml("a<b"), "a");
  EXPECT_EQ(TextOfHtml("a & b &unknown; &#20320;&#x597d;"), "a & b &unknown; 你好");
  EXPECT_EQ(TextOfHtml("<script>never closed"), "");
}

}  // namespace
}  // namespace xxt::referral
