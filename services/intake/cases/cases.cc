#include "services/intake/cases/cases.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/open.h"
#include "services/intake/cases/open_words_rules.h"
#include "services/intake/cases/priority.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/cases/tell.h"
#include "services/intake/slices.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::intake {
namespace cases {
namespace {

// Lists: $1 of a hall, an owner or all, $2 in which states, $3 in which hall
// (NULL: any), after ($4, $5), at most $6. Each state is read along an index, and
// they are merged: no other way keeps the order over several states without
// reading all of them. 0 in $2: also of states that only a newer version knows,
// of which there are none but while it is rolled out.
#define XXT_OF_STATE(scope, state, page) \
  "(SELECT * FROM intake.cases WHERE " scope " AND state = " state " AND " state " = ANY ($2) " page ")"
#define XXT_OF_NEWER(scope, page) "(SELECT * FROM intake.cases WHERE " scope " AND state > 3 AND 0 = ANY ($2) " page ")"
#define XXT_LIST_CASES(scope, key, page)                                                              \
  "SELECT id, message, " key ", id FROM (" XXT_OF_STATE(scope, "1", page) " UNION ALL " XXT_OF_STATE( \
      scope, "2",                                                                                     \
      page) " UNION ALL " XXT_OF_STATE(scope, "3",                                                    \
                                       page) " UNION ALL " XXT_OF_NEWER(scope, page) ") AS found WHERE true " page
// The same of open cases alone: the indexes of the work list hold no others.
#define XXT_LIST_OPEN(scope, key, page)                                                               \
  "SELECT id, message, " key ", id FROM (" XXT_OF_STATE(scope, "1", page) " UNION ALL " XXT_OF_STATE( \
      scope, "2", page) " UNION ALL " XXT_OF_NEWER(scope, page) ") AS found WHERE true " page
// By the next action less the head start of the priority (NULL: a row from before there was one), as the indexes have
// it: in UTC, for only there are an hour and a day the same whoever asks.
#define XXT_WORK_TIME \
  "((next_action_time AT TIME ZONE 'UTC' - coalesce(head_start, 0) * interval '1 minute') AT TIME ZONE 'UTC')"
#define XXT_BY_WORK "AND (" XXT_WORK_TIME ", id) > ($4, $5::uuid) ORDER BY " XXT_WORK_TIME ", id LIMIT $6"
#define XXT_WORK_FIRST(scope) XXT_LIST_OPEN(scope, XXT_WORK_TIME, XXT_BY_WORK)
#define XXT_BY_NEXT_ACTION "AND (next_action_time, id) > ($4, $5::uuid) ORDER BY next_action_time, id LIMIT $6"
#define XXT_NEWEST "AND (create_time, id) < ($4, $5::uuid) ORDER BY create_time DESC, id DESC LIMIT $6"
#define XXT_URGENT_FIRST(scope) XXT_LIST_CASES(scope, "next_action_time", XXT_BY_NEXT_ACTION)
#define XXT_NEWEST_FIRST(scope) XXT_LIST_CASES(scope, "create_time", XXT_NEWEST)
#define XXT_OF_HALL "hall = $1 AND coalesce($3 = hall, true)"
// Almost all cases of an owner are of one hall.
#define XXT_OF_OWNER "owner = $1 AND coalesce($3 = hall, true)"
// Lists of one hall or owner do not say `hall <> ''`: a plan that was made when
// the table was empty, and is kept, cannot take the wrong index.
#define XXT_OF_ALL "hall <> '' AND $1 = '' AND coalesce($3 = hall, true)"

constexpr pg::Statement kListOfHall{"case.list_of_hall", XXT_URGENT_FIRST(XXT_OF_HALL)};
constexpr pg::Statement kListOfOwner{"case.list_of_owner", XXT_URGENT_FIRST(XXT_OF_OWNER)};
constexpr pg::Statement kListAll{"case.list_all", XXT_URGENT_FIRST(XXT_OF_ALL)};
constexpr pg::Statement kNewestOfHall{"case.newest_of_hall", XXT_NEWEST_FIRST(XXT_OF_HALL)};
constexpr pg::Statement kNewestOfOwner{"case.newest_of_owner", XXT_NEWEST_FIRST(XXT_OF_OWNER)};
constexpr pg::Statement kNewest{"case.newest", XXT_NEWEST_FIRST(XXT_OF_ALL)};
constexpr pg::Statement kWorkOfHall{"case.work_of_hall", XXT_WORK_FIRST(XXT_OF_HALL)};
constexpr pg::Statement kWorkOfOwner{"case.work_of_owner", XXT_WORK_FIRST(XXT_OF_OWNER)};
constexpr pg::Statement kWork{"case.work", XXT_WORK_FIRST(XXT_OF_ALL)};

// At most one: display codes are unique. $4: its owner, or empty.
constexpr pg::Statement kListByCode{"case.list_by_code",
                                    "SELECT id, message, create_time, id FROM intake.cases WHERE display_code = $1 "
                                    "AND (state = ANY ($2) OR (state > 3 AND 0 = ANY ($2))) "
                                    "AND coalesce($3 = hall, true) AND ($4 = '' OR owner = $4) "
                                    "AND (create_time, id) > ($5, $6::uuid) LIMIT $7"};

// By what the trigger keeps of `search` (the migration): $1 the hash, $2 in which
// hall (NULL: any), after ($3, $4), at most $5.
constexpr pg::Statement kFind{"case.find",
                              "SELECT c.id, c.message, s.create_time, s.id FROM intake.case_search AS s "
                              "JOIN intake.cases AS c ON c.id = s.id "
                              "WHERE s.hash = $1 AND coalesce($2 = c.hall, true) "
                              "AND (s.create_time, s.id) < ($3, $4::uuid) "
                              "ORDER BY s.create_time DESC, s.id DESC LIMIT $5"};

// The same of other halls than $2, of those that are open or were closed at $3 or later; of a duplicate, the case that
// it was merged into (6: RESOLUTION_MERGED).
constexpr pg::Statement kFindElsewhere{
    "case.find_elsewhere",
    "SELECT c.display_code, c.hall, h.title, h.phone_number, c.close_time IS NOT NULL "
    "FROM intake.case_search AS s JOIN intake.cases AS c ON c.id = s.id JOIN intake.halls AS h ON h.name = c.hall "
    "WHERE s.hash = $1 AND c.hall <> $2 "
    "AND (c.close_time IS NULL OR c.close_time >= $3 AND c.resolution IS DISTINCT FROM 6) "
    "ORDER BY s.create_time DESC, s.id DESC LIMIT 10"};
static_assert(v1::Closure::RESOLUTION_MERGED == 6);

#undef XXT_OF_ALL
#undef XXT_OF_OWNER
#undef XXT_OF_HALL
#undef XXT_NEWEST_FIRST
#undef XXT_URGENT_FIRST
#undef XXT_NEWEST
#undef XXT_BY_NEXT_ACTION
#undef XXT_WORK_FIRST
#undef XXT_BY_WORK
#undef XXT_WORK_TIME
#undef XXT_LIST_OPEN
#undef XXT_LIST_CASES
#undef XXT_OF_NEWER
#undef XXT_OF_STATE

static_assert(v1::Case::State_MAX == 3, "the lists name every state");

std::vector<std::string> StatesOf(const v1::ListCasesRequest& request) {
  std::vector<std::string> states;
  for (const int state : request.states()) {
    if (state != v1::Case::STATE_UNSPECIFIED) states.push_back(absl::StrCat(state));
  }
  if (!states.empty()) return states;
  // Whatever a newer version may have made of a case, nobody here can say that it is closed.
  return {absl::StrCat(v1::Case::STATE_IN_PROGRESS), absl::StrCat(v1::Case::STATE_CLOSURE_PROPOSED),
          absl::StrCat(v1::Case::STATE_UNSPECIFIED)};
}

// The statements of one order.
struct Ordered {
  const pg::Statement& of_hall;
  const pg::Statement& of_owner;
  const pg::Statement& of_all;
  bool descending = false;
};

Ordered OrderedBy(v1::ListCasesRequest::Order order) {
  switch (order) {
    case v1::ListCasesRequest::ORDER_CREATE_TIME_DESC:
      return {kNewestOfHall, kNewestOfOwner, kNewest, true};
    case v1::ListCasesRequest::ORDER_WORK:
      return {kWorkOfHall, kWorkOfOwner, kWork};
    case v1::ListCasesRequest::ORDER_UNSPECIFIED:
    case XXT_SENTINELS(v1::ListCasesRequest_Order_ListCasesRequest_Order):
      break;
  }
  return {kListOfHall, kListOfOwner, kListAll};
}

Tx::OwnList ListFor(const v1::ListCasesRequest& request, const std::optional<std::string>& hall) {
  const std::vector<std::string> key = {"timestamptz", "uuid"};
  if (!request.display_code().empty()) {
    return {kListByCode, {request.display_code(), StatesOf(request), hall, request.owner()}, key};
  }
  const Ordered by = OrderedBy(request.order());
  if (!request.owner().empty()) {
    return {by.of_owner, {request.owner(), StatesOf(request), hall}, key, by.descending};
  }
  return {hall.has_value() ? by.of_hall : by.of_all, {hall.value_or(""), StatesOf(request), hall}, key, by.descending};
}

// The caller's halls, or the one of them that is asked for. Errors: OTHER_HALL.
absl::StatusOr<identity::HallScope> HallsOf(const Tx& tx, const std::string& hall) {
  if (hall.empty()) return tx.caller.halls;
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, hall, hall));
  return identity::HallScope::One(hall);
}

