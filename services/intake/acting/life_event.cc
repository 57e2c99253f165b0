#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/acting/life_event_rules.h"
#include "services/intake/acting/mandate.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"
#include "services/intake/policy/watch.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/life_event.grpc.pb.h"

namespace xxt::intake {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(LifeEventKind::kIncapacity) == v1::LifeEvent::KIND_INCAPACITY);
static_assert(static_cast<int>(LifeEventKind::kIncapacity) == v1::LifeEvent::Kind_MAX);
static_assert(static_cast<int>(SuccessionBasis::kHeir) == v1::LifeEvent::BASIS_HEIR);
static_assert(static_cast<int>(SuccessionBasis::kAgreedGuardian) == v1::LifeEvent::Basis_MAX);
static_assert(static_cast<int>(PartyRole::kKin) == v1::Party::ROLE_KIN);
static_assert(static_cast<int>(PartyRole::kProxy) == v1::Party::Role_MAX);

constexpr char kSuccessorSoughtKind[] = "life_event.successor_sought";

const store::Table<v1::LifeEvent> kEvents("intake.life_events", &cases::kCases,
                                          {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

using Events = google::protobuf::RepeatedPtrField<v1::LifeEvent>;

v1::Party* PartyOf(v1::Case& about, const std::string& name) {
  const auto party = std::find_if(about.mutable_parties()->begin(), about.mutable_parties()->end(),
                                  [&name](const v1::Party& one) { return one.name() == name; });
  return party == about.mutable_parties()->end() ? nullptr : &*party;
}

// Whether it may be recorded of the party. Errors: STATE_FORBIDS.
absl::Status CheckFirst(Tx& tx, const v1::Case& about, const v1::LifeEvent& event, const v1::Party& party) {
  Events before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kEvents, "of_case", about.name(), &before));
  StandingFacts facts{.deceased = party.deceased(), .not_told = party.not_told()};
  facts.successor_sought = std::any_of(before.begin(), before.end(), [&party](const v1::LifeEvent& other) {
    return other.party() == party.name() && other.state() == v1::LifeEvent::STATE_SEEKING;
  });
  if (MayRecord(static_cast<LifeEventKind>(event.kind()), facts)) return absl::OkStatus();
  return errors::StateForbids(party.name(), "这个人的变故已登记过", "it was recorded of them before");
}

// Whom the case knows who may take it on.
void OfferSuccessors(const v1::Case& about, v1::LifeEvent& event) {
  std::vector<PartyFacts> parties;
  for (const v1::Party& party : about.parties()) {
    parties.push_back({static_cast<PartyRole>(party.role()), cases::CanAct(party) && party.credit_code().empty()});
  }
  for (const std::size_t i : FindSuccessors(parties)) {
    v1::LifeEvent::Candidate& candidate = *event.add_candidates();
    candidate.set_party(about.parties(static_cast<int>(i)).name());
    candidate.set_basis(static_cast<v1::LifeEvent::Basis>(OfferedBasis(static_cast<LifeEventKind>(event.kind()))));
  }
}

// Notes with the case what was changed of the party, so that what was read before counts as older, and has the messages
// to them stopped, or told after all.
void NoteChange(Tx& tx, v1::Case& about, const v1::Party& party, const std::string& reason) {
  const std::vector<std::string> fields = {"deceased", "not_told"};
  v1::Correction& noted = *about.add_corrections();
  noted.set_party(party.name());
  noted.mutable_fields()->Assign(fields.begin(), fields.end());
  noted.set_reason(reason);
  noted.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, noted.mutable_correct_time());
  cases::CorrectRecipient(tx, party, fields);
}

// The owner's next action, when the hall is open.
absl::Status ActNext(Tx& tx, v1::Case& about, absl::string_view summary) {
  if (!cases::IsOpen(about)) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, about.hall()));
  cases::SetNextAction(tx, about, summary, hours.NextOpen(tx.now));
  return absl::OkStatus();
}

// Marks the party, and keeps in the event what it was before.
void Mark(v1::LifeEvent& event, v1::Party& party) {
  event.set_former_role(party.role());
  event.set_was_deceased(party.deceased());
  event.set_was_not_told(party.not_told());
  party.set_not_told(true);
  if (event.kind() == v1::LifeEvent::KIND_DEATH) party.set_deceased(true);
}

