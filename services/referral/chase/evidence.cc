#include "services/referral/chase/evidence.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::referral::chase {
namespace {

namespace intake = ::xixinting::intake::v1;

absl::Status RecordedInvalid(absl::string_view at, std::string zh, std::string en) {
  return errors::FieldInvalid(absl::StrCat(at, ".lawful_basis.recorded_in"), std::move(zh), std::move(en));
}

absl::Status CheckContact(const Intake& peer, const std::string& name, absl::string_view at, SteadyTime deadline) {
  XXT_ASSIGN_OR_RETURN(const intake::Contact contact, peer.LookUpContact(name, deadline));
  XXT_RETURN_IF_ERROR(CheckStands(contact));
  if (ShowsTheirWord(contact)) return absl::OkStatus();
  return RecordedInvalid(at, "须是工作人员记下的、已接通申请人或亲属的联系",
                         "must be a contact in which the applicant or kin were reached, written down by an officer");
}

absl::Status CheckPaper(const Intake& peer, const std::string& name, absl::string_view at, SteadyTime deadline) {
  XXT_ASSIGN_OR_RETURN(const intake::Paper paper, peer.LookUpPaper(name, deadline));
  if (paper.state() == intake::Paper::STATE_RECEIVED || paper.state() == intake::Paper::STATE_VERIFIED) {
    return absl::OkStatus();
  }
  return RecordedInvalid(at, "这份材料尚未收到，不能作为依据", "must be a paper that the hall has seen");
}

}  // namespace

bool ShowsTheirWord(const intake::Contact& contact) {
  return contact.result() == intake::Contact::RESULT_REACHED && absl::StartsWith(contact.author(), "staff/") &&
         (contact.counterpart() == intake::Contact::COUNTERPART_APPLICANT ||
          contact.counterpart() == intake::Contact::COUNTERPART_KIN);
}

absl::Status CheckStands(const intake::Contact& contact) {
  if (contact.corrected_by().empty()) return absl::OkStatus();
  return errors::StateForbids(contact.corrected_by(), "所凭的联系记录已被更正，请以这次更正为准",
                              "corrects the contact that is named: it counts instead");
}

absl::Status CheckRecorded(const Intake& peer, const v1::Referral& input, absl::string_view at, SteadyTime deadline) {
  const v1::LawfulBasis& basis = input.lawful_basis();
  const std::string& name = basis.recorded_in();
  if (basis.kind() == v1::LawfulBasis::KIND_STATUTORY_DUTY) {
    if (basis.article().empty()) {
      return errors::FieldInvalid(absl::StrCat(at, ".lawful_basis.article"),
                                  "法定职责须写明法条，如《殡葬管理条例》第六条",
                                  "required for a statutory duty: law and article");
    }
    if (name.empty()) return absl::OkStatus();
  }
  if (name.empty()) {
    return RecordedInvalid(at, "须填写记下此事的联系记录或已收到的材料",
                           "required: the contact or the paper in which it is recorded");
  }
  if (absl::StartsWith(name, absl::StrCat(input.case_name(), "/contacts/")))
    return CheckContact(peer, name, at, deadline);
  if (absl::StartsWith(name, absl::StrCat(input.case_name(), "/papers/"))) return CheckPaper(peer, name, at, deadline);
  return RecordedInvalid(at, "须是同一件诉求的联系记录或材料",
                         "must be a contact or a paper of the referral's own case");
}

}  // namespace xxt::referral::chase
