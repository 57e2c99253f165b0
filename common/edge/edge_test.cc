#include "common/edge/edge.h"

#include <prometheus/registry.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/edge/note.grpc.pb.h"
#include "common/identifiers/uuid.h"
#include "common/pg/shared_commit.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/lock.h"
#include "common/testing/protos.h"
#include "common/testing/tokens.h"
#include "gtest/gtest.h"
#include "xixinting/intake/v1/case.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::test::v1;
using test::EqualsProto;
using test::Partially;
using ::testing::HasSubstr;

// What notes lie under.
using Case = ::xixinting::intake::v1::Case;
const store::Table<Case> kCases("things.cases", {.columns = {"hall"}});
constexpr char kCase[] = "cases/0197a000-0000-7000-8000-000000000001";

// What the test lets the handlers do.
std::function<absl::Status(Tx&, const v1::CreateNoteRequest&, v1::Note&)> create;
std::function<absl::Status(Tx&, const v1::GetNoteRequest&, v1::Note&)> get;

class Service final : public Serves<v1::NoteService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateNote, Note, create)
  XXT_READ(GetNote, Note, get)
};

// The same handlers behind a gRPC thread that must not wait.
class QueueingService final : public Serves<v1::NoteService> {
 public:
  using Serves::Serves;
  XXT_QUEUE(CreateNote, Note, create)
  XXT_READ(GetNote, Note, get)
};

template <typename Served>
class EdgeTestOf : public ::testing::Test {
 protected:
  EdgeTestOf() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::NoteService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }

  // A request that is right but for what `note` says.
  static v1::CreateNoteRequest Request(const std::string& note) {
    v1::CreateNoteRequest request;
    request.set_parent(kCase);
    *request.mutable_note() = test::Text<v1::Note>(note);
    request.set_request_id(identifiers::NewUuid(absl::Now()));
    return request;
  }

  // Its repeat is answered with the same bytes.
  void ExpectRepeats(const v1::CreateNoteRequest& request) {
    const auto first = Create(request);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_FALSE(replayed_);
    const auto second = Create(request);
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_TRUE(replayed_);
    EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  }

  absl::StatusOr<v1::Note> Create(const v1::CreateNoteRequest& request) {
    return Ask(&v1::NoteService::Stub::CreateNote, request, "officer");
  }
  absl::StatusOr<v1::Note> Get(v1::NoteView view, const std::string& role) {
    v1::GetNoteRequest request;
    request.set_name("cases/0197a000-0000-7000-8000-000000000001/notes/0197a000-0000-7000-8000-000000000002");
    request.set_view(view);
    return Ask(&v1::NoteService::Stub::GetNote, request, role);
  }

  template <typename Method, typename Request>
  absl::StatusOr<v1::Note> Ask(Method method, const Request& request, const std::string& role) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", test::Token("staff/wang", "halls/110102016", {role})));
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::Note response;
    const absl::Status status = rpc::FromGrpcStatus((stub_.get()->*method)(&context, request, &response));
    replayed_ = context.GetServerTrailingMetadata().count("idempotent-replay") > 0;
    if (!status.ok()) return status;
    return response;
  }

  test::Database database_{"intake"};
  Executor executor_{2, 8};
  SystemClock clock_;
  prometheus::Registry registry_;
  metrics::RpcMetrics metrics_{registry_};
  rpc::Edge calls_{{executor_, database_.pool(), clock_, test::TestVerifier(), metrics_, test::TestKeys(), ""}};
  Edge edge_{calls_, test::TestKeys()};
  Served service_{edge_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::NoteService::Stub> stub_;
  std::atomic<bool> replayed_{false};
};

class EdgeTest : public EdgeTestOf<Service> {};
class QueueTest : public EdgeTestOf<QueueingService> {};

constexpr char kPerson[] = "display_name: '沈女士' resident_id: '11010519491231002x' phones: '138 0013 8000'";

TEST_F(EdgeTest, GivesHandlersWhatTheyMayStoreAndCallersWhatTheyMaySee) {
  v1::CreateNoteRequest seen;
  create = [&seen](Tx& tx, const v1::CreateNoteRequest& request, v1::Note& made) {
    seen = request;
    made = request.note();
    made.mutable_people(0)->set_tries(3);
    made.set_author(tx.caller.subject);
    return absl::OkStatus();
  };
  const auto made = Create(Request(absl::StrCat("text: 'x' etag: '9' author: 'staff/li' people: {", kPerson, "}")));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(seen,
              Partially("note: {text: 'x' people: {resident_id: '11010519491231002X' phones: '+8613800138000'}}"));
  EXPECT_EQ(seen.note().etag() + seen.note().author(), "");
  EXPECT_THAT(*made,
              EqualsProto("text: 'x' author: 'staff/wang' people: {display_name: '沈女士' phones: '+8613800138000' "
                          "resident_id: '110***********002X'}"));
}

