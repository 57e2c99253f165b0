#ifndef XXT_TESTS_CONTRACT_REFERRAL_MAIL_SERVER_H_
#define XXT_TESTS_CONTRACT_REFERRAL_MAIL_SERVER_H_

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/referral/mail/mail_config.h"
#include "tests/contract/service_world.h"

namespace xxt::referral {

// The hall's, as in an instance of development.
inline constexpr char kMailbox[] = "window@hall.example";

inline std::string Run(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  std::size_t got = 0;
  while ((got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) out.append(buffer.data(), got);
  pclose(pipe);
  return out;
}

// tools/sim/mail_server.py with the accounts of the hall and of the body.
class MailServer {
 public:
  explicit MailServer(const std::string& dir)
      : dir_(dir), smtp_(contract::FreePort()), imap_(contract::FreePort()), http_(contract::FreePort()) {
    std::ofstream(dir + "/accounts") << kMailbox << ": pw1\narchive@crematorium.example: pw2\n";
    const std::array<std::string, 5> words = {std::to_string(smtp_), std::to_string(imap_), std::to_string(http_),
                                              dir + "/mail", dir + "/accounts"};
    pid_ = fork();  // other threads may run: nothing is allocated in the child
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      execl("/usr/bin/python3", "python3", XXT_SOURCE_DIR "/tools/sim/mail_server.py", "--smtp-port", words[0].c_str(),
            "--imap-port", words[1].c_str(), "--http-port", words[2].c_str(), "--dir", words[3].c_str(), "--accounts",
            words[4].c_str(), nullptr);
      _exit(127);
    }
    contract::Eventually([this] { return !Get("/control").empty(); });
  }
  ~MailServer() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  int smtp() const { return smtp_; }
  int imap() const { return imap_; }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", http_); }
  std::string Get(const std::string& path) const { return Run(absl::StrCat("curl -s '", url(), path, "'")); }
  std::string Post(const std::string& path, const std::string& json) const {
    std::ofstream(dir_ + "/request") << json;  // a shell's command line is too short for a scan
    return Run(absl::StrCat("curl -s -XPOST '", url(), path, "' -d '@", dir_, "/request'"));
  }
  void SetSmtp(const std::string& mode) const { Post("/control", absl::StrCat(R"({"smtp":")", mode, R"("})")); }
  void SetImap(const std::string& mode, int count) const {
    Post("/control", absl::StrCat(R"({"imap":")", mode, R"(","count":)", count, "}"));
  }
  // Exactly this mail, to the hall.
  void DeliverRaw(const std::string& mail) const {
    Post(absl::StrCat("/mailbox/", kMailbox), absl::StrCat(R"({"raw":")", absl::Base64Escape(mail), R"("})"));
  }
  // A mail to the hall from the archive.
  void Deliver(const std::string& subject, const std::string& text) const {
    Post(absl::StrCat("/mailbox/", kMailbox),
         absl::StrCat(R"({"from":"archive@crematorium.example","subject":")", subject, R"(","text":")", text,
                      R"(","charset":"gb18030"})"));
  }

 private:
  const std::string dir_;
  const int smtp_;
  const int imap_;
  const int http_;
  pid_t pid_ = 0;
};

// The hall's account there.
inline MailConfig ConfigOf(const MailServer& server) {
  MailConfig config;
  config.smtp_url = absl::StrCat("smtp://127.0.0.1:", server.smtp());
  config.imap_url = absl::StrCat("imap://127.0.0.1:", server.imap());
  config.require_tls = false;
  config.user = kMailbox;
  config.password = files::Secret("pw1");
  config.address = kMailbox;
  config.display_name = "悉心听窗口";
  config.poll_interval = absl::Milliseconds(100);
  return config;
}

}  // namespace xxt::referral

#endif  // XXT_TESTS_CONTRACT_REFERRAL_MAIL_SERVER_H_
