#include "services/intake/cases/root.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/edge/slice.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/storage/case_store.h"
#include "xixinting/intake/v1/case.pb.h"

namespace xxt::intake::cases {
namespace {

// Nothing is joined: what waits for the lock would see the joined rows as they
// were before.
constexpr pg::Statement kLock{"case.lock", R"sql(
  SELECT hall, owner, display_code, state <> 'CLOSED', key,
         ARRAY(SELECT party ->> 'id' FROM jsonb_array_elements(doc -> 'parties') AS party)
    FROM intake.cases WHERE id = $1 FOR UPDATE)sql"};

}  // namespace

const store::TableBase kRoot(&::xixinting::intake::v1::Case::descriptor, "intake.cases", nullptr,
                             {.columns = {"hall"}, .foreign = true});

bool Root::has(absl::string_view party) const {
  return std::find(parties.begin(), parties.end(), party) != parties.end();
}

absl::StatusOr<Root> Lock(Tx& tx, absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');  // the edge has seen to their form
  Root root;
  root.name = absl::StrCat(parts[0], "/", parts[1]);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kLock, parts[1]));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Case", root.name);
  root.hall = rows[0].Text(0);
  root.owner = rows[0].Text(1);
  root.display_code = rows[0].Text(2);
  root.open = rows[0].Bool(3);
  for (const std::string& id : rows[0].Texts(5)) root.parties.push_back(absl::StrCat(root.name, "/parties/", id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, root.hall, root.name));
  tx.Locked(root.name, rows[0].Bytes(4));
  return root;
}

absl::StatusOr<Root> LockOpen(Tx& tx, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(Root root, Lock(tx, name));
  if (!root.open) return errors::StateForbids(root.name, "事项已办结", "the case is closed");
  return root;
}

absl::StatusOr<Root> LockWith(Tx& tx, const store::TableBase& table, absl::string_view name, absl::string_view etag,
                              google::protobuf::Message* child) {
  XXT_ASSIGN_OR_RETURN(Root root, Lock(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(table, name, etag, child));
  return root;
}

absl::StatusOr<Case> LockWhole(Tx& tx, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(tx.session, name.substr(name.find('/') + 1)));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, found.hall, found.name()));
  return found;
}

void Save(Tx& tx, Case& changed, absl::string_view event_type, absl::string_view summary) {
  changed.update_time = tx.now;
  case_store::Save(tx.session, changed);
  Root about;
  about.name = changed.name();
  about.hall = changed.hall;
  tx.Tell(about, event_type, summary);
}

void AskOwner(Tx& tx, const Root& about, const char* kind, absl::string_view subject, std::string summary) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = std::string(subject);
  task.dedupe_key = edge::KeyOf(kind, subject);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = about.hall;
  task.assignee = about.owner;
  task.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(task));
}

void AskToLook(pg::Session& session, const tasks::Task& dead, absl::string_view case_name, absl::string_view hall,
               std::string summary) {
  tasks::NewTask task;
  task.kind = kDeadTaskKind;
  task.subject = std::string(case_name);
  task.dedupe_key = edge::KeyOf(kDeadTaskKind, dead.id);
  task.lane = tasks::Lane::kDesk;
  task.hall = std::string(hall);
  task.summary = std::move(summary);
  tasks::Enqueue(session, std::move(task));
}

absl::Status OnDead(Tx& tx, const tasks::Task& dead, absl::string_view) {
  XXT_ASSIGN_OR_RETURN(const Root about, Lock(tx, dead.subject));
  AskToLook(tx.session, dead, about.name, about.hall,
            absl::StrCat("系统没能完成这件事项的一项定时工作，请人工查看：", about.display_code));
  return absl::OkStatus();
}

}  // namespace xxt::intake::cases
