#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_WORLD_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_WORLD_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/concurrency/steady_time.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/protos.h"
#include "common/testing/tokens.h"
#include "services/notification/message/create.h"
#include "services/notification/message/message.h"
#include "services/notification/template/load_templates.h"

// Messages in a database of their own, without a service around them: for tests of
// what a transaction does.
namespace xxt::notification {

inline constexpr char kHallOfMessages[] = "halls/110102016";

class MessageWorld {
 public:
  static std::string NewId() { return identifiers::NewUuid(absl::Now()); }
  static identity::Caller Officer(const char* hall = kHallOfMessages) {
    return {"staff/wang", hall, {"officer"}, identity::HallScope::One(hall)};
  }
  // Whose words of cases nobody checks.
  static identity::Caller Intake() { return {"services/intake", "", {"service"}, identity::HallScope::All()}; }

  // One transaction of `caller`, now.
  absl::Status Change(const identity::Caller& caller, absl::FunctionRef<absl::Status(Tx&)> body) {
    return InTx(db.pool(), Of(caller), body);
  }

  // What is enough for a new message of a new case: the route sheet with its last day.
  static v1::CreateMessageRequest Input(const std::string& case_name = absl::StrCat("cases/", NewId())) {
    return test::Text<v1::CreateMessageRequest>(absl::StrReplaceAll(
        "message { case_name: '$case' event: '$case#route-sheet' audience: '$case/parties/y' hall: 'halls/110102016' "
        "recipient { display_name: '沈女士' phone_number: '+8613800138000' } template: 'route-sheet-ready' "
        "parameters { name: 'code' text: '0102-26-000042-1' } parameters { name: 'body' text: '八宝山殡仪馆' } "
        "parameters { name: 'last_day' date { year: 2026 month: 12 day: 18 } } }",
        {{"$case", case_name}}));
  }
  absl::Status Create(const v1::CreateMessageRequest& request, v1::Message* made) {
    return Change(Intake(), [&](Tx& tx) {
      made->Clear();
      return message::Create(making, tx, request, *made);
    });
  }
  v1::Message Made(const v1::CreateMessageRequest& request = Input()) {
    v1::Message made;
    const absl::Status status = Create(request, &made);
    EXPECT_TRUE(status.ok()) << status;
    return made;
  }
  // As it is stored.
  v1::Message Stored(const std::string& name) {
    v1::Message found;
    const absl::Status status = Change(Intake(), [&](Tx& tx) { return tx.Get(message::kMessages, name, &found); });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }
  // Changes it under its lock, and stores it.
  void Save(const std::string& name, absl::FunctionRef<void(Tx&, v1::Message&)> change) {
    const absl::Status status = Change(Intake(), [&](Tx& tx) -> absl::Status {
      v1::Message found;
      XXT_RETURN_IF_ERROR(tx.Load(message::kMessages, name, "", &found));
      change(tx, found);
      message::Save(tx, found);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // The task of the kind that was made last.
  tasks::Task TaskOf(const std::string& kind) const {
    const std::string where = absl::StrCat(" FROM backbone.task WHERE kind = '", kind, "' ORDER BY id DESC LIMIT 1");
    tasks::Task task;
    task.id = db.Sql("SELECT id" + where);
    task.kind = kind;
    task.subject = db.Sql("SELECT subject" + where);
    task.payload = db.Sql("SELECT payload" + where);
    task.hall = kHallOfMessages;
    return task;
  }
  // Does that task, and stores what came of it. Its row stays.
  tasks::Verdict Do(const tasks::MachineKind& kind) {
    tasks::Verdict verdict = kind.handle(TaskOf(kind.name), SteadyTime::Now() + absl::Seconds(60));
    if (!verdict.effect) return verdict;
    const absl::Status stored = pg::InTransaction(db.pool(), SteadyTime::Now() + absl::Seconds(10), verdict.effect);
    EXPECT_TRUE(stored.ok()) << stored;
    return verdict;
  }
  // A person says what came of it. Its row stays.
  void Complete(const tasks::DeskKind& kind, const std::string& outcome, const std::string& note = "") {
    const tasks::Completion completion{outcome, note, absl::InfinitePast(), "staff/wang", now};
    const absl::Status stored =
        pg::InTransaction(db.pool(), SteadyTime::Now() + absl::Seconds(10),
                          [&](pg::Session& session) { return kind.complete(session, TaskOf(kind.name), completion); });
    EXPECT_TRUE(stored.ok()) << stored;
  }

  // The row of the message.
  static std::string Where(const std::string& name, const char* column = "id") {
    return absl::StrCat(" WHERE ", column, " = '", message::IdOf(name), "'");
  }

  test::Database db{"notification"};
  absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);
  const Catalogue catalogue = *LoadCatalogue();
  SendingPolicy policy{
      *calendar::OpeningHours::Parse("Mon-Fri 09:00-12:00,13:30-17:00", calendar::WorkingDays::China())};
  // Nobody is there: who asks the cases fails.
  const std::unique_ptr<identity::Signer> signer = *identity::Signer::Make(
      test::TestServiceKey("notification"), "services/notification", "", {"service"}, "xixinting");
  const rpc::Client client{"127.0.0.1:1", grpc::InsecureChannelCredentials(), *signer};
  IntakeClient intake{client};
  const message::Making making{catalogue, policy, intake};

 private:
  Circumstances Of(const identity::Caller& caller) const {
    return {.caller = caller,
            .now = now,
            .deadline = SteadyTime::Now() + absl::Seconds(30),
            .method = "test",
            .keys = test::TestKeys()};
  }
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_WORLD_H_
