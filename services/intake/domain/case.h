#ifndef XXT_SERVICES_INTAKE_DOMAIN_CASE_H_
#define XXT_SERVICES_INTAKE_DOMAIN_CASE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/intake/domain/case_state.h"
#include "services/intake/domain/checklist.h"
#include "services/intake/domain/closure.h"
#include "services/intake/domain/policy.h"

namespace xxt::intake {

// How something reached us, or left us.
enum class Channel { kWindow, kPhone, kWeb, kWechat, kSms, kEmail, kPost, kVisit };

// Why an ordinary counter could not do it (堵点).
enum class Difficulty {
  kPaperMissing,
  kRecordNotLocated,
  kNotOurs,
  kEntitlementUnknown,
  kMobility,
  kComprehension,
  kRulesConflict,
};

// Somebody a case is about. Personal data.
struct Party {
  enum class Role { kApplicant, kSubject, kBeneficiary, kKin, kProxy };
  std::string id;  // UUID
  Role role = Role::kApplicant;
  std::string display_name;
  std::string resident_id;         // GB 11643, verified; never leaves the service whole
  std::string masked_resident_id;  // "110***********002X"
  std::string credit_code;         // GB 32100, verified
  std::string phone_number;        // E.164, or a public short number
  std::string phone_extension;
  bool no_sms = false;
  bool deceased = false;
  std::string relationship;
  std::string language_code;  // "zh-CN" or "en"
};

// What was taken down wrongly of a party, as it should have been. What is not
// set was right.
struct PartyFields {
  std::optional<std::string> display_name;
  std::optional<std::string> resident_id;  // with its masked form
  std::string masked_resident_id;
  std::optional<std::string> phone_number;  // with its extension
  std::string phone_extension;
  std::optional<bool> no_sms;
  std::optional<std::string> relationship;
  std::optional<std::string> language_code;
};

// Who corrected which fields of a party, and why. What was there before is kept nowhere.
struct Correction {
  std::string party;                // its id
  std::vector<std::string> fields;  // as protos name them
  std::string reason;
  std::string author;
  absl::Time time;
};

// How an ordinary counter led the person over (综合窗口转办).
struct HandOff {
  std::string counter;
  std::string clerk;
  std::string reason;
  std::vector<std::string> papers_seen;
  absl::Time hand_off_time;
};

// A paper of the case: on the checklist, or found missing.
struct CasePaper {
  enum class State { kNeeded, kSourcing, kLocated, kReceived };
  std::string id;  // "p1", unique in the case
  std::string title;
  PaperForm form = PaperForm::kOriginal;
  int copies = 1;
  PaperProvider provider = PaperProvider::kApplicant;
  std::vector<std::string> alternatives;
  std::string source;
  State state = State::kNeeded;
  int since_version = 0;  // 0 while only found missing
  std::string referral;   // that fetches it
  std::optional<absl::Time> found_missing_time;
};

struct NextAction {
  std::string summary;  // for the officer, without personal data
  absl::Time due_time;
};

// What came of the matter, as the person confirmed it.
struct Outcome {
  std::string text;
  std::string contact;
  absl::Time confirm_time;
};

// A closure, and who proposed and reviewed it.
struct RecordedClosure {
  Closure closure;
  std::string proposer;
  absl::Time propose_time;
  std::string reviewer;
  std::string review_comment;
};

// Counted from the contact log, never typed.
struct Effort {
  int calls = 0;
  int meetings = 0;
  int messages = 0;
};

// What the referral service has told of one referral.
struct ReferralStatus {
  enum class State { kOpen, kAnswered, kEnded };
  State state = State::kOpen;
  std::string paper_title;  // the paper it fetches; may be empty
  // Of each kind of report ("CUT_OFF_NEAR"), the newest that came.
  std::map<std::string, std::int64_t> newest;
  // The last day that is safe, as the newest report that names one has it, that
  // report's version, and how often another day was named. It is what the person
  // is told: see domain/telling.h.
  std::optional<absl::CivilDay> last_day;
  std::int64_t last_day_version = 0;
  std::int64_t last_day_revision = 0;
};

// What the notification service has told of one message.
struct MessageStatus {
  std::int64_t version = 0;  // of the last report
  bool in_doubt = false;     // it said that nobody knows
};

// One person's or enterprise's difficulty (诉求), from the first word to the
// last call.
struct Case {
  std::string id;  // UUID
  std::string display_code;
  std::string title;
  std::string summary;
  std::string hall;  // "halls/110102016"
  Channel channel = Channel::kWindow;
  std::string service_item;
  std::vector<Difficulty> difficulties;
  std::vector<Party> parties;
  std::optional<HandOff> hand_off;
  CaseState state = CaseState::kInProgress;
  std::string owner;                      // "staff/wang"
  std::optional<NextAction> next_action;  // set exactly while the case is not closed
  std::vector<CasePaper> papers;
  int paper_count = 0;  // papers ever added: the last one's number
  int checklist_version = 0;
  std::vector<Amendment> checklist_amendments;
  std::optional<Outcome> outcome;
  std::optional<RecordedClosure> closure;
  std::vector<RecordedClosure> returned_closures;  // before `closure`, oldest first
  Effort effort;
  std::map<std::string, ReferralStatus> referrals;  // by "referrals/{uuid}"
  std::map<std::string, MessageStatus> messages;    // by "messages/{uuid}"
  bool holds_route_sheet = false;
  std::vector<Correction> corrections;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> close_time;
  std::int64_t version = 1;
  std::string key;  // its data key, wrapped; of a case that was loaded for update

