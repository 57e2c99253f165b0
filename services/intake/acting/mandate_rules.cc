#include "services/intake/acting/mandate_rules.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

struct InPerson {
  absl::string_view word;  // in the name of the item
  absl::string_view article;
};

constexpr InPerson kInPerson[] = {
    {"结婚登记", "《民法典》第一千零四十九条"},
    {"离婚登记", "《民法典》第一千零七十六条"},
    {"收养登记", "《中国公民收养子女登记办法》第四条"},
    {"遗嘱公证", "《公证法》第二十六条"},
    {"生存公证", "《公证法》第二十六条"},
    {"劳动能力鉴定", "《工伤职工劳动能力鉴定管理办法》第十一条"},
};

}  // namespace

absl::string_view InPersonArticle(absl::string_view matter) {
  for (const InPerson& one : kInPerson) {
    if (absl::StrContains(matter, one.word)) return one.article;
  }
  return "";
}

bool MayBeSameMatter(absl::string_view one, absl::string_view other) {
  return absl::StrContains(one, other) || absl::StrContains(other, one);
}

std::optional<errors::Violation> FindMandateFault(const MandateFacts& facts, absl::CivilDay today) {
  if (facts.agent_is_principal) {
    return errors::Violation{"mandate.agent", "受托人须是另一个人", "must be another party than the principal"};
  }
  if (const absl::string_view article = InPersonArticle(facts.matter); !article.empty()) {
    return errors::Violation{"mandate.matter", absl::StrCat("须本人办理，不能委托（", article, "）"),
                             "must be done in person"};
  }
  if (facts.in_person) {
    return errors::Violation{"mandate.matter", "已登记为须本人办理的服务事项，不能委托",
                             "must be done in person, as is recorded with the case"};
  }
  if (facts.to < facts.from) {
    return errors::Violation{"mandate.valid_to", "不能早于起始日", "must not be before valid_from"};
  }
  if (facts.to < today) return errors::Violation{"mandate.valid_to", "期限已过", "the term is over"};
  return std::nullopt;
}

bool EndsWith(const MandatePeople& people) {
  return people.principal_dead || people.agent_dead || people.agent_cannot_act;
}

}  // namespace xxt::intake
