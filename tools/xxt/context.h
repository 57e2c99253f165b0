#ifndef XXT_TOOLS_XXT_CONTEXT_H_
#define XXT_TOOLS_XXT_CONTEXT_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/token.h"
#include "common/tls/files.h"

namespace xxt::cli {

// Begins an --as that names a file with a token, not a person.
constexpr char kTokenFile = '@';

// Somebody one may act as in development.
struct Person {
  std::string name;  // "staff/wang"
  std::string display_name;
  std::string hall;
  std::vector<std::string> roles;
};

// The people of the seeded world, and the file in which a context finds them.
std::vector<Person> SeededPeople();
std::string PeopleFile();

// Where the services are and as whom to speak to them.
class Context {
 public:
  // Reads the YAML file: endpoints {intake, referral, notification: HOST:PORT},
  // keys_dir, sims {phone, archive, mail: URL}, and, optionally, metrics
  // {intake, referral, notification: URL} and tls {certificate_file, key_file,
  // ca_file, crl_dir, trust_domain}, all as services have them. Without tls, a
  // test build speaks plaintext to this machine.
  // Errors: NOT_FOUND; INVALID_ARGUMENT naming the key.
  static absl::StatusOr<Context> Load(const std::string& path);

  // HOST:PORT of a service. Errors: INVALID_ARGUMENT if the file has none.
  absl::StatusOr<std::string> Endpoint(const std::string& service) const;
  const std::map<std::string, std::string>& sims() const { return sims_; }
  const std::map<std::string, std::string>& metrics() const { return metrics_; }
  const std::string& keys_dir() const { return keys_dir_; }
  // Who this program is when it acts as `name`; none: plaintext. A service's token
  // is accepted from that service alone: its certificate stands beside the own one,
  // intake.crt and intake.key, where there is one.
  std::optional<tls::Files> TlsFor(const std::string& name) const;

  // Errors: NOT_FOUND if nobody of keys_dir/people.yaml is called so.
  absl::StatusOr<Person> FindPerson(const std::string& name) const;

  // A token of `name`, signed with keys_dir/staff-dev.jwk; one of "services/intake"
  // in the role of a service, with its own key there. "@FILE" is whoever the token
  // in FILE is of, which an identity provider gave.
  absl::StatusOr<std::string> Token(const std::string& name) const;

  // How services call who acts as `name`: the subject of "@FILE", else `name`.
  absl::StatusOr<std::string> CallerOf(const std::string& name) const;

 private:
  Context() = default;

  std::string file_;
  std::map<std::string, std::string> endpoints_;
  std::map<std::string, std::string> sims_;
  std::map<std::string, std::string> metrics_;
  std::string keys_dir_;
  std::optional<tls::Files> tls_;
  mutable std::map<std::string, std::unique_ptr<identity::Signer>> signers_;
  mutable std::map<std::string, Person> people_;
};

// Writes the key pairs of a development instance, their public halves as
// jwks.json, and people.yaml into `directory`; private files are mode 0600.
// Errors: ALREADY_EXISTS if there are keys; INTERNAL if a file does not write.
absl::Status MakeKeys(const std::string& directory);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_CONTEXT_H_
