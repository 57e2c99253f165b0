#include "services/referral/referrals/bounced.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/body/body.h"
#include "services/referral/body/contact.h"
#include "services/referral/referrals/payload.h"

namespace xxt::referral::bounced {
namespace {

constexpr char kVerifyContactKind[] = "referral.verify_contact";

// By hand, for it is no resource: a mark on an address.
constexpr pg::Statement kNote{"bounced.note", R"sql(
  INSERT INTO referral.bounced_contacts (body, unit, address, bounce_time) VALUES ($1, $2, lower($3), $4)
      ON CONFLICT (body, unit, address) DO UPDATE SET bounce_time = excluded.bounce_time)sql"};

constexpr pg::Statement kHas{"bounced.has", R"sql(
  SELECT FROM referral.bounced_contacts WHERE body = $1 AND unit = $2 AND address = lower($3))sql"};

constexpr pg::Statement kForget{"bounced.forget", R"sql(
  DELETE FROM referral.bounced_contacts WHERE body = $1 AND unit = $2 AND address = lower($3))sql"};

std::string IdOf(const v1::Body& body) { return std::string(absl::StripPrefix(body.name(), "bodies/")); }

absl::Status Complete(Tx& tx, const tasks::Task& task, const tasks::Completion&) {
  const std::optional<ContactPayload> payload = ReadContactPayload(task.payload);
  if (!payload.has_value()) return errors::Internal("referral.verify_contact");
  tx.session.Queue(kForget, payload->body_id, payload->unit, payload->address);
  return absl::OkStatus();
}

void NoteStale(Tx& tx, const v1::Body& body, const v1::Unit& unit, const std::string& address, const std::string& hall,
               std::string summary) {
  const std::string id = IdOf(body);
  tx.session.Queue(kNote, id, unit.id(), address, tx.now);
  // It says more than that nobody has looked for long.
  tasks::Cancel(tx.session, body::StaleKey(body.name(), unit.id(), address));
  tasks::NewTask task;
  task.kind = kVerifyContactKind;
  task.subject = body.name();
  task.payload = WritePayload(ContactPayload{id, unit.id(), address});
  task.dedupe_key = absl::StrCat(kVerifyContactKind, "/", id, "/", unit.id(), "/", absl::AsciiStrToLower(address));
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = hall;
  task.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(task));
}

}  // namespace

absl::StatusOr<bool> Has(pg::Session& session, const v1::Body& body, const v1::Unit& unit, absl::string_view address) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kHas, IdOf(body), unit.id(), address));
  return !rows.empty();
}

void Note(Tx& tx, const v1::Body& body, const v1::Unit& unit, const std::string& address,
          const std::string& desk_hall) {
  NoteStale(
      tx, body, unit, address, desk_hall,
      absl::StrCat("发给", body.title(), " ", unit.title(), "的邮件被退回，请核实名录中的电子邮箱，改正或确认后登记"));
}

void NoteNumber(Tx& tx, const v1::Body& body, const v1::Unit& unit, const std::string& number,
                const std::string& hall) {
  NoteStale(
      tx, body, unit, number, hall,
      absl::StrCat(body.title(), " ", unit.title(), "的电话打过去不是该单位，请核实名录中的号码，改正或确认后登记"));
}

absl::Status AlarmStale(Tx& tx, const ContactPolicy& policy, const v1::Body& body, const v1::Unit& unit,
                        ::xixinting::common::v1::Channel channel, const std::string& hall, absl::Time due) {
  const v1::ContactPoint* point = body::ContactBy(unit, channel);
  if (point == nullptr || !body::IsStale(policy, *point, tx.now)) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const bool asked, Has(tx.session, body, unit, point->address()));
  if (asked) return absl::OkStatus();
  tasks::NewTask task;
  task.kind = body::kStaleContactKind;
  task.subject = body.name();
  task.payload = WritePayload(ContactPayload{IdOf(body), unit.id(), point->address()});
  task.dedupe_key = body::StaleKey(body.name(), unit.id(), point->address());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = hall;
  task.summary = absl::StrCat(body.title(), " ", unit.title(), "的",
                              channel == ::xixinting::common::v1::CHANNEL_EMAIL ? "电子邮箱" : "电话",
                              "已很久没有人查实，请联系核实后登记；有变请区里更正名录");
  tasks::Enqueue(tx.session, std::move(task));
  return absl::OkStatus();
}

tasks::DeskKind StaleKind(const edge::Host& host) {
  const auto complete = [](Tx& tx, const tasks::Task& task, const tasks::Completion& completion) -> absl::Status {
    const std::optional<ContactPayload> payload = ReadContactPayload(task.payload);
    if (!payload.has_value()) return errors::Internal("referral.stale_contact");
    if (completion.outcome == "CORRECTED") return absl::OkStatus();
    return body::MarkVerified(tx, task.subject, payload->unit, payload->address);
  };
  return edge::Desk(host, body::kStaleContactKind, {"VERIFIED", "CORRECTED"}, complete);
}

tasks::DeskKind VerifyKind(const edge::Host& host) {
  return edge::Desk(host, kVerifyContactKind, {"VERIFIED", "CORRECTED"}, Complete);
}

}  // namespace xxt::referral::bounced
