#include "services/intake/closing/closure_rules.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

using Violations = std::vector<errors::Violation>;

// True if somebody spoke with the person in that contact, since the case was opened.
bool WasTold(const CaseFacts& facts, const std::optional<ContactFact>& contact, absl::Time now) {
  return contact.has_value() && contact->with_person && contact->spoken && contact->occur_time >= facts.opened_time &&
         contact->occur_time <= now;
}

errors::Violation CorrectedFault(const char* field, const ContactFact& contact) {
  return {field, absl::StrCat("所凭的联系记录已被更正，请以更正后的 ", contact.corrected_by, " 为准"),
          absl::StrCat("the contact was corrected: ", contact.corrected_by, " counts instead")};
}

void CheckTold(const CaseFacts& facts, const ClosureFacts& closure, absl::Time now, Violations& missing) {
  if (!closure.has_explanation) {
    missing.push_back({"closure.explanation", "缺少对当事人的说明", "what is told to the person is missing"});
  }
  const bool withdrawn = closure.resolution == Resolution::kWithdrawn;
  if (closure.told_in.has_value() && !closure.told_in->corrected_by.empty()) {
    missing.push_back(CorrectedFault("closure.told_in", *closure.told_in));
    return;
  }
  if (WasTold(facts, closure.told_in, now) && (!withdrawn || closure.told_in->with_applicant)) return;
  if (withdrawn) {
    missing.push_back(
        {"closure.told_in", "尚无当事人本人表示撤回的联系记录", "no recorded contact holds the person's own word"});
  } else {
    missing.push_back({"closure.told_in", "尚无当面或电话告知当事人的联系记录（未接通、只发消息不算告知）",
                       "no recorded contact shows that somebody told the person; a message or a try does not count"});
  }
}

void CheckNotPossible(const CaseFacts& facts, const ClosureFacts& closure, Violations& missing) {
  if (facts.leads_on) {
    missing.push_back({"case.verdict", "职责不明，或认定非本厅职责而继续帮办的，不能据此答复“办不了”；可先提级",
                       "what is not ours or unclear leads on and is no ground for a no; escalate it first"});
  }
  if (!closure.has_basis) {
    missing.push_back({"closure.basis", "缺少办不了的依据", "the rule that this rests on is missing"});
  }
  if (!closure.has_next_route) {
    missing.push_back({"closure.next_route", "缺少当事人还可以去的渠道", "where the person may still turn is missing"});
  }
  if (closure.alternatives.empty()) {
    missing.push_back({"closure.alternatives", "至少写明一种已尝试或研究过的其他办法",
                       "at least one other way tried or weighed is missing"});
  }
  for (std::size_t i = 0; i < closure.alternatives.size(); ++i) {
    const AlternativeFact& other = closure.alternatives[i];
    if (other.has_summary && other.has_outcome) continue;
    missing.push_back({absl::StrCat("closure.alternatives[", i, other.has_summary ? "].outcome" : "].summary"),
                       "其他办法须写明内容和结果", "another way lacks its summary or its outcome"});
  }
}

// A name alone shows nothing: the office has said so to somebody, or in answer to a referral.
void CheckHandedOver(const CaseFacts& facts, const ClosureFacts& closure, absl::Time now, Violations& missing) {
  if (!closure.has_acceptance) {
    missing.push_back(
        {"closure.accepted_by", "尚未注明由哪个单位接收", "the office that accepted the case is missing"});
  }
  if (facts.taken_over) return;
  const std::optional<ContactFact>& in = closure.accepted_in;
  if (in.has_value() && !in->corrected_by.empty()) {
    missing.push_back(CorrectedFault("closure.accepted_in", *in));
  } else if (!in.has_value() || !in->with_body || !in->reached || in->occur_time < facts.opened_time ||
             in->occur_time > now) {
    missing.push_back({"closure.accepted_in",
                       "没有外单位同意接收的凭据：须有答复了的接办协查，或与该单位接通的联系记录",
                       "nothing shows that an office accepted it: a referral to take it over that was answered, or a "
                       "contact in which the office was reached"});
  }
}

