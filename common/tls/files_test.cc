#include "common/tls/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/testing/certificates.h"
#include "common/testing/scratch_dir.h"
#include "common/tls/identity.h"

namespace xxt::tls {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FilesTest : public ::testing::Test {
 protected:
  // In both languages.
  std::string Problem(const Files& files) {
    const absl::Status status = Check(files, absl::Now());
    return absl::StrCat(errors::LocalizedTextOf(status), status.message());
  }
  std::string NotRevoked(const Files& files, const test::Leaf& leaf) {
    return std::string(CheckNotRevoked(files, leaf.certificate, "").message());
  }

  const test::ScratchDir dir_;
  test::CertificateAuthority ca_;
  const test::Leaf leaf_ = ca_.Issue("services/intake");
  Files files_ = test::Install(leaf_, ca_.certificate(), dir_.path());
};

TEST_F(FilesTest, GoodOnesAreFit) { EXPECT_EQ(Problem(files_), ""); }

TEST_F(FilesTest, WhatIsWrongIsSaidInBothLanguagesWithItsFile) {
  Files files = files_;
  files.certificate = dir_.File("absent.crt");
  EXPECT_THAT(Problem(files), AllOf(HasSubstr("absent.crt：读不了"), HasSubstr("absent.crt: cannot be read")));
  files = files_;
  files.key = dir_.Write("no.key", "no key");
  EXPECT_THAT(Problem(files), AllOf(HasSubstr("没有私钥"), HasSubstr("no.key: holds no private key")));
  files = files_;
  files.ca = dir_.Write("no.crt", "no certificate");
  EXPECT_THAT(Problem(files), AllOf(HasSubstr("没有证书"), HasSubstr("no.crt: holds no certificate")));
}

TEST_F(FilesTest, AKeyOfAnotherCertificateIsUnfit) {
  const Files other =
      test::Install({leaf_.certificate, ca_.Issue("services/intake").key}, ca_.certificate(), dir_.path());
  EXPECT_THAT(Problem(other), AllOf(HasSubstr("不是一对"), HasSubstr("is the key of another certificate")));
}

TEST_F(FilesTest, ACertificateOfSomebodyElseIsUnfitForWhoMustBeNamed) {
  files_.name = "services/intake";
  EXPECT_EQ(Problem(files_), "");
  files_.name = "services/referral";
  EXPECT_THAT(Problem(files_), AllOf(HasSubstr("不是 spiffe://xixinting.internal/services/referral 的证书"),
                                     HasSubstr("is no certificate of spiffe://xixinting.internal/services/referral")));
  files_.trust_domain = "elsewhere.internal";
  files_.name = "services/intake";
  EXPECT_THAT(Problem(files_), HasSubstr("spiffe://elsewhere.internal/services/intake"));
}

TEST_F(FilesTest, ACertificateCountsBetweenItsTimesOnly) {
  EXPECT_THAT(std::string(Check(files_, absl::Now() + absl::Hours(25)).message()), HasSubstr("has expired"));
  EXPECT_THAT(std::string(Check(files_, absl::Now() - absl::Minutes(90)).message()), HasSubstr("is not yet valid"));
}

TEST_F(FilesTest, ACertificateOfAnotherCaIsUnfitAndOfOneOfTwoIsFit) {
  const test::CertificateAuthority other;
  EXPECT_THAT(Problem(test::Install(leaf_, other.certificate(), dir_.path())), HasSubstr("is of no CA in"));
  EXPECT_EQ(Problem(test::Install(leaf_, other.certificate() + ca_.certificate(), dir_.path())), "");
}

TEST_F(FilesTest, SaysWhenTheFirstAndTheLastEnd) {
  const test::CertificateAuthority longer(absl::Hours(1000));
  const absl::StatusOr<Ends> ends = EndsOf(dir_.Write("two.crt", longer.certificate() + ca_.certificate()));
  ASSERT_TRUE(ends.ok()) << ends.status();
  EXPECT_LT(absl::AbsDuration(ends->first - (absl::Now() + absl::Hours(240))), absl::Minutes(1));
  EXPECT_LT(absl::AbsDuration(ends->last - (absl::Now() + absl::Hours(1000))), absl::Minutes(1));
}

TEST_F(FilesTest, WhatAListTakesBackIsRefusedAtOnceAndWhatItDoesNotIsTaken) {
  const test::Leaf other = ca_.Issue("services/referral");
  files_.crl_dir = dir_.File("crl");
  EXPECT_EQ(NotRevoked(files_, leaf_), "");  // no folder, no list
  ca_.Revoke(other, files_.crl_dir);
  EXPECT_EQ(NotRevoked(files_, leaf_), "");
  EXPECT_THAT(NotRevoked(files_, other), HasSubstr("revoked"));
  // The next list has the same name.
  ca_.Revoke(leaf_, files_.crl_dir);
  EXPECT_THAT(NotRevoked(files_, leaf_), HasSubstr("revoked"));
  EXPECT_THAT(Problem(files_), HasSubstr("was taken back"));
}

TEST_F(FilesTest, AListThatIsLateStillCountsAndStopsNobodyElse) {
  const test::Leaf other = ca_.Issue("services/referral");
  files_.crl_dir = dir_.File("crl");
  ca_.Revoke(other, files_.crl_dir, /*next=*/absl::Minutes(-30));
  EXPECT_THAT(NotRevoked(files_, other), HasSubstr("revoked"));
  EXPECT_EQ(NotRevoked(files_, leaf_), "");
}

TEST_F(FilesTest, AListOfAnotherCaTakesNothingBack) {
  test::CertificateAuthority other;
  files_.crl_dir = dir_.File("crl");
  other.Revoke(leaf_, files_.crl_dir);
  EXPECT_EQ(NotRevoked(files_, leaf_), "");
}

TEST(Identity, IsTheRestOfTheUriInTheOwnTrustDomain) {
  EXPECT_EQ(SpiffeId("xixinting.internal", "services/intake"), "spiffe://xixinting.internal/services/intake");
  EXPECT_EQ(NameOf("xixinting.internal", "spiffe://xixinting.internal/services/intake"), "services/intake");
  for (const char* other : {"", "spiffe://xixinting.internal", "spiffe://xixinting.internal.example/edge",
                            "spiffe://other/edge", "https://xixinting.internal/edge"}) {
    EXPECT_EQ(NameOf("xixinting.internal", other), "") << other;
  }
}

}  // namespace
}  // namespace xxt::tls
