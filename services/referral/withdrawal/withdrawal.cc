#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/referral/chase/evidence.h"
#include "services/referral/chase/steps.h"
#include "services/referral/consent/consent.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/search/moves.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/withdrawal.grpc.pb.h"

namespace xxt::referral {
namespace withdrawal {
namespace {

namespace intake = ::xixinting::intake::v1;

// A case has few of both.
constexpr pg::Statement kSearchesOf{"consent.searches",
                                    "SELECT id FROM referral.searches WHERE case_name = $1 ORDER BY id"};
constexpr pg::Statement kReferralsOf{"consent.referrals",
                                     "SELECT id FROM referral.referrals WHERE case_name = $1 "
                                     "AND next_action_time < 'infinity' ORDER BY id"};

absl::StatusOr<std::vector<std::string>> NamesOf(Tx& tx, const pg::Statement& statement, const std::string& case_name,
                                                 absl::string_view collection) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(statement, case_name));
  std::vector<std::string> names;
  for (int i = 0; i < rows.size(); ++i) names.push_back(absl::StrCat(collection, "/", rows[i].View(0)));
  return names;
}

// Both are the case's. Errors: FIELD_INVALID.
absl::Status CheckPlaces(const v1::Withdrawal& input) {
  const std::string within = absl::StrCat(input.case_name(), "/");
  if (!absl::StartsWith(input.recorded_in(), within)) {
    return errors::FieldInvalid("withdrawal.recorded_in", "须是同一件诉求的联系记录或材料",
                                "must be a contact or a paper of the case");
  }
  if (!absl::StartsWith(input.said_in(), within)) {
    return errors::FieldInvalid("withdrawal.said_in", "须是同一件诉求的联系记录", "must be a contact of the case");
  }
  return absl::OkStatus();
}

// The case is of the caller's hall, and the person said so there. Intake is asked before the store, so that no
// connection waits for it. A case that is closed has its consents taken back, too.
absl::Status Check(const Intake& peer, const Tx& tx, const v1::Withdrawal& input) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, input.hall(), input.hall()));
  XXT_RETURN_IF_ERROR(CheckPlaces(input));
  XXT_ASSIGN_OR_RETURN(const intake::Case seen, peer.LookUp(input.case_name(), tx.deadline));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, seen.hall(), input.case_name()));
  if (seen.hall() != input.hall()) {
    return errors::FieldInvalid("withdrawal.hall", "须填写该诉求所在的大厅", "must be the case's hall");
  }
  XXT_ASSIGN_OR_RETURN(const intake::Contact said, peer.LookUpContact(input.said_in(), tx.deadline));
  XXT_RETURN_IF_ERROR(chase::CheckStands(said));
  if (chase::ShowsTheirWord(said)) return absl::OkStatus();
  return errors::FieldInvalid(
      "withdrawal.said_in", "须是工作人员记下的、已接通申请人或亲属的联系",
      "must be a contact in which the applicant or kin were reached, written down by an officer");
}

// Nobody else is asked for a search. Before its referrals are locked: that is the order of those who move it on, and
// what it has made until then is found among the referrals.
absl::Status StopSearches(Tx& tx, v1::Withdrawal& made) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOf(tx, kSearchesOf, made.case_name(), "searches"));
  for (const std::string& name : names) {
    v1::Search one;
    XXT_RETURN_IF_ERROR(tx.Load(search::kSearches, name, "", &one));
    const bool over = one.state() == v1::Search::STATE_CANCELLED;
    if (over || !consent::RestsOn(one.lawful_basis(), made.recorded_in())) continue;
    rpc::ToProto(tx.now, one.mutable_basis_withdraw_time());
    XXT_RETURN_IF_ERROR(search::Move(tx, &one));
    tx.Save(search::kSearches, one);
    made.add_searches(name);
  }
  return absl::OkStatus();
}

// Each goes to a person.
absl::Status StopReferrals(Tx& tx, v1::Withdrawal& made) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOf(tx, kReferralsOf, made.case_name(), "referrals"));
  for (const std::string& name : names) {
    XXT_ASSIGN_OR_RETURN(chase::Chased chased, chase::LoadForChange(tx, name));
    // As it is under the lock.
    if (referrals::HasEnded(chased.referral)) continue;
    if (!consent::RestsOn(chased.referral.lawful_basis(), made.recorded_in())) continue;
    chase::WithdrawBasis(tx, &chased);
    chase::Save(tx, &chased);
    made.add_referrals(name);
  }
  return absl::OkStatus();
}

absl::Status Create(const Intake& peer, Tx& tx, const v1::CreateWithdrawalRequest& request, v1::Withdrawal& made) {
  XXT_RETURN_IF_ERROR(Check(peer, tx, request.withdrawal()));
  made = request.withdrawal();
  XXT_ASSIGN_OR_RETURN(const std::string before, consent::LockAndFind(tx, made.recorded_in()));
  if (!before.empty()) return errors::AlreadyExists("referral.xixinting/Withdrawal", before);
  made.set_name(consent::kWithdrawals.NewName("", tx.now));
  made.set_author(tx.caller.subject);
  XXT_RETURN_IF_ERROR(StopSearches(tx, made));
  XXT_RETURN_IF_ERROR(StopReferrals(tx, made));
  tx.Insert(consent::kWithdrawals, made);
  tx.Tell(made, "withdrawal.created.v1", absl::StrCat("本人撤回同意，涉及未结协查 ", made.referrals_size(), " 件"));
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetWithdrawalRequest& request, v1::Withdrawal& found) {
  return tx.Get(consent::kWithdrawals, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListWithdrawalsRequest& request, v1::ListWithdrawalsResponse& response) {
  return tx.List(consent::kWithdrawals, "of_case", request, &response);
}

class Service final : public edge::Serves<v1::WithdrawalService, const Intake*> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateWithdrawal, Withdrawal, std::bind_front(Create, std::cref(*settings_)))
  XXT_READ(GetWithdrawal, Withdrawal, Get)
  XXT_READ(ListWithdrawals, ListWithdrawalsResponse, List)
};

}  // namespace
}  // namespace withdrawal

edge::Slice WithdrawalSlice(const Intake& intake) {
  const Intake* const asked = &intake;
  return {{}, {}, {edge::ServiceOf<withdrawal::Service>(asked)}};
}

}  // namespace xxt::referral
