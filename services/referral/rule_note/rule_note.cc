#include "services/referral/rule_note/rule_note.h"

#include <algorithm>
#include <string>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/identifiers/resource_name.h"
#include "common/store/row.h"
#include "services/referral/body/body.h"
#include "services/referral/rule_note/period_rules.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/rule_note.grpc.pb.h"

namespace xxt::referral {
namespace rule_note {
namespace {

constexpr char kType[] = "referral.xixinting/RuleNote";

constexpr pg::Statement kFind{"rule_note.find",
                              "SELECT message FROM referral.rule_notes WHERE id = $1 AND body_id = $2"};

const store::Table<v1::RuleNote> kRuleNotes("referral.rule_notes", &body::kBodies,
                                            {.columns = {"verify_time"},
                                             .lists = {{"of_body", {"body_id"}, "verify_time DESC, id DESC"}},
                                             .append_only = true});

// What the proto cannot say.
absl::Status Check(const v1::RuleNote& note) {
  if (!note.period().empty() && !ParseRulePeriod(note.period()).ok()) {
    return errors::FieldInvalid("rule_note.period", "期限格式应如 P10Y", "not a period of years, months and days");
  }
  if (!note.period().empty() && note.anchor().empty()) {
    return errors::FieldInvalid("rule_note.anchor", "有期限时须写明从何时起算", "required with a period");
  }
  if (note.has_valid_from() && note.has_valid_to() &&
      rpc::FromProto(note.valid_to()) < rpc::FromProto(note.valid_from())) {
    return errors::FieldInvalid("rule_note.valid_to", "失效日不能早于生效日", "must not be before valid_from");
  }
  return absl::OkStatus();
}

bool HoldsOn(const v1::RuleNote& note, absl::CivilDay day) {
  if (note.has_valid_from() && day < rpc::FromProto(note.valid_from())) return false;
  return !note.has_valid_to() || day <= rpc::FromProto(note.valid_to());
}

absl::Status Create(Tx& tx, const v1::CreateRuleNoteRequest& request, v1::RuleNote& made) {
  XXT_RETURN_IF_ERROR(Check(request.rule_note()));
  v1::Body about;
  XXT_RETURN_IF_ERROR(tx.Load(body::kBodies, request.parent(), "", &about));
  made = request.rule_note();
  made.set_name(kRuleNotes.NewName(about.name(), tx.now));
  made.set_verifier(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_verify_time());
  tx.Insert(kRuleNotes, made);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetRuleNoteRequest& request, v1::RuleNote& found) {
  return tx.Get(kRuleNotes, request.name(), &found);
}

// Those that do not hold today leave their page shorter: there are few, and no
// index could pass them over. A page of nothing else is passed over, too.
absl::Status List(Tx& tx, const v1::ListRuleNotesRequest& request, v1::ListRuleNotesResponse& response) {
  const absl::CivilDay today = calendar::ToCivilDay(tx.now);
  v1::ListRuleNotesRequest page = request;
  do {
    response.Clear();
    XXT_RETURN_IF_ERROR(tx.List(kRuleNotes, "of_body", page, &response));
    auto& notes = *response.mutable_rule_notes();
    notes.erase(
        std::remove_if(notes.begin(), notes.end(), [today](const v1::RuleNote& note) { return !HoldsOn(note, today); }),
        notes.end());
    page.set_page_token(response.next_page_token());
  } while (response.rule_notes().empty() && !page.page_token().empty());
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::RuleNoteService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateRuleNote, RuleNote, Create)
  XXT_READ(GetRuleNote, RuleNote, Get)
  XXT_READ(ListRuleNotes, ListRuleNotesResponse, List)
};

}  // namespace

absl::StatusOr<v1::RuleNote> Find(pg::Session& session, absl::string_view name) {
  const auto ids = identifiers::ParseChildName(name, "bodies", "ruleNotes");
  if (!ids.ok()) return errors::NotFound(kType, name);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, ids->id, ids->parent_id));
  if (rows.empty()) return errors::NotFound(kType, name);
  v1::RuleNote found;
  if (!store::ReadOpen(kRuleNotes, name, rows[0], 0, &found)) return errors::Internal("rule_notes.unreadable");
  return found;
}

}  // namespace rule_note

edge::Slice RuleNoteSlice() { return {{}, {}, {edge::ServiceOf<rule_note::Service>()}}; }

}  // namespace xxt::referral
