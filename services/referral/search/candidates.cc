#include "services/referral/search/candidates.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/body/body.h"
#include "services/referral/body/learned.h"
#include "services/referral/search/search_rules.h"

namespace xxt::referral::search {
namespace {

// How many bodies each source is asked for.
constexpr int kMostOfASource = 50;

using Prospects = std::map<std::string, Prospect>;

Prospect& At(Prospects& prospects, const std::string& body) {
  Prospect& prospect = prospects[body];
  prospect.body = body;
  return prospect;
}

bool Keeps(const v1::Body& body, const std::string& document) {
  return std::any_of(body.documents_held().begin(), body.documents_held().end(),
                     [&document](const std::string& held) { return absl::StrContains(held, document); });
}

absl::Status AddHinted(Tx& tx, const v1::Search& search, Prospects* prospects) {
  for (const std::string& hint : search.hints()) {
    XXT_ASSIGN_OR_RETURN(const v1::Body body, body::FindMerged(tx.session, hint));
    At(*prospects, body.name()).hinted = true;
  }
  return absl::OkStatus();
}

absl::Status AddListed(Tx& tx, const v1::Search& search, Prospects* prospects) {
  XXT_ASSIGN_OR_RETURN(const std::vector<v1::Body> bodies,
                       body::Matching(tx.session, search.document(), kMostOfASource));
  for (const v1::Body& body : bodies) {
    if (Keeps(body, search.document())) At(*prospects, body.name()).listed = true;
  }
  return absl::OkStatus();
}

// What was learned of a body that was merged counts for the one that it is. Who never had it is no
// candidate for that alone.
absl::Status AddLearned(Tx& tx, const v1::Search& search, Prospects* prospects) {
  XXT_ASSIGN_OR_RETURN(const std::vector<body::LearnedOf> all,
                       body::LearnedAbout(tx.session, search.document(), kMostOfASource));
  for (const body::LearnedOf& one : all) {
    if (one.learned.held_count() == 0 && prospects->count(one.body) == 0) continue;
    XXT_ASSIGN_OR_RETURN(const v1::Body body, body::FindMerged(tx.session, one.body));
    Prospect& prospect = At(*prospects, body.name());
    prospect.asked += one.learned.asked_count();
    prospect.held += one.learned.held_count();
    prospect.median_workdays = std::max(prospect.median_workdays, one.learned.median_workdays());
  }
  return absl::OkStatus();
}

// Whether a candidate in this state may be asked, maybe once more.
bool MayWait(v1::Candidate::State state) {
  return state == v1::Candidate::STATE_WAITING || state == v1::Candidate::STATE_NO_HELP ||
         state == v1::Candidate::STATE_STOPPED || state == v1::Candidate::STATE_EXCLUDED;
}

}  // namespace

absl::Status Propose(Tx& tx, v1::Search* search) {
  Prospects prospects;
  XXT_RETURN_IF_ERROR(AddHinted(tx, *search, &prospects));
  XXT_RETURN_IF_ERROR(AddListed(tx, *search, &prospects));
  XXT_RETURN_IF_ERROR(AddLearned(tx, *search, &prospects));
  std::vector<Prospect> ranked;
  for (auto& [name, prospect] : prospects) ranked.push_back(std::move(prospect));
  Rank(&ranked);
  if (ranked.size() > kMostCandidates) ranked.resize(kMostCandidates);
  for (const Prospect& prospect : ranked) {
    v1::Candidate& candidate = *search->add_candidates();
    candidate.set_body(prospect.body);
    candidate.set_state(v1::Candidate::STATE_WAITING);
    candidate.set_grounds(GroundsOf(prospect));
  }
  return absl::OkStatus();
}

v1::Candidate* FindCandidate(v1::Search* search, absl::string_view body) {
  for (v1::Candidate& candidate : *search->mutable_candidates()) {
    if (candidate.body() == body) return &candidate;
  }
  return nullptr;
}

absl::StatusOr<bool> IsAskedAsMerged(Tx& tx, const v1::Search& search, const v1::Body& body) {
  if (body.merged_bodies().empty()) return false;
  for (const v1::Candidate& other : search.candidates()) {
    const bool heard = other.state() == v1::Candidate::STATE_ASKED || other.state() == v1::Candidate::STATE_HELD ||
                       other.state() == v1::Candidate::STATE_NOT_HELD;
    if (!heard) continue;
    XXT_ASSIGN_OR_RETURN(const v1::Body now, body::FindMerged(tx.session, other.body()));
    if (now.name() == body.name()) return true;
  }
  return false;
}

absl::Status Arrange(Tx& tx, const v1::ArrangeCandidatesRequest& request, v1::Search* search) {
  std::vector<v1::Candidate> named;
  for (int i = 0; i < request.bodies_size(); ++i) {
    const std::string path = absl::StrCat("bodies[", i, "]");
    XXT_ASSIGN_OR_RETURN(const v1::Body body, body::FindMerged(tx.session, request.bodies(i)));
    const auto same = [&body](const v1::Candidate& one) { return one.body() == body.name(); };
    if (std::any_of(named.begin(), named.end(), same)) {
      return errors::FieldInvalid(path, "同一个单位列了两次", "is named twice");
    }
    const v1::Candidate* known = FindCandidate(search, body.name());
    XXT_ASSIGN_OR_RETURN(const bool asked, IsAskedAsMerged(tx, *search, body));
    if (asked || (known != nullptr && !MayWait(known->state()))) {
      return errors::FieldInvalid(path, "该单位已问过或正在询问", "is being asked, or has answered");
    }
    v1::Candidate candidate;
    candidate.set_body(body.name());
    candidate.set_grounds("窗口添加");
    if (known != nullptr) candidate = *known;
    candidate.set_state(v1::Candidate::STATE_WAITING);
    named.push_back(std::move(candidate));
  }
  // Who was asked stays before those who wait: the list is the trail, too.
  std::vector<v1::Candidate> before;
  std::vector<v1::Candidate> after;
  for (const v1::Candidate& one : search->candidates()) {
    const auto same = [&one](const v1::Candidate& other) { return other.body() == one.body(); };
    if (std::any_of(named.begin(), named.end(), same)) continue;
    (one.state() == v1::Candidate::STATE_WAITING ? after : before).push_back(one);
  }
  if (before.size() + named.size() + after.size() > kMostCandidates) {
    return errors::FieldInvalid("bodies", absl::StrCat("候选单位最多", kMostCandidates, "家"),
                                absl::StrCat("a search has at most ", kMostCandidates, " candidates"));
  }
  search->clear_candidates();
  for (std::vector<v1::Candidate>* part : {&before, &named, &after}) {
    for (v1::Candidate& one : *part) *search->add_candidates() = std::move(one);
  }
  return absl::OkStatus();
}

}  // namespace xxt::referral::search
