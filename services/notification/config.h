#ifndef XXT_SERVICES_NOTIFICATION_CONFIG_H_
#define XXT_SERVICES_NOTIFICATION_CONFIG_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/config/service_config.h"
#include "common/files/secret.h"
#include "common/smtp/sender.h"
#include "services/notification/channel/push_peer.h"

namespace xxt::notification {

// What xxt-notification reads from its YAML file; `xxt-notification
// --print-config` shows it.
struct Config {
  config::Service service;
  std::string intake_address = "127.0.0.1:50051";

  std::string sms_url;
  std::string sms_receipts_url;
  std::string sms_query_url;
  files::Secret sms_token;
  absl::Duration sms_timeout = absl::Seconds(10);
  absl::Duration sms_idempotency_window = absl::Hours(24);
  absl::Duration sms_receipt_timeout = absl::Hours(48);
  absl::Duration sms_receipt_poll = absl::Seconds(2);
  absl::Duration sms_give_up_after = absl::Hours(12);
  int sms_workers = 0;
  int sms_rate = 0;
  int sms_quiet_from = 21;
  int sms_quiet_until = 8;

  std::string call_hours = "Mon-Fri 09:00-12:00,13:30-17:00";
  int call_tries = 3;

  smtp::Server email;
  absl::Duration email_give_up_after = absl::Hours(12);
  Wechat::Options wechat;
  absl::Duration wechat_window = absl::Minutes(10);
  Webhook::Options webhook;
  absl::Duration webhook_window = absl::Hours(24);
  absl::Duration letters_take = absl::Hours(168);
  absl::Duration pause_asked_after = absl::Hours(24);
  absl::Duration longest_pause = absl::Hours(744);
  std::string pause_desk_hall = "halls/110102";

  void Bind(config::Binder& binder) {
    service.Bind(binder);
    binder.Field("peers.intake", &intake_address, "HOST:PORT of the intake service.");
    binder.Field("sms.url", &sms_url, "Where messages are posted; https, or http on loopback. Required.");
    binder.Field("sms.receipts_url", &sms_receipts_url, "Where receipts are read. Empty: the gateway gives none.");
    binder.Field("sms.query_url", &sms_query_url,
                 "Where the gateway is asked for a message by client_ref. Empty: it cannot be asked.");
    binder.Secret("sms.token_file", &sms_token, "File with the gateway's bearer token.");
    binder.Field("sms.timeout", &sms_timeout, "Longest exchange with the gateway; less than half of tasks.lease.");
    binder.Field("sms.idempotency_window", &sms_idempotency_window,
                 "How long the gateway takes one message per key. 0s: it makes no such promise.");
    binder.Field("sms.receipt_timeout", &sms_receipt_timeout,
                 "Business time without a receipt after which a person looks at it.");
    binder.Field("sms.receipt_poll", &sms_receipt_poll, "Pause between two reads of receipts.");
    binder.Field("sms.give_up_after", &sms_give_up_after,
                 "How long refusals of the gateway are borne before a person calls instead.");
    binder.Field("sms.workers", &sms_workers, "Messages sent at a time, urgent ones apart. 0: tasks.workers.");
    binder.Field("sms.rate", &sms_rate, "Most messages the gateway is given per second by all processes. 0: no limit.");
    binder.Field("sms.quiet_from", &sms_quiet_from, "Hour in Shanghai from which only urgent messages are sent.");
    binder.Field("sms.quiet_until", &sms_quiet_until, "Hour in Shanghai until which only urgent messages are sent.");
    binder.Field("calls.hours", &call_hours, "When windows make calls, as \"Mon-Fri 09:00-12:00; Sat 09:00-11:00\".");
    binder.Field("calls.tries", &call_tries, "Calls without an answer after which a person counts as not reached.");
    binder.Field("email.smtp_url", &email.url,
                 "Where e-mails go out: smtps://HOST:PORT, or smtp:// with STARTTLS. Empty: none are sent.");
    binder.Field("email.require_tls", &email.require_tls, "False lets smtp:// go unencrypted; development.");
    binder.Field("email.ca_file", &email.ca_file, "CA certificates of the mail server. Empty: the system's.");
    binder.Field("email.user", &email.user, "Account at the mail server. Empty: no login.");
    binder.Secret("email.password_file", &email.password, "File with the account's password.");
    binder.Field("email.address", &email.address, "Sender of every e-mail. Required if they are sent.");
    binder.Field("email.display_name", &email.display_name, "Name beside the address. Empty: none.");
    binder.Field("email.timeout", &email.timeout,
                 "Longest exchange with the mail server; from 1s, less than half of tasks.lease.");
    binder.Field("email.give_up_after", &email_give_up_after,
                 "How long refusals of the mail server are borne before a message goes another way.");
    binder.Field("wechat.url", &wechat.url,
                 "Where template messages are posted; https, or http on loopback. Empty: none are sent.");
    binder.Secret("wechat.token_file", &wechat.token, "File with the access token of the account.");
    binder.Field("wechat.template_id", &wechat.template_id, "The account's template, with first and remark.");
    binder.Field("wechat.timeout", &wechat.timeout, "Longest exchange with WeChat; less than half of tasks.lease.");
    binder.Field("wechat.idempotency_window", &wechat_window,
                 "How long WeChat takes one message per client_msg_id. 0s: it makes no such promise.");
    binder.Field("webhook.url", &webhook.url,
                 "Where the district's system takes messages; https, or http on loopback. Empty: there is none.");
    binder.Secret("webhook.secret_file", &webhook.secret, "File with the secret that webhooks are signed with.");
    binder.Field("webhook.timeout", &webhook.timeout,
                 "Longest exchange with the system; less than half of tasks.lease.");
    binder.Field("webhook.idempotency_window", &webhook_window,
                 "How long the system takes one message per webhook-id. 0s: it makes no such promise.");
    binder.Field("channels.ask_after", &pause_asked_after,
                 "A person is asked about a pause without end after so long, and again.");
    binder.Field("channels.longest_pause", &longest_pause, "Furthest that a channel may be paused in one go.");
    binder.Field("channels.desk_hall", &pause_desk_hall, "Hall whose people are asked about pauses.");
    binder.Field("letters.take", &letters_take,
                 "Business time after which a posted letter should be there, and a person asks whether it is.");
  }

  std::vector<std::string> Problems() const;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CONFIG_H_
