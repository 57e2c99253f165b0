#include "services/referral/cut_off/cut_off.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/edge/noun.h"
#include "common/rpc/peer_answer.h"
#include "services/referral/body/body.h"
#include "services/referral/cut_off/cut_off_rules.h"
#include "services/referral/referrals/dead_task.h"
#include "services/referral/referrals/payload.h"
#include "services/referral/referrals/report.h"
#include "services/referral/rule_note/period_rules.h"
#include "services/referral/rule_note/rule_note.h"
#include "services/referral/slices.h"

namespace xxt::referral {
namespace cut_off {
namespace {

using referrals::Report;
using tasks::Task;
using tasks::Verdict;

constexpr char kWarnCutOffKind[] = "referral.warn_cut_off";
constexpr char kCutOffWarningKind[] = "referral.cut_off_warning";

// The rung of a warning that tells another day than was told before.
constexpr int kCorrectedRung = 1000;
// That of the look at what came due while the case was closed.
constexpr int kClosedRung = 1001;
// How soon that is told once the case is reopened, and for how long it is looked for: no case is reopened later
// (intake's policy.dispute_days).
constexpr absl::Duration kLookEvery = absl::Hours(4);
constexpr absl::Duration kReopenedWithin = absl::Hours(24 * 366);

std::string WarningKey(const v1::Referral& referral, int rung) {
  return absl::StrCat("referral.cut_off/", referrals::IdOf(referral.name()), "/", rung);
}

void EnqueueLook(Tx& tx, const v1::Referral& referral, int rung, const WarningPayload& payload, absl::Time when) {
  tasks::NewTask task;
  task.kind = kWarnCutOffKind;
  task.subject = referral.name();
  task.payload = WritePayload(payload);
  task.dedupe_key = WarningKey(referral, rung);
  task.due = tasks::Due::At(when, tx.now);
  tasks::Enqueue(tx.session, std::move(task));
}

// Replaces the warnings still to come. `corrected`: another day was set before,
// so this one is told now.
void ScheduleWarnings(Tx& tx, const v1::Referral& referral, const CutOff& last, bool corrected) {
  for (const int rung : {kCorrectedRung, kClosedRung, 90, 30, 7, 1, 0, kPassedRung}) {
    tasks::Cancel(tx.session, WarningKey(referral, rung));
  }
  // What was told of another day is not true any more.
  tasks::CancelAll(tx.session, kCutOffWarningKind, referral.name());
  std::vector<Warning> warnings = WarningsFor(last, tx.now);
  if (corrected && warnings.front().fire_time <= tx.now) warnings.front().rung = kCorrectedRung;
  if (corrected && warnings.front().fire_time > tx.now) {
    warnings.insert(warnings.begin(), {kCorrectedRung, calendar::ToCivilDay(tx.now), tx.now});
  }
  for (const Warning& warning : warnings) {
    EnqueueLook(tx, referral, warning.rung, {warning.rung, last.last_safe_day}, warning.fire_time);
  }
}

void Write(const CutOff& last, v1::CutOff* to) {
  rpc::ToProto(last.last_day, to->mutable_last_day());
  rpc::ToProto(last.last_safe_day, to->mutable_last_safe_day());
  to->set_provisional(last.provisional);
}

// One lies on the desk: the newest, which says what the older ones said, or more.
void EnqueueWarning(Tx& tx, const v1::Referral& about, std::string summary) {
  tasks::CancelAll(tx.session, kCutOffWarningKind, about.name());
  tasks::NewTask warning;
  warning.kind = kCutOffWarningKind;
  warning.subject = about.name();
  warning.dedupe_key = absl::StrCat(kCutOffWarningKind, "/", referrals::IdOf(about.name()));
  warning.lane = tasks::Lane::kDesk;
  warning.due = tasks::Due::ForPeople(tx.now);
  warning.hall = about.hall();
  warning.assignee = about.owner();
  warning.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(warning));
}

// What is told is what is true now: a warning may come later than its rung.
absl::Status OnNear(Tx& tx, const std::string& name, const WarningPayload& payload) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, name));
  if (!about.has_cut_off() || rpc::FromProto(about.cut_off().last_safe_day()) != payload.last_safe_day) {
    return absl::OkStatus();
  }
  XXT_ASSIGN_OR_RETURN(const v1::Body asked, body::Find(tx.session, about.body()));
  const RecordedCutOff recorded = RecordedOf(about.cut_off());
  const bool passed = HasLapsed(recorded.cut_off, tx.now);
  EnqueueWarning(tx, about, CutOffNotice(asked.title(), recorded, payload.rung == kCorrectedRung, tx.now));
  const std::string summary = CutOffSummary(asked.title(), recorded, tx.now);
  tx.Tell(about, passed ? "referral.cut_off_passed.v1" : "referral.cut_off_near.v1", summary);
  Report report;
  report.set_kind(passed ? Report::KIND_CUT_OFF_PASSED : Report::KIND_CUT_OFF_NEAR);
  report.set_summary(summary);
  *report.mutable_last_safe_day() = about.cut_off().last_safe_day();
  referrals::TellCase(tx, about, std::move(report));
  tx.Save(referrals::kReferrals, about);
  return absl::OkStatus();
}