// Whose ledger tells that somebody looked: the hall's, or of who looks in all
// halls their own.
struct Searched {
  std::string name;
  std::string hall;
};

// Tells that cases were looked for by a number that `said` holds, without it.
void TellSearch(Tx& tx, const identity::HallScope& halls, const google::protobuf::FieldDescriptor& said,
                v1::FindCasesRequest::Purpose purpose, const v1::FindCasesResponse& found) {
  const auto* why = v1::FindCasesRequest::Purpose_descriptor()->FindValueByNumber(purpose);
  const int elsewhere = found.elsewhere_size();
  const std::string hall = halls.sql().value_or("");
  tx.Tell(Searched{hall.empty() ? tx.caller.subject : hall, hall}, "case.searched.v1",
          absl::StrCat("按", said.options().GetExtension(::xixinting::common::v1::zh), "查诉求（",
                       why->options().GetExtension(::xixinting::common::v1::value_zh), "）：找到 ", found.cases_size(),
                       " 件", elsewhere == 0 ? "" : absl::StrCat("，其他大厅另有 ", elsewhere, " 件")));
}

// What an officer of one hall is told of the others before a case is opened: by telephone numbers, which families
// share, nothing. A case that may be disputed is where it was, whichever hall the person comes to.
absl::Status FindElsewhere(const Policy& policy, Tx& tx, const identity::HallScope& halls,
                           const v1::FindCasesRequest& request, const std::string& hash,
                           v1::FindCasesResponse& response) {
  const bool asked = request.purpose() == v1::FindCasesRequest::PURPOSE_INTAKE && request.has_resident_id();
  if (!asked || !halls.sql().has_value() || !request.page_token().empty()) return absl::OkStatus();
  const absl::Time since = tx.now - absl::Hours(24) * policy.dispute_days;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       tx.session.Run(kFindElsewhere, pg::Param::Bytes(hash), *halls.sql(), since));
  for (int i = 0; i < rows.size(); ++i) {
    v1::CaseElsewhere& one = *response.add_elsewhere();
    one.set_display_code(rows[i].Text(0));
    one.set_hall(rows[i].Text(1));
    one.set_hall_title(rows[i].Text(2));
    one.set_phone_number(rows[i].Text(3));
    one.set_closed(rows[i].Bool(4));
  }
  return absl::OkStatus();
}

