#ifndef XXT_SERVICES_REFERRAL_CHASE_ASKING_WORLD_H_
#define XXT_SERVICES_REFERRAL_CHASE_ASKING_WORLD_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/referrals/referrals.h"

// For tests of what asks a body: an intake service that says what it is told to,
// and a request that is right.
namespace xxt::referral {

class ToldIntake final : public Intake {
 public:
  absl::Status Tell(const referrals::Report&, SteadyTime,
                    ::xixinting::intake::v1::ReportReferralResponse* said) const override {
    *said = owners;
    return told;
  }
  absl::StatusOr<::xixinting::intake::v1::Case> LookUp(const std::string& case_name, SteadyTime) const override {
    ::xixinting::intake::v1::Case open;
    open.set_name(case_name);
    open.set_hall("halls/110102016");
    open.set_state(::xixinting::intake::v1::Case::STATE_IN_PROGRESS);
    return open;
  }
  absl::StatusOr<::xixinting::intake::v1::Contact> LookUpContact(const std::string& name, SteadyTime) const override {
    ::xixinting::intake::v1::Contact reached;
    reached.set_name(name);
    reached.set_counterpart(::xixinting::intake::v1::Contact::COUNTERPART_APPLICANT);
    reached.set_result(::xixinting::intake::v1::Contact::RESULT_REACHED);
    reached.set_author("staff/wang");
    return reached;
  }
  absl::StatusOr<::xixinting::intake::v1::Paper> LookUpPaper(const std::string& name, SteadyTime) const override {
    ::xixinting::intake::v1::Paper needed;
    needed.set_name(name);
    needed.set_state(::xixinting::intake::v1::Paper::STATE_NEEDED);
    return needed;
  }
  absl::StatusOr<::xixinting::intake::v1::Staff> LookUpStaff(const std::string& name, SteadyTime) const override {
    ::xixinting::intake::v1::Staff there;
    there.set_name(name);
    return there;
  }
  absl::StatusOr<std::vector<::xixinting::intake::v1::Paper>> LookUpPapers(const std::string&,
                                                                           SteadyTime) const override {
    return std::vector<::xixinting::intake::v1::Paper>();
  }

  absl::Status told;  // of every report
  // Whose the case is, and was.
  ::xixinting::intake::v1::ReportReferralResponse owners;
};

// Asks the first unit of the body `id`, about a new case.
inline v1::CreateReferralRequest AskingOf(const std::string& id, v1::Referral::Connector connector) {
  v1::CreateReferralRequest request;
  v1::Referral& referral = *request.mutable_referral();
  referral.set_case_name(absl::StrCat("cases/", identifiers::NewUuid(absl::Now())));
  referral.set_hall("halls/110102016");
  referral.set_body(absl::StrCat("bodies/", id));
  referral.set_ask(v1::Referral::ASK_LOCATE);
  referral.set_question("请协助查找火化档案。");
  v1::LawfulBasis& basis = *referral.mutable_lawful_basis();
  basis.set_kind(v1::LawfulBasis::KIND_CONSENT);
  basis.set_recorded_in(absl::StrCat(referral.case_name(), "/contacts/", identifiers::NewUuid(absl::Now())));
  referral.set_connector(connector);
  return request;
}

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CHASE_ASKING_WORLD_H_
