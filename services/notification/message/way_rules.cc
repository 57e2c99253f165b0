#include "services/notification/message/way_rules.h"

#include <algorithm>

namespace xxt::notification {
namespace {

bool Holds(const std::vector<Way>& ways, Way way) { return std::find(ways.begin(), ways.end(), way) != ways.end(); }

bool Leads(const Reachable& reach, Way way) {
  switch (way) {
    case Way::kText:
      return reach.text;
    case Way::kWechat:
      return reach.wechat;
    case Way::kSystem:
      return reach.system;
    case Way::kEmail:
      return reach.email;
    case Way::kCall:
      return reach.call;
    case Way::kLetter:
      return reach.letter;
    case Way::kNone:
      break;
  }
  return false;
}

bool IsByPerson(Way way) { return way == Way::kCall || way == Way::kLetter; }

}  // namespace

std::vector<Way> WaysTo(const Reachable& reach, Way wanted, bool call_first) {
  const Way second = call_first ? Way::kCall : Way::kEmail;
  const Way third = call_first ? Way::kEmail : Way::kCall;
  std::vector<Way> ways;
  for (const Way way : {wanted, Way::kText, Way::kWechat, Way::kSystem, second, third, Way::kLetter}) {
    if (Leads(reach, way) && !Holds(ways, way)) ways.push_back(way);
  }
  if (std::none_of(ways.begin(), ways.end(), IsByPerson)) ways.push_back(Way::kCall);
  return ways;
}

Way NextWay(const std::vector<Way>& ways, const std::vector<Way>& tried, bool in_doubt) {
  const auto next = std::find_if(ways.begin(), ways.end(),
                                 [&](Way way) { return !Holds(tried, way) && (!in_doubt || IsByPerson(way)); });
  return next == ways.end() ? Way::kNone : *next;
}

}  // namespace xxt::notification