// What of a case's people a BASIC view would still say: how many there are, and
// what each is.
void LeavePeopleOut(v1::Case* found) {
  found->clear_parties();
  found->clear_corrections();
}

}  // namespace

const store::Table<v1::Case> kCases("intake.cases",
                                    {.columns = {"display_code",
                                                 "hall",
                                                 "state",
                                                 "owner",
                                                 {"next_action_time", "next_action.due_time", "infinity"},
                                                 {"head_start", "priority.head_start_minutes"},
                                                 "create_time",
                                                 "close_time",
                                                 // For the report.
                                                 "respond_due_time",
                                                 "respond_time",
                                                 {"resolution", "closure.resolution"},
                                                 {"amendments", "checklist_amendment_count"},
                                                 {"referrals", "effort.referrals"},
                                                 {"answers", "effort.answers"},
                                                 {"hops", "effort.hops"},
                                                 {"trips", "effort.trips"},
                                                 {"spared_papers", "effort.spared_papers"}}});

absl::StatusOr<v1::Case> Lock(Tx& tx, absl::string_view name, absl::string_view etag) {
  v1::Case found;
  XXT_RETURN_IF_ERROR(tx.Load(kCases, store::RootNameOf(name), etag, &found));
  return found;
}

absl::StatusOr<v1::Case> LockOpen(Tx& tx, absl::string_view name, absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(v1::Case found, Lock(tx, name, etag));
  XXT_RETURN_IF_ERROR(CheckNotMerged(found));
  if (!IsOpen(found)) return errors::StateForbids(found.name(), "诉求已办结", "the case is closed");
  return found;
}