  std::string name() const { return "cases/" + id; }
};

// The one who came and asked; nullptr only in a case read without its parties.
const Party* ApplicantOf(const Case& found);

// Corrects `party`; answers the names of the fields that were set.
std::vector<std::string> Correct(Party& party, const PartyFields& right);

// What the referral service reports.
struct ReferralReport {
  enum class Kind { kOpened, kProgress, kAnswered, kEnded, kRouteSheet, kCutOffNear, kCutOffPassed };
  std::string referral;
  Kind kind = Kind::kProgress;
  std::string summary;  // for the officer
  std::string paper_title;
  std::string body_title;
  std::optional<absl::CivilDay> last_safe_day;
  std::int64_t version = 0;  // counts the reports of one referral; 0: not counted
  int route_sheet_version = 0;
};

// Whether this is the first that is heard of a referral which is not over.
bool Opens(const ReferralReport& report, const Case& found);

// Whether a newer report of the same matter came before this one: of the same
// kind; of a cut-off, also that it is over, or of another day.
bool IsOvertaken(const ReferralReport& report, const Case& found);

// Whether a newer one that says what to do next came before it.
bool IsLateForAction(const ReferralReport& report, const Case& found);

// Lets a report change the referrals, papers and route sheet of a case. Reports
// may come late and out of order: what has ended stays ended.
void Apply(const ReferralReport& report, Case& found);

// The last day to which the next action of an open case may be put off, so
// that no case sleeps: the policy's working days from `today`, for an action of
// the officer's own or one that waits for a body.
absl::CivilDay LastDayToAct(const Case& open, const Policy& policy, absl::CivilDay today);

// Notes that report `version` of a message came. False if a later one came
// before it: then it is history, and moves nothing. Reports without a number
// are always news.
bool IsNews(const std::string& message, std::int64_t version, Case& found);

// The paper with that title; nullptr if the case has none.
CasePaper* FindPaper(Case& found, absl::string_view title);

// Adds a paper that the case does not have yet: gives it its id, and the
// referral that is fetching it already, if one is.
CasePaper& AddPaper(Case& found, CasePaper paper);

// The facts that closing looks at. `contacts` are those the closure names.
CaseFacts FactsOf(const Case& found, std::vector<ContactFact> contacts);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_CASE_H_
