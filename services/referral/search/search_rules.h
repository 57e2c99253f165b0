#ifndef XXT_SERVICES_REFERRAL_SEARCH_SEARCH_RULES_H_
#define XXT_SERVICES_REFERRAL_SEARCH_SEARCH_RULES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::referral {

// Who is asked next, and in which order (查找).

// The proto's numbers.
enum class CandidateState { kWaiting = 1, kAsked, kHeld, kNotHeld, kNoHelp, kStopped, kExcluded };
enum class SearchState { kRunning = 1, kFound, kWithWindow, kCancelled };

// What a search that goes on does next.
struct SearchMove {
  std::vector<std::size_t> stop;   // who is asked and need not look any more
  std::optional<std::size_t> ask;  // who is asked next; when that is done, decide again
  SearchState state = SearchState::kRunning;
};

// While one holds it nobody is asked, and who is asked is stopped. Else those who wait are asked in
// their order, `parallel` at a time, and the search goes back to the window when nobody is asked or waits.
SearchMove DecideMove(const std::vector<CandidateState>& candidates, int parallel);

// Whether two titles are of one paper: spaces, half or full width, do not tell them apart.
bool IsSameTitle(absl::string_view one, absl::string_view other);

// What is known of a body that may hold a paper.
struct Prospect {
  std::string body = {};
  bool hinted = false;  // somebody thinks of it
  bool listed = false;  // the directory says that it keeps such papers
  int asked = 0;        // how often it said where such a paper is
  int held = 0;         // of these: with it
  int median_workdays = 0;
};

// How likely it is that the body has it, in basis points: what it answered, with what is thought of it before as much
// as three answers.
int ChanceOf(const Prospect& prospect);

// Likeliest first; of equals who answers sooner, then by name.
void Rank(std::vector<Prospect>* prospects);

// Why it is thought of, for people.
std::string GroundsOf(const Prospect& prospect);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_SEARCH_SEARCH_RULES_H_
