#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_RULES_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_RULES_H_

#include <vector>

namespace xxt::notification {

// By which way somebody is told something, and by which one if that fails.

// The numbers of the proto's Channel.
enum class Way {
  kNone = 0,
  kCall = 2,    // a person rings up; where there is no number, tells at the window or by a visit
  kSystem = 3,  // of the district, which shows it to them
  kWechat = 4,
  kText = 5,
  kEmail = 6,
  kLetter = 7,  // a person posts it
};

// What leads to somebody.
struct Reachable {
  bool text = false;  // a number that takes text messages, of somebody who can read them
  bool wechat = false;
  bool system = false;
  bool email = false;  // an address, and a mail server of ours
  bool call = false;   // a number, of somebody who hears on the telephone
  bool letter = false;
};

// How somebody is told something, one way after the other, each once. Never empty, and never without a person in it.
//
// What the person asked for comes first if it leads to them. Then what is quickest: a text message, WeChat, a
// system of the district, an e-mail, a call. An e-mail may lie unread for days: `call_first` has people ring up before
// it. A letter comes last: it takes days.
std::vector<Way> WaysTo(const Reachable& reach, Way wanted, bool call_first);

// The first that was not tried; kNone if all were. `in_doubt`: a try may have reached them, so only people go on, who
// can ask first.
Way NextWay(const std::vector<Way>& ways, const std::vector<Way>& tried, bool in_doubt);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_RULES_H_
