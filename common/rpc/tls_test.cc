// Who is let in by certificate and token, over real connections.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/edge.h"
#include "common/rpc/server.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/testing/certificates.h"
#include "common/testing/clocks.h"
#include "common/testing/keys.h"
#include "common/testing/scratch_dir.h"
#include "common/testing/tokens.h"
#include "common/tls/credentials.h"
#include "tests/contract/health.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::intake::v1;

constexpr char kIntake[] = "services/intake";
constexpr char kReferral[] = "services/referral";

bool Await(const std::function<bool()>& done) {
  const absl::Time give_up = absl::Now() + absl::Seconds(40);
  while (!done()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

// How a method is answered that is called with an empty message.
grpc::StatusCode CodeOf(const std::shared_ptr<grpc::Channel>& channel, const char* path) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::NORMAL_RPC, channel);
  const grpc::Slice empty("");
  const grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer response;
  grpc::internal::BlockingUnaryCallImpl<grpc::ByteBuffer, grpc::ByteBuffer> call(channel.get(), method, &context,
                                                                                 request, &response);
  return call.status().error_code();
}

std::string Officer() { return test::Token("staff/wang", "halls/110102016", {"officer"}); }
std::string Service(const std::string& name) { return test::Token(name, "", {"service"}); }

// A service of one method, which staff and services may call, behind mutual TLS.
class Served final : public v1::HallService::CallbackService {
 public:
  Served(Edge& edge, const tls::Files& files) : edge_(edge) {
    ServerOptions options;
    options.address = "127.0.0.1:0";
    options.credentials = (*tls::Credentials::Load(files))->ForServer();
    options.health_address = "127.0.0.1:0";
    options.probe_period = absl::ZeroDuration();
    options.drain_deadline = absl::ZeroDuration();
    server_ = *Server::Start(options, {this}, [] { return absl::OkStatus(); });
  }
  ~Served() override { server_.reset(); }

  grpc::ServerUnaryReactor* ListHalls(grpc::CallbackServerContext* context, const v1::ListHallsRequest* request,
                                      v1::ListHallsResponse* response) override {
    ++arrived_;
    return edge_.Read(context, request, response,
                      [](const Call&, pg::Session&, const v1::ListHallsRequest&, v1::ListHallsResponse&) {
                        return absl::OkStatus();
                      });
  }

  const Server& server() const { return *server_; }
  int arrived() const { return arrived_; }

 private:
  Edge& edge_;
  std::atomic<int> arrived_{0};
  std::unique_ptr<Server> server_;
};

class TlsTest : public ::testing::Test {
 protected:
  using Channels = std::shared_ptr<grpc::ChannelCredentials>;

  std::string Folder(const std::string& name) const { return dir_.File(absl::StrReplaceAll(name, {{"/", "-"}})); }
  tls::Files Files(const std::string& name, const test::Leaf& leaf, const std::string& ca) const {
    tls::Files files = test::Install(leaf, ca, Folder(name));
    files.crl_dir = dir_.File("crl");
    return files;
  }
  // What a process called `name` speaks to intake with.
  Channels Of(const std::string& name) {
    return (*tls::Credentials::Load(Files(name, ca_.Issue(name), ca_.certificate())))->ForChannelTo(kIntake);
  }
  // Of somebody whose own program checks nothing.
  Channels Of(const test::Leaf& leaf) const {
    return grpc::SslCredentials({ca_.certificate(), leaf.key, leaf.certificate});
  }

  // Over a connection of its own.
  absl::Status Ask(int port, const Channels& credentials, const std::string& token) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("xxt.test.connection", ++connections_);
    const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), credentials, arguments);
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ListHallsResponse response;
    return FromGrpcStatus(v1::HallService::NewStub(channel)->ListHalls(&context, {}, &response));
  }
  absl::Status Ask(const Channels& credentials, const std::string& token) {
    return Ask(intake_.server().port(), credentials, token);
  }
  std::string ReasonFor(const std::string& peer, const std::string& token) {
    return errors::ReasonOf(Ask(Of(peer), token));
  }
  // Whether no call of it gets as far as the service.
  bool Refused(const Channels& credentials) {
    const int before = intake_.arrived();
    return absl::IsUnavailable(Ask(credentials, Officer())) && intake_.arrived() == before;
  }

  double Mismatches() {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name == "xixinting_peer_mismatches_total") return family.metric.at(0).counter.value;
    }
    return -1;
  }

  const test::ScratchDir dir_;
  test::CertificateAuthority ca_;
  pg::Pool pool_{{}};  // the handler asks it nothing
  Executor executor_{2, 16};
  SystemClock clock_;
  prometheus::Registry registry_;
  metrics::RpcMetrics metrics_{registry_};
  Edge edge_{{executor_, pool_, clock_, test::TestVerifier(), metrics_, test::TestKeys(), tls::Files().trust_domain}};
  std::atomic<int> connections_{0};
  Served intake_{edge_, Files(kIntake, ca_.Issue(kIntake), ca_.certificate())};
};

