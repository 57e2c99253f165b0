#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/open.h"
#include "services/intake/cases/open_words_rules.h"
#include "services/intake/progress/progress.h"
#include "services/intake/progress/progress_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/filing.grpc.pb.h"

namespace xxt::intake {
namespace {

using ::xixinting::common::v1::Channel;

bool IsFromAfar(Channel channel) {
  return channel == ::xixinting::common::v1::CHANNEL_WEB || channel == ::xixinting::common::v1::CHANNEL_WECHAT ||
         channel == ::xixinting::common::v1::CHANNEL_HOTLINE || channel == ::xixinting::common::v1::CHANNEL_COMMUNITY;
}

// What everybody sees of a case must not say who it is about.
void CheckOpenWords(const v1::Case& input, std::vector<errors::Violation>* violations) {
  const std::vector<std::string> names = cases::NamesOf(input);
  const auto check = [&](const std::string& text, const char* field) {
    if (!TellsOfPeople(text, names)) return;
    violations->push_back({field, "不能写姓名、电话等个人信息，原话请写在内容里", "must not tell of people"});
  };
  check(input.title(), "case.title");
  check(input.service_item(), "case.service_item");
}

// Nobody stands there to be asked: what is missing now is missing for good.
absl::Status CheckFiled(const v1::Case& input) {
  std::vector<errors::Violation> violations;
  if (!IsFromAfar(input.channel())) {
    violations.push_back(
        {"case.channel", "只能是网上、微信、12345 热线或社区", "must be WEB, WECHAT, HOTLINE or COMMUNITY"});
  }
  CheckOpenWords(input, &violations);
  for (int i = 0; i < input.parties_size(); ++i) {
    const v1::Party& party = input.parties(i);
    if (party.role() != v1::Party::ROLE_APPLICANT || !ProofOf(party.phone_number()).empty()) continue;
    violations.push_back({absl::StrCat("case.parties[", i, "].phone_number"), "须填写电话，用来联系和查询进度",
                          "is required: to reach the applicant, and to prove by when they ask how it stands"});
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(violations));
}

absl::Status File(const cases::Opening& opening, Tx& tx, const v1::FileCaseRequest& request,
                  v1::FileCaseResponse& response) {
  v1::Case created = request.case_();
  if (created.channel() == ::xixinting::common::v1::CHANNEL_UNSPECIFIED) {
    created.set_channel(::xixinting::common::v1::CHANNEL_WEB);
  }
  XXT_RETURN_IF_ERROR(CheckFiled(created));
  XXT_RETURN_IF_ERROR(cases::OpenFromAfar(opening, tx, created, *response.mutable_ticket()));
  response.set_case_name(created.name());
  v1::ProgressCode given;
  response.set_code(progress::GiveCode(tx, created, cases::ApplicantOf(created), given));
  return absl::OkStatus();
}

class Service final : public v1::FilingService::CallbackService {
 public:
  Service(edge::Edge& edge, const cases::Opening& opening) : edge_(edge), opening_(opening) {}
  XXT_CHANGE(FileCase, FileCaseResponse, std::bind_front(File, opening_))

 private:
  edge::Edge& edge_;
  const cases::Opening opening_;
};

}  // namespace

edge::Slice FilingSlice(const cases::Opening& opening) { return {{}, {}, {edge::ServiceOf<Service>(opening)}}; }

}  // namespace xxt::intake
