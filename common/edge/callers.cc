#include "common/edge/callers.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "common/edge/sentinels.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::edge {
namespace {

namespace v1 = ::xixinting::common::v1;

std::vector<v1::Role> RolesOf(v1::Callers callers) {
  switch (callers) {
    case v1::CALLERS_WINDOW:
      return {v1::ROLE_OFFICER, v1::ROLE_LEADER};
    case v1::CALLERS_WINDOW_AND_DISTRICT:
      return {v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_DISTRICT};
    case v1::CALLERS_STAFF_AND_SERVICE:
      return {v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_DISTRICT, v1::ROLE_SERVICE};
    case v1::CALLERS_COUNTER:
      return {v1::ROLE_COUNTER, v1::ROLE_OFFICER, v1::ROLE_LEADER};
    case v1::CALLERS_SERVICE:
      return {v1::ROLE_SERVICE};
    case v1::CALLERS_OPERATOR:
      return {v1::ROLE_OPERATOR};
    case v1::CALLERS_ALL_STAFF:
      return {v1::ROLE_COUNTER, v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_DISTRICT};
    case v1::CALLERS_ALL_STAFF_AND_SERVICE:
      return {v1::ROLE_COUNTER, v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_DISTRICT, v1::ROLE_SERVICE};
    case v1::CALLERS_LEADER_AND_DISTRICT:
      return {v1::ROLE_LEADER, v1::ROLE_DISTRICT};
    case v1::CALLERS_WINDOW_AND_SERVICE:
      return {v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_SERVICE};
    case v1::CALLERS_DISTRICT:
      return {v1::ROLE_DISTRICT};
    case v1::CALLERS_WINDOW_DISTRICT_AND_OPERATOR:
      return {v1::ROLE_OFFICER, v1::ROLE_LEADER, v1::ROLE_DISTRICT, v1::ROLE_OPERATOR};
    case v1::CALLERS_DISTRICT_AND_OPERATOR:
      return {v1::ROLE_DISTRICT, v1::ROLE_OPERATOR};
    case v1::CALLERS_PORTAL:
      return {v1::ROLE_PORTAL};
    case v1::CALLERS_PORTAL_AND_DISTRICT:
      return {v1::ROLE_PORTAL, v1::ROLE_DISTRICT};
    case v1::CALLERS_UNSPECIFIED:
    case XXT_SENTINELS(v1::Callers):
      break;
  }
  return {};
}

// "officer"
std::string Spelled(v1::Role role) {
  return absl::AsciiStrToLower(v1::Role_Name(role).substr(std::string("ROLE_").size()));
}

// Who may bring a token of each role.
std::map<std::string, std::vector<std::string>> ReadBringers() {
  std::map<std::string, std::vector<std::string>> bringers;
  const google::protobuf::EnumDescriptor& roles = *v1::Role_descriptor();
  for (int i = 0; i < roles.value_count(); ++i) {
    const auto& peers = roles.value(i)->options().GetRepeatedExtension(v1::brought_by);
    bringers[Spelled(static_cast<v1::Role>(roles.value(i)->number()))] = {peers.begin(), peers.end()};
  }
  return bringers;
}

}  // namespace

bool MayBring(absl::string_view peer, const std::string& role, absl::string_view subject) {
  constexpr absl::string_view kSubject = "{subject}";
  static const auto* const bringers = new std::map<std::string, std::vector<std::string>>(ReadBringers());
  const auto found = bringers->find(role);
  if (found == bringers->end()) return true;
  return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& bringer) {
    return !peer.empty() && peer == (bringer == kSubject ? subject : absl::string_view(bringer));
  });
}

std::vector<std::string> RolesOf(const google::protobuf::MethodDescriptor& method) {
  std::vector<std::string> roles;
  for (const v1::Role role : RolesOf(method.options().GetExtension(v1::rpc).callers())) roles.push_back(Spelled(role));
  return roles;
}

}  // namespace xxt::edge