// The case is closed: it may be reopened, and then what is due by then is told, once, as it is then. That another day
// than the person holds is right does not wait for that.
absl::Status OnClosed(Tx& tx, const std::string& name, const WarningPayload& payload, absl::Time closed) {
  XXT_ASSIGN_OR_RETURN(const v1::Referral about, referrals::Lock(tx, name));
  const bool stands = about.has_cut_off() && rpc::FromProto(about.cut_off().last_safe_day()) == payload.last_safe_day;
  if (stands && payload.rung == kCorrectedRung) {
    XXT_ASSIGN_OR_RETURN(const v1::Body asked, body::Find(tx.session, about.body()));
    EnqueueWarning(tx, about, CutOffNotice(asked.title(), RecordedOf(about.cut_off()), /*corrected=*/true, tx.now));
    return absl::OkStatus();
  }
  if (stands && tx.now < closed + kReopenedWithin) EnqueueLook(tx, about, kClosedRung, payload, tx.now + kLookEvery);
  return absl::OkStatus();
}

// Warns as long as the case is open: the person's matter may be done, or given up.
Verdict Warn(const edge::Host& host, pg::Pool& pool, const Intake& intake, const Task& task, SteadyTime deadline) {
  const std::optional<WarningPayload> payload = ReadWarningPayload(task.payload);
  if (!payload.has_value()) return Verdict::Dead("payload");
  v1::Referral about;
  const absl::Status read = edge::ReadAsService(
      host, pool, deadline, [&](Tx& tx) { return tx.Get(referrals::kReferrals, task.subject, &about); });
  if (absl::IsNotFound(read)) return Verdict::Dead("referral is gone");
  if (!read.ok()) return Verdict::Retry("store");
  const auto seen = intake.LookUp(about.case_name(), deadline);
  if (!seen.ok() && !absl::IsNotFound(seen.status())) return Verdict::Retry("intake service");
  if (!seen.ok()) return Verdict::Done();
  const bool open = seen->state() != ::xixinting::intake::v1::Case::STATE_CLOSED;
  const absl::Time closed = rpc::FromProto(seen->close_time());
  return Verdict::Done([&host, name = task.subject, payload = *payload, open, closed](pg::Session& session) {
    return edge::AsService(
        host, session, [&](Tx& tx) { return open ? OnNear(tx, name, payload) : OnClosed(tx, name, payload, closed); });
  });
}

}  // namespace

absl::Status Set(Tx& tx, const v1::SetCutOffRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(found, referrals::Lock(tx, request.name(), request.etag()));
  // What was answered is still to be done by that day.
  if (found.state() != v1::Referral::STATE_ANSWERED) XXT_RETURN_IF_ERROR(referrals::CheckOpen(found));
  if (store::RootNameOf(request.rule_note()) != found.body()) {
    return errors::FieldInvalid("rule_note", "该规定不属于这个单位", "the rule note is another body's");
  }
  const absl::CivilDay anchor_day = rpc::FromProto(request.anchor_day());
  if (anchor_day > calendar::ToCivilDay(tx.now)) {
    return errors::FieldInvalid("anchor_day", "起算日不能晚于今天", "must not be in the future");
  }
  XXT_ASSIGN_OR_RETURN(const v1::RuleNote note, rule_note::Find(tx.session, request.rule_note()));
  const absl::StatusOr<RulePeriod> period = ParseRulePeriod(note.period());
  if (!period.ok()) return errors::StateForbids(note.name(), "该规定没有期限", "the rule note has no period");

  const CutOff last = ComputeCutOff(anchor_day, *period, calendar::WorkingDays::China());
  const bool corrected = found.has_cut_off() && rpc::FromProto(found.cut_off().last_safe_day()) != last.last_safe_day;
  v1::CutOff& set = *found.mutable_cut_off();
  set.set_rule_note(note.name());
  *set.mutable_anchor_day() = request.anchor_day();
  set.set_irrevocable(note.irrevocable());
  Write(last, &set);
  ScheduleWarnings(tx, found, last, corrected);
  tx.Tell(found, "referral.cut_off_set.v1", absl::StrCat("最晚办理日：", calendar::DayInWords(last.last_safe_day)));
  tx.Save(referrals::kReferrals, found);
  return absl::OkStatus();
}

void EndWarnings(Tx& tx, const v1::Referral& referral) {
  for (const char* kind : {kWarnCutOffKind, kCutOffWarningKind}) tasks::CancelAll(tx.session, kind, referral.name());
}

RecordedCutOff RecordedOf(const v1::CutOff& cut_off) {
  return {{.last_day = rpc::FromProto(cut_off.last_day()),
           .last_safe_day = rpc::FromProto(cut_off.last_safe_day()),
           .provisional = cut_off.provisional()},
          cut_off.irrevocable()};
}

}  // namespace cut_off

edge::Slice CutOffSlice(const edge::Host& host, pg::Pool& pool, const Intake& intake) {
  tasks::MachineKind warn =
      rpc::PeerKind(cut_off::kWarnCutOffKind, [&host, &pool, &intake](const tasks::Task& task, SteadyTime deadline) {
        return cut_off::Warn(host, pool, intake, task, deadline);
      });
  warn.on_dead = edge::WhenDead(host, referrals::ShowDead);
  return {{std::move(warn)}, {edge::Desk(host, cut_off::kCutOffWarningKind, {"SEEN"}, edge::Seen)}, {}};
}

}  // namespace xxt::referral
