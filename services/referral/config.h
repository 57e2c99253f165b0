#ifndef XXT_SERVICES_REFERRAL_CONFIG_H_
#define XXT_SERVICES_REFERRAL_CONFIG_H_

#include <string>

#include "common/config/config.h"
#include "common/config/service_config.h"
#include "services/referral/app/settings.h"
#include "services/referral/peers/mail_config.h"

namespace xxt::referral {

// What xxt-referral reads from its YAML file; `xxt-referral --print-config`
// shows it.
struct Config {
  config::Service service;
  std::string intake_address = "127.0.0.1:50051";
  MailConfig mail;
  app::Settings settings;

  Config() {
    settings.signature.title = "西城区政务服务“悉心听”服务窗口";
    settings.message_id_domain = "xixinting.invalid";
    settings.desk_hall = "halls/110102";
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
    binder.Field("mail.timeout", &mail.timeout, "Longest exchange with the mail system; 1s to 25s.");
    binder.Field("mail.message_id_domain", &settings.message_id_domain, "Domain of the Message-IDs made here.");
    binder.Field("mail.signature", &settings.signature.title, "Who signs letters to bodies.");
    binder.Field("mail.signature_phone", &settings.signature.phone, "Telephone below the signature. Empty: none.");
    binder.Field("mail.desk_hall", &settings.desk_hall, "Hall whose people look at mail that matches no referral.");
  }
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CONFIG_H_