absl::StatusOr<v1::Case> LockWith(Tx& tx, const store::TableBase& table, absl::string_view name, absl::string_view etag,
                                  google::protobuf::Message* child) {
  XXT_ASSIGN_OR_RETURN(v1::Case found, Lock(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(table, name, etag, child));
  return found;
}

void Save(Tx& tx, v1::Case& changed, absl::string_view event_type, absl::string_view summary) {
  tx.Save(kCases, changed);
  tx.Tell(changed, event_type, summary);
}

absl::Status CheckNotMerged(const v1::Case& found) {
  if (found.merged_into().empty()) return absl::OkStatus();
  return errors::StateForbids(found.name(), "这件诉求已并入另一件，请在那一件里办",
                              "the case is merged into another: see its merged_into");
}

bool CanAct(const v1::Party& party) { return !party.deceased() && !party.not_told(); }

std::vector<std::string> OwnersOf(const v1::Case& found) {
  std::vector<std::string> owners(found.former_owners().begin(), found.former_owners().end());
  owners.push_back(found.owner());
  return owners;
}

bool IsOpen(const v1::Case& found) { return found.state() != v1::Case::STATE_CLOSED; }

const v1::Party& ApplicantOf(const v1::Case& found) {
  const auto applicant = std::find_if(found.parties().begin(), found.parties().end(),
                                      [](const v1::Party& party) { return party.role() == v1::Party::ROLE_APPLICANT; });
  return applicant == found.parties().end() ? v1::Party::default_instance() : *applicant;
}

const v1::Party* FindParty(const v1::Case& found, absl::string_view name) {
  const auto party = std::find_if(found.parties().begin(), found.parties().end(),
                                  [name](const v1::Party& one) { return one.name() == name; });
  return party == found.parties().end() ? nullptr : &*party;
}

std::vector<std::string> NamesOf(const v1::Case& found) {
  std::vector<std::string> names;
  for (const v1::Party& party : found.parties()) {
    if (party.credit_code().empty()) names.push_back(party.display_name());
  }
  return names;
}

bool HasParty(const v1::Case& found, absl::string_view name) { return FindParty(found, name) != nullptr; }

absl::Status List(Tx& tx, const v1::ListCasesRequest& request, v1::ListCasesResponse& response) {
  const bool work = request.order() == v1::ListCasesRequest::ORDER_WORK;
  if (work && std::count(request.states().begin(), request.states().end(), v1::Case::STATE_CLOSED) > 0) {
    return errors::FieldInvalid("states", "待办清单里没有已办结的", "a closed case is nobody's work");
  }
  XXT_ASSIGN_OR_RETURN(const identity::HallScope halls, HallsOf(tx, request.hall()));
  // Before the list, so that a watch repeats rather than misses.
  XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(tx.session));
  response.set_resume_token(place.ToToken());
  if (halls.none()) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(tx.List(kCases, ListFor(request, halls.sql()), request, &response));
  for (v1::Case& found : *response.mutable_cases()) LeavePeopleOut(&found);
  return absl::OkStatus();
}