absl::Status Record(const Policy& limits, Tx& tx, const v1::RecordLifeEventRequest& request, v1::LifeEvent& made) {
  made = request.life_event();
  if (rpc::FromProto(made.occur_date()) > calendar::ToCivilDay(tx.now)) {
    return errors::FieldInvalid("life_event.occur_date", "不能晚于今天", "must not lie in the future");
  }
  // A closed one, too: its people are told still.
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::Lock(tx, request.parent()));
  v1::Party* const party = PartyOf(about, made.party());
  if (party == nullptr) return errors::NotFound("intake.xixinting/Party", made.party());
  if (!party->credit_code().empty()) {
    return errors::FieldInvalid("life_event.party", "单位不会去世或失能", "must be a person");
  }
  XXT_RETURN_IF_ERROR(CheckFirst(tx, about, made, *party));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(about, "corrections"));
  Mark(made, *party);
  made.set_name(kEvents.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  made.set_state(v1::LifeEvent::STATE_NOTED);
  if (party->role() == v1::Party::ROLE_APPLICANT) {
    made.set_state(v1::LifeEvent::STATE_SEEKING);
    about.set_seeks_successor(true);
    OfferSuccessors(about, made);
    cases::AskOwner(tx, about, kSuccessorSoughtKind, made.name(),
                    absl::StrCat("申请人已故或不能自理，请联系家属，确定由谁承接：", about.display_code()));
  }
  XXT_RETURN_IF_ERROR(mandate::ReviewAll(tx, about));
  XXT_RETURN_IF_ERROR(policy::ReviewAll(limits, tx, about));
  tx.Insert(kEvents, made);
  NoteChange(tx, about, *party, made.source());
  cases::Save(tx, about, "case.life_event_recorded.v1", "登记一位当事人的变故，停止向其告知");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetLifeEventRequest& request, v1::LifeEvent& found) {
  return tx.Get(kEvents, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListLifeEventsRequest& request, v1::ListLifeEventsResponse& response) {
  return tx.List(kEvents, "of_case", request, &response);
}

// Heirs may turn up after it was known that there are none; but not of who has died since, or is the applicant no more.
absl::Status CheckSeeks(const v1::Case& about, const v1::LifeEvent& event) {
  const bool seeks =
      event.state() == v1::LifeEvent::STATE_SEEKING || event.state() == v1::LifeEvent::STATE_NO_SUCCESSOR;
  const v1::Party* party = cases::FindParty(about, event.party());
  const bool is_last = party != nullptr && party->role() == v1::Party::ROLE_APPLICANT &&
                       party->deceased() == (event.kind() == v1::LifeEvent::KIND_DEATH);
  if (seeks && is_last) return absl::OkStatus();
  return errors::StateForbids(event.name(), "现在不需要确定承接人", "nobody is sought");
}

// Who takes it on is there, is another, and has said yes, on a basis that fits.
absl::Status CheckSuccessor(Tx& tx, const v1::Case& about, const v1::LifeEvent& event,
                            const v1::NameSuccessorRequest& request) {
  const v1::Party* successor = cases::FindParty(about, request.successor());
  if (successor == nullptr) return errors::NotFound("intake.xixinting/Party", request.successor());
  if (request.successor() == event.party()) {
    return errors::FieldInvalid("successor", "须是另一个人", "must be another party");
  }
  if (!cases::CanAct(*successor)) {
    return errors::StateForbids(successor->name(), "承接人已故或不能自理", "the successor is dead or cannot act");
  }
  if (!Fits(static_cast<LifeEventKind>(event.kind()), static_cast<SuccessionBasis>(request.basis()))) {
    return errors::FieldInvalid("basis", "去世须凭继承或遗嘱，失能须凭监护", "does not fit the event");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, contact::Load(tx, about, request.accepted_in()));
  const bool since = calendar::ToCivilDay(rpc::FromProto(said.occur_time())) >= rpc::FromProto(event.occur_date());
  if (contact::HasTheirWord(said) && since) return absl::OkStatus();
  return errors::FieldInvalid("accepted_in", "须是变故之后与本人或亲属说上话的一次联系",
                              "must be a contact since the event, in which they or kin were spoken with");
}

void End(Tx& tx, v1::LifeEvent& event, v1::LifeEvent::State state) {
  event.set_state(state);
  rpc::ToProto(tx.now, event.mutable_end_time());
  tx.Save(kEvents, event);
  edge::Never(tx, kSuccessorSoughtKind, event.name());
}

absl::Status Succeed(Tx& tx, const v1::NameSuccessorRequest& request, v1::LifeEvent& event) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kEvents, request.name(), request.etag(), &event));
  XXT_RETURN_IF_ERROR(CheckSeeks(about, event));
  XXT_RETURN_IF_ERROR(CheckSuccessor(tx, about, event, request));
  v1::Party& successor = *PartyOf(about, request.successor());
  event.set_successor(request.successor());
  event.set_basis(request.basis());
  event.set_accepted_in(request.accepted_in());
  event.set_successor_role(successor.role());
  event.clear_end_reason();
  // The case has one applicant. Whose matter it was stays in it: who lives gets what comes of it.
  const bool dead = event.kind() == v1::LifeEvent::KIND_DEATH;
  if (v1::Party* former = PartyOf(about, event.party())) {
    former->set_role(dead ? v1::Party::ROLE_SUBJECT : v1::Party::ROLE_BENEFICIARY);
  }
  successor.set_role(v1::Party::ROLE_APPLICANT);
  about.set_seeks_successor(false);
  End(tx, event, v1::LifeEvent::STATE_SUCCEEDED);
  XXT_RETURN_IF_ERROR(ActNext(tx, about, "向承接人说明办到哪一步，听听还有什么要求"));
  cases::Save(tx, about, "case.successor_named.v1", "已确定承接人");
  return absl::OkStatus();
}

