#ifndef XXT_SERVICES_REFERRAL_CONFIG_H_
#define XXT_SERVICES_REFERRAL_CONFIG_H_

#include <string>
#include <vector>

#include "common/config/config.h"
#include "common/config/service_config.h"
#include "services/referral/body/contact_rules.h"
#include "services/referral/chase/chase_rules.h"
#include "services/referral/chase/patience.h"
#include "services/referral/mail/mail_config.h"
#include "services/referral/mail/settings.h"
#include "services/referral/visit/visit_rules.h"

namespace xxt::referral {

// What xxt-referral reads from its YAML file; `xxt-referral --print-config`
// shows it.
struct Config {
  config::Service service;
  std::string intake_address = "127.0.0.1:50051";
  MailConfig mail;
  referral::mail::Settings mails;
  chase::Patience patience;
  VisitPolicy visits;
  ContactPolicy contacts;

  Config() {
    mails.signature.title = "西城区政务服务“悉心听”服务窗口";
    mails.message_id_domain = "xixinting.invalid";
    mails.desk_hall = "halls/110102";
  }

  void Bind(config::Binder& binder) {
    service.Bind(binder);
    binder.Field("peers.intake", &intake_address, "HOST:PORT of the intake service.");
    binder.Field("mail.smtp_url", &mail.smtp_url, "Where mail goes out: smtps://HOST:PORT, or smtp:// with STARTTLS.");
    binder.Field("mail.imap_url", &mail.imap_url, "Where mail comes in: imaps://HOST:PORT, or imap:// with STARTTLS.");
    binder.Field("mail.require_tls", &mail.require_tls, "False lets smtp:// and imap:// go unencrypted; development.");
    binder.Field("mail.ca_file", &mail.ca_file, "CA certificates of the mail system. Empty: the system's.");
    binder.Field("mail.user", &mail.user, "Account for both. Empty: no login when sending.");
    binder.Secret("mail.password_file", &mail.password, "File with the account's password.");
    binder.Field("mail.address", &mail.address, "The mailbox: sender of every mail, and what is read. Required.");
    binder.Field("mail.display_name", &mail.display_name, "Name beside the address. Empty: none.");
    binder.Field("mail.poll_interval", &mail.poll_interval, "Pause between two looks into the mailbox.");
    binder.Field("mail.timeout", &mail.timeout,
                 "Longest exchange with the mail system; from 1s, less than half of tasks.lease.");
    binder.Field("mail.workers", &mails.mail_workers, "Mails sent at a time. 0: tasks.workers.");
    binder.Field("mail.rate", &mails.mails_per_minute,
                 "Most mails one body is sent per minute by all processes. 0: no limit.");
    binder.Field("mail.message_id_domain", &mails.message_id_domain, "Domain of the Message-IDs made here.");
    binder.Field("mail.signature", &mails.signature.title, "Who signs letters to bodies.");
    binder.Field("mail.signature_phone", &mails.signature.phone, "Telephone below the signature. Empty: none.");
    binder.Field("mail.desk_hall", &mails.desk_hall,
                 "Hall that keeps the mailbox: only its people and the district's see mail that matches no referral.");
    binder.Field("chase.longest_wait", &patience.longest_wait,
                 "Furthest that an officer may let a silent body wait; at most 1440h.");
    binder.Field("chase.longest_retry", &patience.longest_retry,
                 "Furthest that an officer may put off another try to reach a body.");
    binder.Field("contacts.verify_within", &contacts.verify_within,
                 "How long a contact of the directory counts as right once somebody has verified it.");
    binder.Field("visit.longest", &visits.longest, "Longest that a visit may be planned to take; at most 72h.");
    binder.Field("visit.grace", &visits.grace,
                 "How long after the planned return home the window's leader is asked; at most 24h.");
  }

  std::vector<std::string> Problems() const {
    std::vector<std::string> problems = service.Problems();
    if (mail.address.empty()) problems.emplace_back("mail.address: is required");
    const auto check = [&problems](const std::string& url, const char* key, const char* scheme) {
      const std::string tls = std::string(scheme) + "s://";
      const std::string start_tls = std::string(scheme) + "://";
      if (url.rfind(tls, 0) == 0 || url.rfind(start_tls, 0) == 0) return;
      problems.push_back(std::string(key) + ": must start with " + tls + " or " + start_tls);
    };
    check(mail.smtp_url, "mail.smtp_url", "smtp");
    check(mail.imap_url, "mail.imap_url", "imap");
    // A handler has half its lease, and what came of the mail must be stored in it.
    if (mail.timeout < absl::Seconds(1) || mail.timeout >= service.task_lease / 2) {
      problems.emplace_back("mail.timeout: must be from 1s on and less than half of tasks.lease");
    }
    if (patience.longest_wait <= absl::ZeroDuration() || patience.longest_wait > ChasePolicy().longest_wait) {
      problems.emplace_back("chase.longest_wait: must be more than 0s and at most 1440h");
    }
    if (patience.longest_retry <= absl::ZeroDuration()) {
      problems.emplace_back("chase.longest_retry: must be more than 0s");
    }
    if (visits.longest <= absl::ZeroDuration() || visits.longest > absl::Hours(72)) {
      problems.emplace_back("visit.longest: must be more than 0s and at most 72h");
    }
    if (visits.grace < absl::ZeroDuration() || visits.grace > absl::Hours(24)) {
      problems.emplace_back("visit.grace: must be from 0s on and at most 24h");
    }
    if (contacts.verify_within <= absl::ZeroDuration()) {
      problems.emplace_back("contacts.verify_within: must be more than 0s");
    }
    if (mail.poll_interval <= absl::ZeroDuration()) problems.emplace_back("mail.poll_interval: must be more than 0s");
    return problems;
  }
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CONFIG_H_
