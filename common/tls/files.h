#ifndef XXT_COMMON_TLS_FILES_H_
#define XXT_COMMON_TLS_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace xxt::tls {

// Where a process finds who it is and whom it trusts, in PEM; and the trust
// domain that all certificates name (identity.h).
struct Files {
  std::string certificate;  // its own, then those between it and the CA
  std::string key;
  std::string ca;       // whom it trusts, one or more
  std::string crl_dir;  // certificates taken back, as `openssl rehash` names the lists; empty: none
  std::string trust_domain = "xixinting.internal";
  std::string name;  // whom its own certificate must name ("services/intake"); empty: anybody
};

// Whether a process can be known by them at `now`. Errors: INVALID_ARGUMENT,
// in both languages (status/errors.h), naming the file: it is not there or holds no PEM; the
// key is another certificate's; the certificate names another, has expired, is not
// yet valid, is of no CA in `ca`, or was taken back.
absl::Status Check(const Files& files, absl::Time now);

// When the certificates of a file end: the first of them, and the last.
struct Ends {
  absl::Time first;
  absl::Time last;
};
// Errors: those of Check for one file.
absl::StatusOr<Ends> EndsOf(const std::string& file);

// Whether the CRLs that `files` names, as they are now, take back none of the
// certificate `leaf` and those between it and the CA (PEM). Where an issuer has no
// list, none of its certificates is; a list that is late still counts.
// Errors: PERMISSION_DENIED.
absl::Status CheckNotRevoked(const Files& files, const std::string& leaf, const std::string& between);

}  // namespace xxt::tls

#endif  // XXT_COMMON_TLS_FILES_H_