absl::Status EndWithout(Tx& tx, const v1::EndWithoutSuccessorRequest& request, v1::LifeEvent& event) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kEvents, request.name(), request.etag(), &event));
  if (event.state() != v1::LifeEvent::STATE_SEEKING) {
    return errors::StateForbids(event.name(), "现在不在确定承接人", "nobody is sought");
  }
  event.set_end_reason(request.reason());
  End(tx, event, v1::LifeEvent::STATE_NO_SUCCESSOR);
  about.set_seeks_successor(false);
  cases::Save(tx, about, "life_event.no_successor.v1", "无人承接");
  return absl::OkStatus();
}

// What stands on it goes first. Errors: STATE_FORBIDS.
absl::Status CheckNothingLater(Tx& tx, const v1::Case& about, const v1::LifeEvent& event) {
  if (event.state() == v1::LifeEvent::STATE_UNDONE) {
    return errors::StateForbids(event.name(), "这次登记已撤销", "it was undone before");
  }
  Events all;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kEvents, "of_case", about.name(), &all));
  for (const v1::LifeEvent& other : all) {
    const bool of_the_same = other.party() == event.party() || other.party() == event.successor();
    if (other.name() <= event.name() || other.state() == v1::LifeEvent::STATE_UNDONE || !of_the_same) continue;
    return errors::StateForbids(other.name(), "之后还登记过同一个人的变故，请先撤销那一次",
                                "a later event of the same people stands: undo that first");
  }
  return absl::OkStatus();
}

absl::Status Undo(const Policy& limits, Tx& tx, const v1::UndoLifeEventRequest& request, v1::LifeEvent& event) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kEvents, request.name(), request.etag(), &event));
  XXT_RETURN_IF_ERROR(CheckNothingLater(tx, about, event));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(about, "corrections"));
  v1::Party* const party = PartyOf(about, event.party());
  if (party == nullptr) return errors::NotFound("intake.xixinting/Party", event.party());
  party->set_role(event.former_role());
  party->set_deceased(event.was_deceased());
  party->set_not_told(event.was_not_told());
  v1::Party* const successor = PartyOf(about, event.successor());
  if (successor != nullptr) {
    successor->set_role(event.successor_role());
    NoteChange(tx, about, *successor, request.reason());
  }
  XXT_RETURN_IF_ERROR(mandate::ReviewAll(tx, about));
  if (event.state() == v1::LifeEvent::STATE_SEEKING) about.set_seeks_successor(false);
  XXT_RETURN_IF_ERROR(policy::ReviewAll(limits, tx, about));
  event.set_undo_reason(request.reason());
  event.set_state(v1::LifeEvent::STATE_UNDONE);
  tx.Save(kEvents, event);
  edge::Never(tx, kSuccessorSoughtKind, event.name());
  NoteChange(tx, about, *party, request.reason());
  XXT_RETURN_IF_ERROR(ActNext(tx, about, "变故系误记，已撤销：联系当事人，说明情况并致歉"));
  cases::Save(tx, about, "case.life_event_undone.v1", "变故系误记，已全部撤销");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::LifeEventService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordLifeEvent, LifeEvent, std::bind_front(Record, settings_))
  XXT_READ(GetLifeEvent, LifeEvent, Get)
  XXT_READ(ListLifeEvents, ListLifeEventsResponse, List)
  XXT_CHANGE(NameSuccessor, LifeEvent, Succeed)
  XXT_CHANGE(EndWithoutSuccessor, LifeEvent, EndWithout)
  XXT_CHANGE(UndoLifeEvent, LifeEvent, std::bind_front(Undo, settings_))
};

}  // namespace

// Whoever is gone is told nothing from the mark on; who takes the matter on is the owner's to find out.
edge::Slice LifeEventSlice(const Policy& limits) {
  return {{},
          {edge::Settled(kSuccessorSoughtKind, "请确定承接人、登记无人承接，或撤销误记来完成",
                         "settled by NameSuccessor, EndWithoutSuccessor or UndoLifeEvent")},
          {edge::ServiceOf<Service>(limits)}};
}

}  // namespace xxt::intake