TEST_F(EdgeTest, RespondsToARepeatAsItDidFirstAndTellsARequestByItsOwnWords) {
  int runs = 0;
  create = [&runs](Tx&, const v1::CreateNoteRequest& request, v1::Note& made) {
    made = request.note();
    made.set_author(absl::StrCat(++runs));
    return absl::OkStatus();
  };
  v1::CreateNoteRequest request = Request(absl::StrCat("text: 'x' people: {", kPerson, "}"));
  ExpectRepeats(request);
  // Another spelling of the same number is another request.
  request.mutable_note()->mutable_people(0)->set_phones(0, "13800138000");
  EXPECT_EQ(errors::ReasonOf(Create(request).status()), "REQUEST_ID_REUSED");
}

class EdgeOfCases : public EdgeTest {
 protected:
  EdgeOfCases() {
    database_.Sql(R"sql(
      CREATE SCHEMA things;
      GRANT USAGE ON SCHEMA things TO xxt_runtime;
      CREATE TABLE things.cases (id uuid PRIMARY KEY, hall text NOT NULL, version bigint NOT NULL,
        message bytea NOT NULL, sealed bytea, search bytea, key bytea);
      GRANT SELECT, INSERT, UPDATE ON things.cases TO xxt_runtime)sql");
    create = [](Tx& tx, const v1::CreateNoteRequest& request, v1::Note& made) {
      Case about;
      about.set_name(request.parent());
      about.set_hall("halls/110102016");
      tx.Insert(kCases, about);
      return Respond(request, made);
    };
  }
  static absl::Status Respond(const v1::CreateNoteRequest& request, v1::Note& made) {
    made = request.note();
    made.set_name(absl::StrCat(request.parent(), "/notes/0197a000-0000-7000-8000-000000000002"));
    return absl::OkStatus();
  }
  const v1::CreateNoteRequest request_ = Request(absl::StrCat("text: 'x' people: {", kPerson, "}"));
};

TEST_F(EdgeOfCases, KeepsAResponseUnderTheKeyOfWhomItTellsAndRespondsGoneOnceThatIsErased) {
  const auto first = Create(request_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(database_.Sql("SELECT root FROM backbone.idempotency"), kCase);
  for (const char* column : {"response", "request_mac"}) {
    EXPECT_EQ(database_.Sql(absl::StrCat("SELECT position(convert_to('沈女士', 'UTF8') IN ", column,
                                         ") FROM backbone.idempotency")),
              "0");
  }
  const auto second = Create(request_);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(replayed_);
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());

  database_.Sql("UPDATE things.cases SET key = NULL");
  EXPECT_EQ(errors::ReasonOf(Create(request_).status()), "RESPONSE_GONE");
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM things.cases"), "1");
}

// As a read would show it.
TEST_F(EdgeOfCases, KeepsAndShowsOfAnErasedCaseNothingPersonal) {
  ASSERT_TRUE(Create(request_).ok());
  database_.Sql("UPDATE things.cases SET key = NULL");
  create = [](Tx& tx, const v1::CreateNoteRequest& request, v1::Note& made) {
    Case about;
    const absl::Status locked = tx.Load(kCases, request.parent(), "", &about);
    return locked.ok() ? Respond(request, made) : locked;
  };
  v1::CreateNoteRequest another = request_;
  another.set_request_id(identifiers::NewUuid(absl::Now()));
  for (const bool repeated : {false, true}) {
    const auto made = Create(another);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(replayed_, repeated);
    EXPECT_EQ(made->text() + made->people(0).display_name() + made->people(0).resident_id(), "");
  }
}

