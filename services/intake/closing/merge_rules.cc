#include "services/intake/closing/merge_rules.h"

#include <utility>

#include "absl/strings/match.h"

namespace xxt::intake {
namespace {

struct Words {
  const char* kind;  // or how it begins
  const char* zh;
  const char* en;
};

// Of what the kept case would not know, and what runs by a clock that nobody may stop: there is always the other way,
// to merge the other case into this one.
constexpr Words kFirst[] = {
    {"promise.", "还有未兑现的承诺，请先兑现并登记，或把另一件并入这一件",
     "a promise is not kept: keep it first, or merge the other case into this one"},
    {"term.", "还有时限在计时，请先办完或撤回，或把另一件并入这一件",
     "a term runs: meet or withdraw it first, or merge the other case into this one"},
    {"plan.", "计划还有没办完的步骤，请先登记，或把另一件并入这一件",
     "a step of the plan is open: settle it first, or merge the other case into this one"},
    {"escalation.", "提级还在等待答复，请先登记答复或撤回", "an escalation waits: record its answer or withdraw it"},
    {"dispute.", "因异议重新办理，请把另一件并入这一件",
     "it is done again after a dispute: merge the other case into it"},
    {"case.handover_offered", "已请同事接手，请先答复或收回移交", "an offer to hand it over waits: end it first"},
    {"follow_up.", "回访还没有了结，请先登记", "a call after an earlier closing is open: settle it first"},
    {"mandate.expired", "委托已到期，请先处理", "a mandate has run out: see to it first"},
    {"life_event.", "申请人已故或不能自理，请先确定承接人",
     "the applicant is dead or cannot act: name a successor first"},
    {"intake.dead_task", "系统有一项工作没办成，请先人工查看", "the machine could not do something: see to it first"},
};

}  // namespace

std::optional<errors::Violation> FindMergeFault(const MergeFacts& facts) {
  if (facts.same_case) return errors::Violation{"into", "不能并入自己", "must be another case"};
  if (!facts.same_hall) {
    return errors::Violation{"into", "不在同一个大厅，不能合并：请先由那个大厅接收，把重复的这一件以“已移交”办结",
                             "is of another hall: close the duplicate as HANDED_OVER to that hall instead"};
  }
  const bool known = !facts.number_of_merged.empty() && !facts.number_of_kept.empty();
  if (known && facts.number_of_merged != facts.number_of_kept) {
    return errors::Violation{"into", "两件的申请人证件号码不同，不是同一人；登记有误的请先更正",
                             "is of another applicant by the numbers: correct them first if they are wrong"};
  }
  if (known || facts.says_why_same_person) return std::nullopt;
  return errors::Violation{"same_person", "至少一件没有登记证件号码，请写明凭什么认定是同一人",
                           "is needed where a case has no number: say on what ground they are one person"};
}

const std::vector<std::string>& KindsThatMayStand() {
  static const auto* const kKinds = new std::vector<std::string>{
      "case.act",      "case.look",       "case.silent", "case.tell",    "case.correct_recipient", "mandate.expire",
      "aftercare.due", "aftercare.touch", "policy.look", "policy.judge", "policy.judge_due"};
  return *kKinds;
}

errors::Violation ToSettleFirst(absl::string_view kind, std::string subject) {
  for (const Words& words : kFirst) {
    if (absl::StartsWith(kind, words.kind)) return {std::move(subject), words.zh, words.en};
  }
  return {std::move(subject), "还有没了结的工作，请先办完", "work is open: finish it first"};
}

}  // namespace xxt::intake
