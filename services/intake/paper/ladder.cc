#include "services/intake/paper/ladder.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/paper/ladder_rules.h"
#include "services/intake/paper/paper.h"

namespace xxt::intake::paper {
namespace {

static_assert(v1::Paper::Ground_MAX == kGrounds);

std::vector<int> OpenOf(const v1::Paper& paper) {
  std::vector<Weighed> verdicts;
  for (const v1::Paper::Rung& rung : paper.rungs()) {
    verdicts.push_back({rung.ground(), rung.finding() == v1::Paper::FINDING_SPARES});
  }
  return OpenGrounds(verdicts);
}

bool IsSpared(const v1::Paper& paper) {
  return std::any_of(paper.rungs().begin(), paper.rungs().end(),
                     [](const v1::Paper::Rung& rung) { return rung.finding() == v1::Paper::FINDING_SPARES; });
}

}  // namespace

absl::Status WeighGround(Tx& tx, const v1::WeighGroundRequest& request, v1::Paper& weighed) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kPapers, request.name(), request.etag(), &weighed));
  if (InHand(weighed) || weighed.state() == v1::Paper::STATE_NOT_NEEDED) {
    return errors::StateForbids(weighed.name(), "这份材料已收到或已不再需要",
                                "the paper is there, or not needed any more");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(weighed, "rungs"));
  const bool spared_before = IsSpared(weighed);
  v1::Paper::Rung& rung = *weighed.add_rungs();
  rung.set_ground(request.ground());
  rung.set_finding(request.finding());
  rung.set_source(request.source());
  rung.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, rung.mutable_record_time());
  const bool spares = request.finding() == v1::Paper::FINDING_SPARES;
  if (spares) weighed.set_state(v1::Paper::STATE_NOT_NEEDED);
  tx.Save(kPapers, weighed);
  if (spares) {
    // A paper that was asked for again after that is counted once.
    if (!spared_before) about.mutable_effort()->set_spared_papers(about.effort().spared_papers() + 1);
    cases::Save(tx, about, "paper.spared.v1", absl::StrCat("材料可以免交：", weighed.title()));
  } else {
    tx.Tell(about, "paper.ground_weighed.v1", absl::StrCat("排除一条免交理由：", weighed.title()));
  }
  return absl::OkStatus();
}

absl::Status AllowSearch(Tx& tx, const v1::AllowSearchRequest& request, v1::Paper& sought) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kPapers, request.name(), request.etag(), &sought));
  if (sought.state() != v1::Paper::STATE_NEEDED && sought.state() != v1::Paper::STATE_DEFICIENT) {
    return errors::StateForbids(sought.name(), "这份材料不在“需要”状态", "the paper is not one that is needed");
  }
  const std::vector<int> open = OpenOf(sought);
  if (!open.empty() && request.reason().empty()) {
    return errors::FieldInvalid("reason", absl::StrCat("还有 ", open.size(), " 条免交理由未排除，须写明为何先查找"),
                                absl::StrCat("is required: ", open.size(), " grounds to spare the paper are open"));
  }
  v1::Paper::SearchAllowance& allowance = *sought.mutable_search_allowance();
  allowance.Clear();
  allowance.set_reason(request.reason());
  for (const int ground : open) allowance.add_open_grounds(static_cast<v1::Paper::Ground>(ground));
  allowance.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, allowance.mutable_allow_time());
  tx.Save(kPapers, sought);
  tx.Tell(about, "paper.search_allowed.v1", absl::StrCat("准予查找材料：", sought.title()));
  return absl::OkStatus();
}

}  // namespace xxt::intake::paper
