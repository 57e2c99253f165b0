#include "services/notification/storage/decision_store.h"

namespace xxt::notification::decision_store {
namespace {

constexpr pg::Statement kInsert{"decision.insert", R"sql(
  INSERT INTO notification.decisions (id, message_id, staff, outcome, note, time)
  VALUES (gen_random_uuid(), $1, $2, $3, $4, $5))sql"};

}  // namespace

void Insert(pg::Session& session, const Decision& decision) {
  session.Queue(kInsert, decision.message_id, decision.staff, decision.outcome, decision.note, decision.time);
}

}  // namespace xxt::notification::decision_store
