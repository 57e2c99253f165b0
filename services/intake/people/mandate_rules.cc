#include "services/intake/people/mandate_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

// What a law has people do themselves, whatever a body says. More may be ruled out case by case.
struct InPerson {
  const char* matter;
  const char* law_zh;
  const char* law_en;
};
constexpr InPerson kInPerson[] = {
    {"结婚登记", "《民法典》第一千零四十九条", "Civil Code 1049"},
    {"离婚登记", "《民法典》第一千零七十六条", "Civil Code 1076"},
    {"收养公证", "《公证法》第二十六条", "Notarisation Law 26"},
    {"遗嘱公证", "《公证法》第二十六条", "Notarisation Law 26"},
    {"生存公证", "《公证法》第二十六条", "Notarisation Law 26"},
};

}  // namespace

std::vector<errors::Violation> FindMandateFaults(const MandateFacts& facts, absl::CivilDay today) {
  std::vector<errors::Violation> faults;
  for (const InPerson& one : kInPerson) {
    if (!absl::StrContains(facts.matter, one.matter)) continue;
    faults.push_back({"mandate.matter", absl::StrCat("依", one.law_zh, "须本人办理，不能委托"),
                      absl::StrCat("must be done in person by ", one.law_en)});
  }
  if (facts.agent_is_principal) {
    faults.push_back({"mandate.agent", "不能是委托人自己", "is the principal"});
  }
  if (facts.principal_deceased) faults.push_back({"mandate.principal", "委托人已去世", "is dead"});
  if (facts.agent_deceased) faults.push_back({"mandate.agent", "受托人已去世", "is dead"});
  if (facts.last < facts.first) {
    faults.push_back({"mandate.end_date", "不能早于起始日", "must not lie before start_date"});
  } else if (facts.last < today) {
    faults.push_back({"mandate.end_date", "不能早于今天", "must not lie in the past"});
  }
  return faults;
}

}  // namespace xxt::intake