absl::Status Find(const Policy& policy, Tx& tx, const v1::FindCasesRequest& request, v1::FindCasesResponse& response) {
  XXT_ASSIGN_OR_RETURN(const identity::HallScope halls, HallsOf(tx, request.hall()));
  const auto* number = v1::FindCasesRequest::descriptor()->FindOneofByName("number");
  const auto* said = request.GetReflection()->GetOneofFieldDescriptor(request, number);
  const std::string text = said == nullptr ? "" : request.GetReflection()->GetString(request, said);
  if (text.empty()) {
    return errors::FieldInvalid("phone_number", "请填写完整的电话或身份证号",
                                "a whole telephone or identity number is needed");
  }
  if (halls.none()) return absl::OkStatus();
  const std::string hash = tx.SearchHash(*v1::Party::descriptor()->FindFieldByName(said->name()), text);
  XXT_RETURN_IF_ERROR(tx.List(kCases,
                              Tx::OwnList{.statement = kFind,
                                          .first = {pg::Param::Bytes(hash), halls.sql()},
                                          .key = {"timestamptz", "uuid"},
                                          .descending = true},
                              request, &response));
  for (v1::Case& found : *response.mutable_cases()) LeavePeopleOut(&found);
  XXT_RETURN_IF_ERROR(FindElsewhere(policy, tx, halls, request, hash, response));
  TellSearch(tx, halls, *said, request.purpose(), response);
  return absl::OkStatus();
}

absl::Status SetNext(const Policy& policy, Tx& tx, const v1::SetNextActionRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, LockOpen(tx, request.name(), request.etag()));
  const v1::NextAction& next = request.next_action();
  if (NamesPeople(next.summary(), NamesOf(found))) {
    return errors::FieldInvalid("next_action.summary", "不能写当事人的姓名", "must not name the people of the case");
  }
  const absl::Time due = rpc::FromProto(next.due_time());
  XXT_RETURN_IF_ERROR(CheckActionTime(found, due, policy, tx.now, "next_action.due_time"));
  SetNextAction(tx, found, next.summary(), due);
  Save(tx, found, "case.next_action_set.v1", absl::StrCat("下一步：", next.summary()));
  return absl::OkStatus();
}

}  // namespace cases

namespace {

absl::Status Get(Tx& tx, const v1::GetCaseRequest& request, v1::Case& found) {
  XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, request.name(), &found));
  if (request.view() == v1::CASE_VIEW_BASIC) cases::LeavePeopleOut(&found);
  return absl::OkStatus();
}

absl::Status MayWatch(Tx& tx, const std::string& name) {
  v1::Case found;
  return tx.Get(cases::kCases, name, &found);
}

// Watches write bytes that they share.
using Served = v1::CaseService::WithRawCallbackMethod_WatchCases<v1::CaseService::CallbackService>;

class Service final : public Served {
 public:
  Service(edge::Edge& edge, const cases::Opening& opening) : edge_(edge), opening_(opening) {}
  XXT_QUEUE(HandOffFromCounter, HandOffFromCounterResponse, std::bind_front(cases::HandOff, opening_))
  XXT_QUEUE(CreateCase, Case, std::bind_front(cases::Create, opening_))
  XXT_READ(GetCase, Case, Get)
  XXT_READ(ListCases, ListCasesResponse, cases::List)
  // A change: it is told who looked.
  XXT_CHANGE(FindCases, FindCasesResponse, std::bind_front(cases::Find, opening_.policy))
  XXT_CHANGE(SetNextAction, Case, std::bind_front(cases::SetNext, opening_.policy))
  XXT_CHANGE(GrantPriority, Case, std::bind_front(cases::GrantPriority, opening_.policy))
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCases(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request) override {
    return edge_.Watch<v1::WatchCasesRequest, v1::WatchCasesResponse>(context, request, MayWatch);
  }

 private:
  edge::Edge& edge_;
  const cases::Opening opening_;
};

}  // namespace

// An open case has one desk task, its owner's next action.
edge::Slice CaseSlice(const edge::Host& host, const cases::Parts& parts) {
  return {{cases::TellKind(host, parts.pool, parts.notification),
           cases::CorrectRecipientKind(host, parts.pool, parts.notification)},
          {},
          {edge::ServiceOf<Service>(parts.opening)}};
}

}  // namespace xxt::intake