TEST_F(EdgeTest, NamesNumbersThatAreNoneAndAsksNoHandler) {
  create = [](Tx&, const v1::CreateNoteRequest&, v1::Note&) { return absl::UnimplementedError("called"); };
  const absl::Status status = Create(Request("text: 'x' writer: {credit_code: '7'}")).status();
  EXPECT_EQ(errors::ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(std::string(status.message()), HasSubstr("note.writer.credit_code"));
}

// A handler may return OK and have queued what must not be kept.
TEST_F(EdgeTest, CommitsNothingAfterAChangeThatCannotBe) {
  create = [](Tx& tx, const v1::CreateNoteRequest&, v1::Note& made) {
    made.set_name("notes/1");
    made.set_hall("halls/110102016");
    tx.Tell(made, "note.made.v1", "x");
    return absl::OkStatus();
  };
  get = [](Tx& tx, const v1::GetNoteRequest&, v1::Note& found) {
    tx.Tell(found, "note.read.v1", "x");
    return absl::OkStatus();
  };
  EXPECT_EQ(errors::ReasonOf(Get(v1::NOTE_VIEW_FULL, "officer").status()), "INTERNAL");
  EXPECT_TRUE(Create(Request("text: 'x'")).ok());
  EXPECT_EQ(database_.Sql("SELECT string_agg(type || ' ' || actor, ', ') FROM backbone.event"),
            "note.made.v1 staff/wang");
}

TEST_F(EdgeTest, LetsNobodyInWhileTheKeysAreNotKnownToBeTheDatabases) {
  create = [](Tx&, const v1::CreateNoteRequest&, v1::Note&) { return absl::OkStatus(); };
  get = [](Tx&, const v1::GetNoteRequest&, v1::Note&) { return absl::OkStatus(); };
  const v1::CreateNoteRequest request = Request("text: 'x'");
  test::TestKeys().SetChecked(false);
  const absl::Status created = Create(request).status();
  const absl::Status got = Get(v1::NOTE_VIEW_FULL, "officer").status();
  test::TestKeys().SetChecked(true);
  EXPECT_EQ(errors::ReasonOf(created), "STORE_UNAVAILABLE");
  EXPECT_EQ(errors::ReasonOf(got), "STORE_UNAVAILABLE");
  EXPECT_TRUE(Create(request).ok());
}

TEST_F(EdgeTest, ShowsByViewAndLetsInByCallers) {
  get = [](Tx&, const v1::GetNoteRequest&, v1::Note& found) {
    found = test::Text<v1::Note>("text: 'x' hall: 'halls/1'");
    return absl::OkStatus();
  };
  EXPECT_THAT(*Get(v1::NOTE_VIEW_BASIC, "officer"), EqualsProto("hall: 'halls/1'"));
  EXPECT_THAT(*Get(v1::NOTE_VIEW_FULL, "officer"), EqualsProto("hall: 'halls/1' text: 'x'"));
  EXPECT_EQ(errors::ReasonOf(Get(v1::NOTE_VIEW_FULL, "counter").status()), "ROLE_MISSING");
}

// Queues an event, so that there is something to commit.
absl::Status TellOfIt(Tx& tx, v1::Note& made) {
  made.set_name("notes/1");
  made.set_hall("halls/110102016");
  tx.Tell(made, "note.made.v1", "x");
  return absl::OkStatus();
}

constexpr pg::Statement kOne{"edge_test.one", "SELECT 1"};

TEST_F(QueueTest, WhatOnlyQueuesIsDoneThoughNoThreadIsFree) {
  create = [](Tx& tx, const v1::CreateNoteRequest&, v1::Note& made) { return TellOfIt(tx, made); };
  get = [](Tx&, const v1::GetNoteRequest&, v1::Note&) { return absl::OkStatus(); };
  Mutex mu;
  CondVar changed;
  bool done = false;
  int blocked = 0;
  const auto block = [&] {
    const MutexLock lock(mu);
    ++blocked;
    changed.SignalAll();
    while (!done) changed.Wait(mu);
    --blocked;
    changed.SignalAll();
  };
  for (int thread = 0; thread < 2; ++thread) EXPECT_TRUE(executor_.TrySubmit(block));
  {
    const MutexLock lock(mu);
    while (blocked < 2) changed.Wait(mu);
  }
  while (executor_.TrySubmit([] {})) {
  }
  EXPECT_EQ(errors::ReasonOf(Get(v1::NOTE_VIEW_FULL, "officer").status()), "AT_CAPACITY");
  const auto made = Create(Request("text: 'x'"));
  EXPECT_TRUE(made.ok()) << made.status();
  {
    const MutexLock lock(mu);
    done = true;
    changed.SignalAll();
    while (blocked > 0) changed.Wait(mu);
  }
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event"), "1");
}

TEST_F(QueueTest, WhatAsksSomethingIsRunAgainWhereItMayWait) {
  int runs = 0;
  create = [&runs](Tx& tx, const v1::CreateNoteRequest&, v1::Note& made) -> absl::Status {
    ++runs;
    XXT_RETURN_IF_ERROR(tx.session.Run(kOne).status());
    return TellOfIt(tx, made);
  };
  EXPECT_TRUE(Create(Request("text: 'x'")).ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event"), "1");
}

TEST_F(QueueTest, WhatHasToWaitIsRunAgainWhereItMay) {
  int waited = 0;
  create = [&waited](Tx& tx, const v1::CreateNoteRequest&, v1::Note& made) -> absl::Status {
    XXT_RETURN_IF_ERROR(tx.session.MayWait());
    ++waited;
    return TellOfIt(tx, made);
  };
  EXPECT_TRUE(Create(Request("text: 'x'")).ok());
  EXPECT_EQ(waited, 1);
}

TEST_F(QueueTest, RespondsToARepeatAsItDidFirst) {
  int runs = 0;
  create = [&runs](Tx& tx, const v1::CreateNoteRequest& request, v1::Note& made) {
    made = request.note();
    made.set_author(absl::StrCat(++runs));
    return TellOfIt(tx, made);
  };
  v1::CreateNoteRequest request = Request(absl::StrCat("text: 'x' people: {", kPerson, "}"));
  ExpectRepeats(request);
  request.mutable_note()->set_text("y");
  EXPECT_EQ(errors::ReasonOf(Create(request).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event"), "1");
}

TEST_F(QueueTest, AnswersWhatAHandlerRefusesAndWhoMayNot) {
  create = [](Tx&, const v1::CreateNoteRequest&, v1::Note&) { return errors::Internal("test"); };
  EXPECT_EQ(errors::ReasonOf(Create(Request("text: 'x'")).status()), "INTERNAL");
  EXPECT_EQ(errors::ReasonOf(Ask(&v1::NoteService::Stub::CreateNote, Request("text: 'x'"), "operator").status()),
            "ROLE_MISSING");
  create = [](Tx&, const v1::CreateNoteRequest&, v1::Note&) -> absl::Status { throw std::out_of_range("张三"); };
  EXPECT_EQ(errors::ReasonOf(Create(Request("text: 'x'")).status()), "INTERNAL");
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.idempotency"), "0");
}

// What is called "slow" waits for a lock when it is committed.
absl::Status TellOfItSlowly(Tx& tx, const v1::CreateNoteRequest& request, v1::Note& made) {
  if (request.note().text() == "slow") tx.session.Queue(test::kWaitForLock);
  return TellOfIt(tx, made);
}

class SlowCommitTest : public QueueTest {
 protected:
  SlowCommitTest() { create = TellOfItSlowly; }

  // Runs `meanwhile` while the commits of `count` calls wait, each by itself, which then go on. Returns what became of
  // the calls.
  std::vector<absl::Status> WhileSlow(std::size_t count, absl::FunctionRef<void()> meanwhile) {
    std::vector<absl::Status> slow(count, absl::UnknownError("not asked"));
    std::vector<std::thread> callers;
    const absl::Status held =
        pg::InTransaction(database_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
          XXT_RETURN_IF_ERROR(session.Run(test::kHoldLock).status());
          for (std::size_t i = 0; i < count; ++i) {
            callers.emplace_back([&, i] { slow[i] = Create(Request("text: 'slow'")).status(); });
            test::Await([&] { return test::LockWaiters(database_) == absl::StrCat(i + 1); });
          }
          meanwhile();
          return absl::OkStatus();
        });
    EXPECT_TRUE(held.ok()) << held;
    for (std::thread& caller : callers) caller.join();
    return slow;
  }
};

// Whether the first try was kept, nobody knows; the second one tells.
TEST_F(SlowCommitTest, ACommitThatWasLostIsMadeAgainUnderItsKey) {
  const auto kill = [&] { test::KillLockWaiters(database_); };
  for (const absl::Status& made : WhileSlow(1, kill)) EXPECT_TRUE(made.ok()) << made;
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event"), "1");
}

TEST_F(SlowCommitTest, ACallerThatGoesAwayHurtsNoOther) {
  grpc::ClientContext context;
  context.AddMetadata("authorization",
                      absl::StrCat("Bearer ", test::Token("staff/wang", "halls/110102016", {"officer"})));
  grpc::Status cancelled;
  absl::Status other = absl::UnknownError("not asked");
  std::vector<std::thread> callers;
  const auto go_away = [&] {
    callers.emplace_back([&] {
      v1::Note response;
      cancelled = stub_->CreateNote(&context, Request("text: 'x'"), &response);
    });
    callers.emplace_back([&] { other = Create(Request("text: 'x'")).status(); });
    test::Await([&] { return database_.pool().shared_commit().waiting() == 2; });
    context.TryCancel();
  };
  // As many as may be under way.
  for (const absl::Status& slow : WhileSlow(2, go_away)) EXPECT_TRUE(slow.ok()) << slow;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(cancelled.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(other.ok()) << other;
  // What was on its way is done, for nobody: it may be asked for again.
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event"), "4");
}

}  // namespace
}  // namespace xxt::edge
