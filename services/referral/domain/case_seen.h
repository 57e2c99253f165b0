#ifndef XXT_SERVICES_REFERRAL_DOMAIN_CASE_SEEN_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_CASE_SEEN_H_

#include <string>
#include <vector>

namespace xxt::referral {

// What the intake service says of a case. Not kept.
struct CaseSeen {
  std::string hall;  // "halls/110102016"
  bool open = false;
  std::vector<std::string> party_names;  // personal data
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_CASE_SEEN_H_
