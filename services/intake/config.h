#ifndef XXT_SERVICES_INTAKE_CONFIG_H_
#define XXT_SERVICES_INTAKE_CONFIG_H_

#include <string>
#include <utility>
#include <vector>

#include "common/config/config.h"
#include "common/config/service_config.h"
#include "services/intake/cases/policy_rules.h"

namespace xxt::intake {

// What xxt-intake reads from its YAML file; `xxt-intake --print-config` shows it.
struct Config {
  config::Service service;
  std::string notification_address = "127.0.0.1:50053";
  Policy policy;

  void Bind(config::Binder& binder) {
    service.Bind(binder);
    binder.Field("peers.notification", &notification_address, "HOST:PORT of the notification service.");
    // "Promptly", says the Beijing hotline regulation, art. 15; how long that
    // is, the district decides.
    binder.Field("policy.first_contact", &policy.first_contact,
                 "Opening time within which the officer first contacts the person.");
    binder.Field("policy.review_workdays", &policy.review_workdays,
                 "Working days within which a proposed closure is reviewed.");
    binder.Field("policy.next_action_workdays", &policy.next_action_workdays,
                 "Working days to which an officer may put off the next action.");
    binder.Field("policy.waiting_workdays", &policy.waiting_workdays, "The same while a body is being asked.");
    binder.Field("policy.silence_days", &policy.silence_days,
                 "Days without a word to the person after which a case is listed as silent.");
    binder.Field("policy.silence_notice_days", &policy.silence_notice_days,
                 "Days before that on which they are told that nothing is new.");
    // Administrative Licensing Law, art. 42.
    binder.Field("policy.term_extension_workdays", &policy.term_extension_workdays,
                 "Working days by which a term may be extended at a time.");
    binder.Field("policy.aftercare_days", &policy.aftercare_days,
                 "Days within which aftercare gets in touch with a household again.");
    binder.Field("policy.high_head_start", &policy.high_head_start,
                 "How much sooner a case of high priority has its place in the work list.");
    binder.Field("policy.urgent_head_start", &policy.urgent_head_start, "The same for an urgent one.");
    binder.Field("policy.follow_up_workdays", &policy.follow_up_workdays,
                 "Working days after a closing within which the person is called.");
    binder.Field("policy.follow_up_tries", &policy.follow_up_tries,
                 "Calls in vain after which somebody may give up reaching the person.");
    binder.Field("policy.dispute_days", &policy.dispute_days, "Days after a closing within which it may be disputed.");
    binder.Field("policy.reopened_workdays", &policy.reopened_workdays,
                 "Working days within which a case that was reopened is closed again.");
    binder.Field("policy.judge_workdays", &policy.judge_workdays,
                 "Working days within which somebody judges whether a policy is for a household.");
  }

  std::vector<std::string> Problems() const {
    std::vector<std::string> problems = service.Problems();
    if (policy.first_contact < absl::ZeroDuration())
      problems.emplace_back("policy.first_contact: must not be negative");
    if (policy.review_workdays < 0) problems.emplace_back("policy.review_workdays: must not be negative");
    if (policy.next_action_workdays < 1) problems.emplace_back("policy.next_action_workdays: must be 1 or more");
    if (policy.aftercare_days < 1) problems.emplace_back("policy.aftercare_days: must be 1 or more");
    if (policy.waiting_workdays < policy.next_action_workdays) {
      problems.emplace_back("policy.waiting_workdays: must not be below policy.next_action_workdays");
    }
    if (policy.silence_notice_days < 1 || policy.silence_days <= policy.silence_notice_days) {
      problems.emplace_back("policy.silence_notice_days: must be 1 or more, and below policy.silence_days");
    }
    if (policy.term_extension_workdays < 1) {
      problems.emplace_back("policy.term_extension_workdays: must be 1 or more");
    }
    if (policy.high_head_start < absl::ZeroDuration() || policy.urgent_head_start < policy.high_head_start ||
        policy.urgent_head_start > absl::Hours(24 * 30)) {
      problems.emplace_back("policy.urgent_head_start: must not be below policy.high_head_start, nor above 720h");
    }
    const std::pair<const char*, int> from_one[] = {{"follow_up_workdays", policy.follow_up_workdays},
                                                    {"follow_up_tries", policy.follow_up_tries},
                                                    {"dispute_days", policy.dispute_days},
                                                    {"reopened_workdays", policy.reopened_workdays},
                                                    {"judge_workdays", policy.judge_workdays}};
    for (const auto& [key, value] : from_one) {
      if (value < 1) problems.push_back(std::string("policy.") + key + ": must be 1 or more");
    }
    // The referral service looks at cut-offs of closed cases for as long (cut_off.cc).
    if (policy.dispute_days > 366) problems.emplace_back("policy.dispute_days: must not be above 366");
    return problems;
  }
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CONFIG_H_