TEST_F(TlsTest, ATokenIsTakenFromWhoMayBringIt) {
  for (const char* peer : {"edge", "toolbox"}) {
    const absl::Status status = Ask(Of(peer), Officer());
    EXPECT_TRUE(status.ok()) << peer << ": " << status;
  }
  const absl::Status status = Ask(Of(kReferral), Service(kReferral));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Mismatches(), 0);
}

TEST_F(TlsTest, AStolenTokenIsRefusedAndCounted) {
  EXPECT_EQ(ReasonFor("services/notification", Service(kReferral)), "PEER_MISMATCH");
  EXPECT_EQ(ReasonFor("edge", Service(kReferral)), "PEER_MISMATCH");
  EXPECT_EQ(ReasonFor("toolbox", Service(kReferral)), "PEER_MISMATCH");
  EXPECT_EQ(ReasonFor(kReferral, Officer()), "PEER_MISMATCH");
  EXPECT_EQ(ReasonFor("probe", Officer()), "PEER_MISMATCH");
  // A role that this system does not know comes from anywhere, and hides no theft.
  EXPECT_EQ(ReasonFor(kReferral, test::Token("staff/wang", "halls/110102016", {"officer", "accountant"})),
            "PEER_MISMATCH");
  EXPECT_EQ(Mismatches(), 6);
}

TEST_F(TlsTest, AGoodCertificateIsNoToken) { EXPECT_EQ(ReasonFor("edge", "none"), "TOKEN_INVALID"); }

TEST_F(TlsTest, WhoHasNoCertificateOrNoneThatCountsIsNotHeard) {
  EXPECT_FALSE(Refused(Of(ca_.Issue("edge"))));  // so that what follows means something
  EXPECT_TRUE(Refused(grpc::InsecureChannelCredentials()));
  EXPECT_TRUE(Refused(Of(test::Leaf{})));
  EXPECT_TRUE(Refused(Of(ca_.IssueAs({.name = "edge", .lasts = absl::Minutes(-1)}))));
  EXPECT_TRUE(Refused(Of(ca_.IssueAs({.name = "edge", .since = absl::Hours(-1)}))));
  EXPECT_TRUE(Refused(Of(ca_.IssueAs({.name = "edge", .trust_domain = "elsewhere.internal"}))));
  EXPECT_TRUE(Refused(Of(ca_.IssueAs({.name = "edge", .hosts = "URI:spiffe://xixinting.internal/toolbox"}))));
  test::CertificateAuthority other;
  EXPECT_TRUE(Refused(Of(other.Issue("edge"))));
}

// Whoever knocks without a certificate must not be able to break the log.
TEST_F(TlsTest, WhatIsSaidOfAHandshakeThatFailedIsALineOfTheLog) {
  test::PassTime(log::kSeldom);  // since the other tests said so
  testing::internal::CaptureStderr();
  EXPECT_TRUE(Refused(Of(test::Leaf{})));
  EXPECT_TRUE(Refused(Of(ca_.IssueAs({.name = "edge", .trust_domain = "elsewhere.internal"}))));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::HasSubstr(R"("event":"grpc.reported")"));
  EXPECT_THAT(log, testing::HasSubstr(R"("event":"tls.peer_refused")"));
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(absl::StartsWith(line, "{") && absl::EndsWith(line, "}")) << line;
  }
}

TEST_F(TlsTest, ACertificateTakenBackWhileItRunsIsNotHeardFromTheNextConnectionOn) {
  const test::Leaf first = ca_.Issue("edge");
  const test::Leaf second = ca_.Issue("edge");
  EXPECT_FALSE(Refused(Of(first)));
  ca_.Revoke(first, dir_.File("crl"));
  EXPECT_TRUE(Refused(Of(first)));
  EXPECT_FALSE(Refused(Of(second)));
  ca_.Revoke(second, dir_.File("crl"));  // the next list, of the same name
  EXPECT_TRUE(Refused(Of(second)));
}

