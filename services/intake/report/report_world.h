#ifndef XXT_SERVICES_INTAKE_REPORT_REPORT_WORLD_H_
#define XXT_SERVICES_INTAKE_REPORT_REPORT_WORLD_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/follow_up.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.pb.h"

// The figures of a report counted by hand, from one resource after the other, as report.proto tells a stranger to: what
// the service counts is judged by it.
namespace xxt::intake {

namespace v1 = ::xixinting::intake::v1;

// Half-open.
struct Days {
  absl::CivilDay first;
  absl::CivilDay end;
  bool Has(absl::CivilDay day) const { return first <= day && day < end; }
  bool Has(const google::protobuf::Timestamp& time) const { return Has(calendar::ToCivilDay(rpc::FromProto(time))); }
};

// What bodies did: no resource of intake says it.
struct Asked {
  std::string end;  // the kind of the first report that ended it
  int hops = 0;
};
struct Made {
  std::string name;
  std::map<int, Asked> referrals;
};

// All that there is of a case.
struct ReportedCase {
  v1::Case about;
  v1::ListContactsResponse contacts;
  v1::ListPapersResponse papers;
  v1::ListPromisesResponse promises;
  v1::ListFollowUpsResponse calls;
  std::map<int, Asked> referrals;
};

struct Part {
  int of = 0;
  int all = 0;
  void Count(bool counts) {
    ++all;
    if (counts) ++of;
  }
};

inline Part Responses(const std::vector<ReportedCase>& cases, const Days& days, absl::Time now) {
  Part part;
  for (const ReportedCase& it : cases) {
    const absl::Time by = rpc::FromProto(it.about.respond_due_time());
    const bool answered = it.about.has_respond_time();
    if (!days.Has(it.about.create_time()) || (!answered && by > now)) continue;
    part.Count(answered && rpc::FromProto(it.about.respond_time()) < by);
  }
  return part;
}

inline Part GoodRatings(const std::vector<ReportedCase>& cases, const Days& days) {
  Part part;
  for (const ReportedCase& it : cases) {
    for (const v1::FollowUp& call : it.calls.follow_ups()) {
      if (call.state() != v1::FollowUp::STATE_DONE || !days.Has(call.end_time())) continue;
      part.Count(call.rating() != v1::FollowUp::RATING_DISSATISFIED &&
                 call.rating() != v1::FollowUp::RATING_VERY_DISSATISFIED);
    }
  }
  return part;
}

inline Part BrokenPromises(const std::vector<ReportedCase>& cases, const Days& days) {
  Part part;
  for (const ReportedCase& it : cases) {
    for (const v1::Promise& one : it.promises.promises()) {
      if (one.state() != v1::Promise::STATE_OPEN && days.Has(one.due_time())) {
        part.Count(one.state() != v1::Promise::STATE_KEPT);
      }
    }
  }
  return part;
}

inline int TripsOf(const ReportedCase& it) {
  std::set<absl::CivilDay> came;
  for (const v1::Contact& one : it.contacts.contacts()) {
    const bool person =
        one.counterpart() == v1::Contact::COUNTERPART_APPLICANT || one.counterpart() == v1::Contact::COUNTERPART_KIN;
    if (person && one.channel() == ::xixinting::common::v1::CHANNEL_WINDOW && one.corrects().empty() &&
        one.direction() == v1::Contact::DIRECTION_INBOUND && one.result() == v1::Contact::RESULT_REACHED) {
      came.insert(calendar::ToCivilDay(rpc::FromProto(one.occur_time())));
    }
  }
  return static_cast<int>(came.size());
}

inline int SparedPapersOf(const ReportedCase& it) {
  return static_cast<int>(std::count_if(it.papers.papers().begin(), it.papers.papers().end(), [](const v1::Paper& one) {
    return std::any_of(one.rungs().begin(), one.rungs().end(),
                       [](const auto& rung) { return rung.finding() == v1::Paper::FINDING_SPARES; });
  }));
}

// Of the closed ones. Returns how many were resolved.
inline Part CountClosed(const std::vector<ReportedCase>& cases, const Days& days, v1::Report& report) {
  int trips = 0, answers = 0, spared = 0, amendments = 0;
  std::vector<int> hops;
  Part resolved;
  for (const ReportedCase& it : cases) {
    if (it.about.state() != v1::Case::STATE_CLOSED || !days.Has(it.about.close_time())) continue;
    resolved.Count(it.about.closure().resolution() == v1::Closure::RESOLUTION_RESOLVED);
    trips += TripsOf(it);
    spared += SparedPapersOf(it);
    amendments += it.about.checklist_amendment_count();
    int passed_on = 0;
    for (const auto& [which, asked] : it.referrals) {
      passed_on += asked.hops;
      if (asked.end == "KIND_ANSWERED") ++answers;
    }
    if (!it.referrals.empty()) hops.push_back(passed_on);
  }
  report.set_closed_count(resolved.all);
  report.set_trips(trips);
  report.set_trips_spared_by_answers(answers);
  report.set_trips_spared_by_papers(spared);
  report.set_amendments(amendments);
  std::sort(hops.begin(), hops.end());
  if (!hops.empty()) report.set_median_hops(hops[(hops.size() - 1) / 2]);
  return resolved;
}

inline v1::Report CountByHand(const std::vector<ReportedCase>& cases, const Days& days, absl::Time now) {
  v1::Report report;
  const auto add = [&report](v1::Report::Measure measure, const Part& part) {
    v1::Report::Rate& rate = *report.add_rates();
    rate.set_measure(measure);
    rate.set_numerator(part.of);
    rate.set_denominator(part.all);
    if (part.all > 0) rate.set_rate_bp(part.of * 10'000 / part.all);
  };
  report.set_opened_count(static_cast<int>(std::count_if(
      cases.begin(), cases.end(), [&](const ReportedCase& it) { return days.Has(it.about.create_time()); })));
  add(v1::Report::MEASURE_RESPONSE, Responses(cases, days, now));
  add(v1::Report::MEASURE_RESOLUTION, CountClosed(cases, days, report));
  add(v1::Report::MEASURE_SATISFACTION, GoodRatings(cases, days));
  add(v1::Report::MEASURE_PROMISES_BROKEN, BrokenPromises(cases, days));
  return report;
}

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_REPORT_REPORT_WORLD_H_
