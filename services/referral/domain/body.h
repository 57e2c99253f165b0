#ifndef XXT_SERVICES_REFERRAL_DOMAIN_BODY_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_BODY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/referral/domain/names.h"

namespace xxt::referral {

// How something reaches a body, or comes back.
enum class Channel { kWindow, kPhone, kWeb, kWechat, kSms, kEmail, kPost, kVisit };

// One way to reach a unit: of the directory (body/body.h) what rules and letters need, as the next two.
struct ContactPoint {
  Channel channel = Channel::kPhone;
  std::string address;  // number with extension, mail address, or street address; empty: a person's own number alone
};

// A department of a body (科室).
struct Unit {
  std::string id;  // unique in the body: "archive"
  std::string title;
  std::string opening_hours;  // calendar::OpeningHours's text; empty: not known
  std::vector<ContactPoint> contact_points;

  // The first contact point by `channel`; null if there is none.
  const ContactPoint* ContactBy(Channel channel) const {
    for (const ContactPoint& point : contact_points) {
      if (point.channel == channel) return &point;
    }
    return nullptr;
  }
};

// Somebody outside whom a window may have to ask (外部单位).
struct Body {
  std::string id;  // "babaoshan"
  std::string title;
  std::vector<Unit> units;    // in the order one is usually passed along
  int expected_workdays = 0;  // until an answer is usual; 0: not known

  std::string name() const { return "bodies/" + id; }

  // The unit `unit_id`, or the first one if that is empty; null if there is none.
  const Unit* FindUnit(absl::string_view unit_id) const {
    for (const Unit& unit : units) {
      if (unit_id.empty() || unit.id == unit_id) return &unit;
    }
    return nullptr;
  }
};

// A body's rule, as somebody found and checked it: of it (rule_note/rule_note.h) what a cut-off rests on.
struct RuleNote {
  std::string name;    // "bodies/babaoshan/ruleNotes/{uuid}"
  std::string period;  // ISO 8601; empty: no cut-off
  bool irrevocable = false;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_BODY_H_