TEST_F(TlsTest, AClientSpeaksToNobodyButTheServiceItMeans) {
  const auto refused = [this](const test::Leaf& leaf, const std::string& ca) {
    Served other(edge_, Files("other", leaf, ca));
    const absl::Status status = Ask(other.server().port(), Of("edge"), Officer());
    return absl::IsUnavailable(status) && other.arrived() == 0;
  };
  EXPECT_FALSE(refused(ca_.Issue(kIntake), ca_.certificate()));
  EXPECT_TRUE(refused(ca_.Issue("services/notification"), ca_.certificate()));
  EXPECT_TRUE(refused(ca_.IssueAs({.name = kIntake, .hosts = "DNS:elsewhere"}), ca_.certificate()));
  test::CertificateAuthority another;
  EXPECT_TRUE(refused(another.Issue(kIntake), another.certificate() + ca_.certificate()));
  const test::Leaf stolen = ca_.Issue(kIntake);
  ca_.Revoke(stolen, dir_.File("crl"));
  const tls::Files own = Files("edge", ca_.Issue("edge"), ca_.certificate());
  EXPECT_FALSE(tls::Credentials::Load(Files("other", stolen, ca_.certificate())).ok());
  tls::Files unaware = test::Install(stolen, ca_.certificate(), Folder("unaware"));
  Served thief(edge_, unaware);
  EXPECT_TRUE(absl::IsUnavailable(
      Ask(thief.server().port(), (*tls::Credentials::Load(own))->ForChannelTo(kIntake), Officer())));
  EXPECT_EQ(thief.arrived(), 0);
}

// All that the end of an authority takes, while calls come, each over a new connection.
TEST_F(TlsTest, CertificateKeyAndCaAreExchangedWithoutAFailedCall) {
  test::CertificateAuthority next;
  const test::Leaf intake = ca_.Issue(kIntake);
  const test::Leaf edge = ca_.Issue("edge");
  const std::string both = ca_.certificate() + next.certificate();
  const auto install = [&](const test::Leaf& server, const test::Leaf& client, const std::string& ca) {
    Files(kIntake, server, ca);
    return Files("edge", client, ca);
  };
  const Channels client = (*tls::Credentials::Load(install(intake, edge, ca_.certificate())))->ForChannelTo(kIntake);
  // Who is of the next authority, and trusts no other.
  const tls::Files new_files = Files("new", next.Issue(kIntake), next.certificate());
  Served new_intake(edge_, Files("new-intake", next.Issue(kIntake), both));
  Served strict_intake(edge_, new_files);
  const test::Leaf old_leaf = ca_.Issue("edge");
  const Channels old_edge = grpc::SslCredentials({both, old_leaf.key, old_leaf.certificate});
  const test::Leaf new_leaf = next.Issue("edge");
  const Channels strict_edge = grpc::SslCredentials({next.certificate(), new_leaf.key, new_leaf.certificate});
  const Channels lenient_edge = grpc::SslCredentials({both, new_leaf.key, new_leaf.certificate});

  std::atomic<bool> over{false};
  std::atomic<int> calls{0};
  std::atomic<int> failures{0};
  std::thread callers([&] {
    while (!over) {
      ++calls;
      if (!Ask(client, Officer()).ok()) ++failures;
    }
  });
  const int port = intake_.server().port();
  install(intake, edge, both);
  EXPECT_TRUE(Await([&] { return Ask(port, lenient_edge, Officer()).ok(); }));
  EXPECT_TRUE(Await([&] { return Ask(new_intake.server().port(), client, Officer()).ok(); }));
  install(next.Issue(kIntake), next.Issue("edge"), both);
  EXPECT_TRUE(Await([&] { return Ask(port, strict_edge, Officer()).ok(); }));
  EXPECT_TRUE(Await([&] { return Ask(strict_intake.server().port(), client, Officer()).ok(); }));
  install(next.Issue(kIntake), next.Issue("edge"), next.certificate());
  EXPECT_TRUE(Await([&] { return absl::IsUnavailable(Ask(old_edge, Officer())); }));
  over = true;
  callers.join();
  EXPECT_GT(calls, 0);
  EXPECT_EQ(failures, 0);
}

TEST_F(TlsTest, TheHealthPortTellsHealthInPlaintextAndNothingElse) {
  const int port = intake_.server().health_port();
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  EXPECT_TRUE(Await([&] { return contract::IsServing(channel); }));
  EXPECT_TRUE(absl::IsUnimplemented(Ask(port, grpc::InsecureChannelCredentials(), Officer())));
  EXPECT_EQ(CodeOf(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(intake_.arrived(), 0);
}

TEST_F(TlsTest, WhatMethodsThereAreIsToldOnlyWhereReflectionIsAskedFor) {
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", intake_.server().port()), Of("edge"));
  EXPECT_TRUE(Await([&] { return contract::IsServing(channel); }));
  EXPECT_EQ(CodeOf(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
            grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace xxt::rpc
