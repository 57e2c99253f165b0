#ifndef XXT_SERVICES_REFERRAL_DOMAIN_REFERRAL_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_REFERRAL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/chase.h"
#include "services/referral/domain/cut_off.h"
#include "services/referral/domain/lawful_basis.h"
#include "services/referral/domain/names.h"

namespace xxt::referral {

template <>
inline constexpr std::array<absl::string_view, 10> kNames<ChaseState> = {
    "QUEUED",   "SENT",       "ACCEPTED", "NEEDS_INPUT", "ANSWERED",
    "NOT_HELD", "REDIRECTED", "DECLINED", "NO_ANSWER",   "CANCELLED"};

// What the body is asked to do.
enum class Ask { kLocate, kIssue, kProcedure };
template <>
inline constexpr std::array<absl::string_view, 3> kNames<Ask> = {"LOCATE", "ISSUE", "PROCEDURE"};

// How the request is carried to the body.
enum class Connector { kStaff, kEmail };
template <>
inline constexpr std::array<absl::string_view, 2> kNames<Connector> = {"STAFF", "EMAIL"};

// A cut-off as it was set, and what it rests on.
struct RecordedCutOff {
  std::string rule_note;  // resource name
  absl::CivilDay anchor_day;
  CutOff cut_off;
  bool irrevocable = false;
};

// The person's errand to a body (转介 / 协查). Chase says where it stands.
struct Referral {
  std::string id;       // UUID
  std::string case_id;  // UUID
  std::string hall;     // "halls/110102016"
  std::string body_id;  // "babaoshan"
  std::string unit;     // asked first; empty: the body's first
  Ask ask = Ask::kLocate;
  std::string question;
  LawfulBasis lawful_basis;
  std::vector<DisclosedField> disclosed;
  std::string paper_title;
  Connector connector = Connector::kStaff;
  Chase chase;
  std::string owner;        // "staff/wang"
  std::string answer_code;  // "XXT-ABCD1234K"
  std::optional<RecordedCutOff> cut_off;
  // Message-ID of the first mail that was taken; reminders answer to it.
  std::string thread_message_id;
  // The one mail that may go out, known by its task; empty: none. It belongs to
  // the turn in which it was made: whoever speaks, ends or decides takes it back.
  std::string mail_due;
  absl::Time create_time;
  absl::Time update_time;
  std::int64_t version = 0;
  std::int64_t report_count = 0;  // told to the case so far
  std::string key;                // wrapped: seals what hangs on the referral; empty: erased, or read from a list

  std::string name() const { return "referrals/" + id; }
  std::string case_name() const { return "cases/" + case_id; }
  bool ended() const { return IsTerminal(chase.state); }
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_REFERRAL_H_