void CheckResolution(const CaseFacts& facts, const ClosureFacts& closure, absl::Time now, Violations& missing) {
  switch (closure.resolution) {
    case Resolution::kResolved:
      if (facts.outcome_confirmed) return;
      return missing.push_back({"case.outcome", "结果尚未经当事人确认", "the person has not confirmed the outcome"});
    case Resolution::kGuided:
      if (facts.holds_route_sheet) return;
      return missing.push_back(
          {"case.route_sheet", "当事人手中还没有核对过的办理路线", "the person does not hold a checked route sheet"});
    case Resolution::kHandedOver:
      return CheckHandedOver(facts, closure, now, missing);
    case Resolution::kWithdrawn:
      return;
    case Resolution::kNotPossible:
      return CheckNotPossible(facts, closure, missing);
    case Resolution::kMerged:
      return missing.push_back({"closure.resolution", "重复的诉求须由窗口负责人或区里合并，不能这样办结",
                                "a duplicate is merged by MergeCase, not closed"});
  }
  // Of a newer version: nobody here can say what it needs.
  missing.push_back({"closure.resolution", "不认识这种办结方式，请稍后再办", "is not known to this version"});
}

// Withdrawing ends the search by the person's word; a "no" answers with its alternatives
// and next route; of a duplicate the matter goes on. Everything else needs what followed on
// each referral in vain.
bool NeedsSuccessors(Resolution resolution) {
  return resolution != Resolution::kWithdrawn && resolution != Resolution::kNotPossible &&
         resolution != Resolution::kMerged;
}

void CheckReferrals(const CaseFacts& facts, Resolution resolution, Violations& missing) {
  for (const ReferralFact& referral : facts.referrals) {
    if (referral.away) {
      missing.push_back({referral.name, "陪同外出还没有送人回家，或安排了没有去也没有取消",
                         "a visit has neither brought the person home nor was cancelled"});
    }
    if (referral.open) {
      missing.push_back({referral.name, "还有未办结的协查", "a referral is still open"});
    } else if (referral.negative && referral.successor.empty() && NeedsSuccessors(resolution)) {
      missing.push_back(
          {referral.name, "协查未果之后还没有下一步", "a referral ended without what was asked, and nothing followed"});
    }
  }
}

}  // namespace

std::vector<errors::Violation> FindMissing(const CaseFacts& facts, const ClosureFacts& closure, absl::Time now) {
  Violations missing;
  CheckTold(facts, closure, now, missing);
  CheckResolution(facts, closure, now, missing);
  const Violations unfinished = FindUnfinished(facts, closure.resolution);
  missing.insert(missing.end(), unfinished.begin(), unfinished.end());
  return missing;
}

std::vector<errors::Violation> FindUnfinished(const CaseFacts& facts, Resolution resolution) {
  Violations missing;
  CheckReferrals(facts, resolution, missing);
  if (facts.awaits_escalation) {
    missing.push_back({"case.escalation", "提级还在等待答复，请先登记答复或撤回",
                       "an escalation waits: record its answer or withdraw it"});
  }
  if (facts.unreturned_originals > 0) {
    missing.push_back({"case.originals",
                       absl::StrCat("还有 ", facts.unreturned_originals, " 份原件没有交还当事人，请先登记交还或遗失"),
                       absl::StrCat("originals are not back with their person: ", facts.unreturned_originals,
                                    "; hand them back, or report them lost")});
  }
  if (facts.seeks_successor) {
    missing.push_back({"case.parties", "申请人已故或不能自理，尚未确定承接人，也未登记无人承接",
                       "the applicant is dead or cannot act: name a successor, or record that there is none"});
  }
  if (facts.owes_retelling) {
    missing.push_back({"dispute.retellings", "还有答复过的外单位不知道诉求已重新办理",
                       "a body that had answered was not told that the case is done again"});
  }
  return missing;
}

bool NeedsOutsider(const CaseFacts& facts, Resolution resolution) {
  if (resolution == Resolution::kHandedOver) return facts.not_ours || facts.leads_on;
  return resolution == Resolution::kNotPossible;
}

bool MayReview(bool needs_outsider, absl::string_view proposer, const std::vector<std::string>& owners,
               absl::string_view reviewer) {
  if (reviewer == proposer) return false;
  return !needs_outsider || std::find(owners.begin(), owners.end(), reviewer) == owners.end();
}

}  // namespace xxt::intake
