#include "services/referral/mail/attachment_rules.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

TEST(KeptType, GoesByTheNamesEnding) {
  EXPECT_EQ(KeptType("扫描件.PDF", "application/octet-stream"), "application/pdf");
  EXPECT_EQ(KeptType("火化档案.jpeg", "image/pjpeg"), "image/jpeg");
  EXPECT_EQ(KeptType("", "image/png"), "image/png");
  EXPECT_EQ(KeptType("", "IMAGE/PNG"), "image/png");
}

TEST(KeptType, KeepsNoProgramsArchivesAndPages) {
  for (const char* name : {"a.exe", "a.zip", "a.html", "a.svg", "a.pdf.js", "a.docm", "a.", "a"}) {
    EXPECT_EQ(KeptType(name, "application/octet-stream"), std::nullopt) << name;
  }
  // A type that only says it is harmless does not make it so.
  EXPECT_EQ(KeptType("a.exe", "application/pdf"), std::nullopt);
  EXPECT_EQ(KeptType("", "text/html"), std::nullopt);
}

AttachedFile Judged(const std::string& name, std::size_t size, std::size_t before) {
  AttachedFile file;
  file.about.file_name = name;
  file.content.assign(size, 'x');
  JudgeFile(before, &file);
  return file;
}

TEST(JudgeFile, KeepsWhatFits) {
  EXPECT_EQ(Judged("a.pdf", kMostFileBytes, 0).about.state, Attachment::State::kKept);
  EXPECT_EQ(Judged("a.pdf", kMostFileBytes + 1, 0).about.state, Attachment::State::kTooLarge);
  EXPECT_EQ(Judged("a.pdf", 2, kMostKeptBytes - 1).about.state, Attachment::State::kTooLarge);
  const AttachedFile refused = Judged("a.exe", 3, 0);
  EXPECT_EQ(refused.about.state, Attachment::State::kTypeRefused);
  EXPECT_TRUE(refused.content.empty());
}

}  // namespace
}  // namespace xxt::referral
