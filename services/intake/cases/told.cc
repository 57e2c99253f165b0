#include "services/intake/cases/told.h"

#include <utility>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"

namespace xxt::intake::cases {

void StartLooks(Tx& tx, const v1::Case& opened) {
  tasks::NewTask task;
  task.kind = kLookKind;
  task.subject = opened.name();
  task.dedupe_key = edge::KeyOf(kLookKind, opened.name());
  task.due = tasks::Due::At(rpc::FromProto(opened.respond_due_time()), tx.now);
  task.first = true;
  tasks::Enqueue(tx.session, std::move(task));
}

void NoteWord(Tx& tx, v1::Case& about, absl::Time when, bool by_officer) {
  // What was said at the window before the case was opened counts, what was said on an earlier day is of another
  // matter.
  if (calendar::ToCivilDay(when) < calendar::ToCivilDay(rpc::FromProto(about.create_time()))) return;
  const bool first = by_officer && !about.has_respond_time();
  if (first) rpc::ToProto(when, about.mutable_respond_time());
  if (!about.has_told_time() || when > rpc::FromProto(about.told_time())) {
    rpc::ToProto(when, about.mutable_told_time());
  }
  const bool was_late = first && about.has_respond_due_time() && tx.now >= rpc::FromProto(about.respond_due_time());
  // A case that was opened by who knew no looks has none.
  const bool unwatched = !about.has_respond_due_time();
  if (IsOpen(about) && (was_late || unwatched || about.silence_watch().silent())) {
    edge::Later(tx, kLookKind, about.name(), tx.now);
  }
}

}  // namespace xxt::intake::cases
