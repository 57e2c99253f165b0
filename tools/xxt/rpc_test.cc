#include "tools/xxt/rpc.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/testing/certificates.h"
#include "common/testing/scratch_dir.h"
#include "common/tls/credentials.h"
#include "tools/xxt/failure.h"

namespace xxt::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A service that tells its health, behind mutual TLS.
class Instance {
 public:
  Instance(const test::Leaf& leaf, const std::string& ca) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0",
                             (*tls::Credentials::Load(test::Install(leaf, ca, dir_.path())))->ForServer(), &port_);
    builder.RegisterCallbackGenericService(&nothing_else_);
    server_ = builder.BuildAndStart();
  }
  int port() const { return port_; }

 private:
  const test::ScratchDir dir_;
  grpc::CallbackGenericService nothing_else_;  // gRPC makes no server that answers no call
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class RpcTest : public ::testing::Test {
 protected:
  // What asking intake for its health comes to, with these files and keys of tls.
  absl::Status Ask(const Instance& intake, const tls::Files& files, const std::string& more = "") {
    const std::string file =
        dir_.Write("context.yaml", absl::StrCat("endpoints: {intake: \"127.0.0.1:", intake.port(),
                                                "\"}\ntls: {certificate_file: ", files.certificate,
                                                ", key_file: ", files.key, ", ca_file: ", files.ca, more, "}\n"));
    const absl::StatusOr<Context> context = Context::Load(file);
    if (!context.ok()) return context.status();
    return Rpc(*context).Serving("intake", absl::Seconds(10)).status();
  }

  // In both languages.
  static std::string Said(const absl::Status& status) {
    return absl::StrCat(errors::LocalizedTextOf(status), status.message());
  }

  const test::ScratchDir dir_;
  test::CertificateAuthority ca_;
  const tls::Files own_ = test::Install(ca_.Issue("toolbox"), ca_.certificate(), dir_.File("toolbox"));
  const Instance intake_{ca_.Issue("services/intake"), ca_.certificate()};
};

TEST_F(RpcTest, SpeaksMutualTlsToTheServiceThatItMeans) {
  const absl::Status status = Ask(intake_, own_);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(RpcTest, SaysWhatIsWrongWithItsOwnCertificate) {
  tls::Files files = own_;
  files.certificate = "/absent.crt";
  EXPECT_THAT(Said(Ask(intake_, files)),
              AllOf(HasSubstr("/absent.crt：读不了"), HasSubstr("/absent.crt: cannot be read")));
  EXPECT_THAT(Describe(Ask(intake_, files), Language::kEnglish), Not(HasSubstr("读不了")))
      << "one language is asked for";
  files =
      test::Install(ca_.IssueAs({.name = "toolbox", .lasts = absl::Minutes(-1)}), ca_.certificate(), dir_.File("old"));
  EXPECT_THAT(Said(Ask(intake_, files)), AllOf(HasSubstr("已过期"), HasSubstr("has expired")));
}

TEST_F(RpcTest, SaysThatAServerIsNotTrusted) {
  test::CertificateAuthority other;
  const Instance stranger(other.Issue("services/intake"), other.certificate());
  EXPECT_THAT(Said(Ask(stranger, own_)), AllOf(HasSubstr("不被信任"), HasSubstr("is not trusted")));
}

TEST_F(RpcTest, SaysThatAnotherServiceOrHostAnswers) {
  const Instance other(ca_.Issue("services/referral"), ca_.certificate());
  EXPECT_THAT(Said(Ask(other, own_)), HasSubstr("of another service or host"));
  const Instance elsewhere(ca_.IssueAs({.name = "services/intake", .hosts = "DNS:elsewhere"}), ca_.certificate());
  EXPECT_THAT(Said(Ask(elsewhere, own_)), HasSubstr("of another service or host"));
}

TEST_F(RpcTest, RefusesAContextThatNamesHalfOfTls) {
  EXPECT_THAT(Said(Ask(intake_, tls::Files())), HasSubstr("tls.certificate_file"));
  EXPECT_THAT(Said(Ask(intake_, own_, ", ca: x")), HasSubstr("tls.ca is no key"));
}

TEST_F(RpcTest, SpeaksPlaintextToNobodyElsewhere) {
  const absl::StatusOr<Context> context =
      Context::Load(dir_.Write("context.yaml", "endpoints: {intake: \"10.0.0.7:50051\"}\n"));
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_THAT(std::string(Rpc(*context).Serving("intake", absl::Seconds(1)).status().message()),
              HasSubstr("the context has no tls"));
}

}  // namespace
}  // namespace xxt::cli
