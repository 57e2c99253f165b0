#include "common/tls/files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/files/read.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tls/identity.h"
#include "common/tls/openssl.h"

namespace xxt::tls {
namespace {

absl::Status Unfit(const std::string& file, absl::string_view zh, absl::string_view en) {
  ERR_clear_error();
  return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, absl::StrCat(file, "：", zh),
                                 absl::StrCat(file, ": ", en));
}

Owned<BIO> Over(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<std::string> Read(const std::string& file) {
  absl::StatusOr<std::string> text = files::Read(file);
  if (!text.ok()) return Unfit(file, "读不了这个文件", "cannot be read");
  return text;
}

// All certificates of a text, in its order; none if it is no PEM.
OwnedCertificates Parse(const std::string& pem) {
  OwnedCertificates certificates(sk_X509_new_null());
  const Owned<BIO> bio = Over(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    sk_X509_push(certificates.get(), certificate);
  }
  ERR_clear_error();  // that the text ended
  return certificates;
}

absl::StatusOr<OwnedCertificates> ReadCertificates(const std::string& file) {
  XXT_ASSIGN_OR_RETURN(const std::string pem, Read(file));
  OwnedCertificates certificates = Parse(pem);
  if (sk_X509_num(certificates.get()) == 0) return Unfit(file, "里面没有证书（PEM）", "holds no certificate (PEM)");
  return certificates;
}

absl::Time EndOf(const X509& certificate) {
  std::tm end{};
  ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end);
  return absl::FromTimeT(timegm(&end));
}

absl::Status CheckKey(const Files& files, X509& leaf) {
  XXT_ASSIGN_OR_RETURN(const std::string pem, Read(files.key));
  const Owned<BIO> bio = Over(pem);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return Unfit(files.key, "里面没有私钥（PEM）", "holds no private key (PEM)");
  if (X509_check_private_key(&leaf, key.get()) != 1) {
    return Unfit(files.key, absl::StrCat("私钥与证书 ", files.certificate, " 不是一对；证书和私钥须一起更换"),
                 absl::StrCat("is the key of another certificate than ", files.certificate,
                              "; certificate and key are exchanged together"));
  }
  return absl::OkStatus();
}

// The URIs that a certificate names.
std::vector<std::string> UrisOf(const X509& certificate) {
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> uris;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
    if (name.type != GEN_URI) continue;
    const ASN1_IA5STRING& uri = *name.d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(&uri)),
                      static_cast<std::size_t>(ASN1_STRING_length(&uri)));
  }
  return uris;
}

// Peers would refuse each call of who has another's; it is better said here.
absl::Status CheckName(const Files& files, const X509& leaf) {
  const std::string own = SpiffeId(files.trust_domain, files.name);
  if (files.name.empty() || UrisOf(leaf) == std::vector<std::string>{own}) return absl::OkStatus();
  return Unfit(files.certificate, absl::StrCat("不是 ", own, " 的证书"), absl::StrCat("is no certificate of ", own));
}

// Nobody who has no list takes anything back; and what a list took back stays so
// when the next one is late.
int OverlookLists(int ok, X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  if (ok == 1 || (error != X509_V_ERR_UNABLE_TO_GET_CRL && error != X509_V_ERR_CRL_HAS_EXPIRED)) return ok;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

// Made anew each time: a store reads a list once, and would miss the next one.
absl::StatusOr<Owned<X509_STORE>> StoreOf(const Files& files) {
  XXT_ASSIGN_OR_RETURN(const OwnedCertificates trusted, ReadCertificates(files.ca));
  Owned<X509_STORE> store(X509_STORE_new());
  for (int i = 0; i < sk_X509_num(trusted.get()); ++i)
    X509_STORE_add_cert(store.get(), sk_X509_value(trusted.get(), i));
  if (!files.crl_dir.empty()) {
    X509_STORE_load_path(store.get(), files.crl_dir.c_str());
    X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_set_verify_cb(store.get(), OverlookLists);
  }
  return store;
}

// X509_V_OK, or why `leaf` is of no CA of `store`, or not at `now`.
int Verify(X509_STORE& store, X509& leaf, STACK_OF(X509) & between, absl::Time now) {
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), &store, &leaf, &between) != 1) {
    return X509_V_ERR_OUT_OF_MEM;
  }
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  const bool verified = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return verified ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

}  // namespace

absl::Status Check(const Files& files, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const OwnedCertificates own, ReadCertificates(files.certificate));
  X509& leaf = *sk_X509_value(own.get(), 0);
  XXT_RETURN_IF_ERROR(CheckKey(files, leaf));
  XXT_RETURN_IF_ERROR(CheckName(files, leaf));
  XXT_ASSIGN_OR_RETURN(const Owned<X509_STORE> store, StoreOf(files));
  switch (const int error = Verify(*store, leaf, *own, now)) {
    case X509_V_OK:
      return absl::OkStatus();
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Unfit(files.certificate, "证书已过期，请换新证书", "has expired; exchange it");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Unfit(files.certificate, "证书尚未生效；请核对本机时钟", "is not yet valid; look at this machine's clock");
    case X509_V_ERR_CERT_REVOKED:
      return Unfit(files.certificate, "证书已被吊销，请换新证书", "was taken back; exchange it");
    default:
      return Unfit(files.certificate, absl::StrCat("证书不是 ", files.ca, " 中的机构签发的"),
                   absl::StrCat("is of no CA in ", files.ca, ": ", X509_verify_cert_error_string(error)));
  }
}

absl::StatusOr<Ends> EndsOf(const std::string& file) {
  XXT_ASSIGN_OR_RETURN(const OwnedCertificates certificates, ReadCertificates(file));
  Ends ends{absl::InfiniteFuture(), absl::InfinitePast()};
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
    const absl::Time end = EndOf(*sk_X509_value(certificates.get(), i));
    ends = {std::min(ends.first, end), std::max(ends.last, end)};
  }
  return ends;
}

absl::Status CheckNotRevoked(const Files& files, const std::string& leaf, const std::string& between) {
  if (files.crl_dir.empty()) return absl::OkStatus();
  const OwnedCertificates peer = Parse(leaf);
  if (sk_X509_num(peer.get()) == 0) return absl::PermissionDeniedError("no certificate");
  const absl::StatusOr<Owned<X509_STORE>> store = StoreOf(files);
  if (!store.ok()) return absl::PermissionDeniedError(store.status().message());
  const OwnedCertificates chain = Parse(between);
  const int error = Verify(**store, *sk_X509_value(peer.get(), 0), *chain, absl::Now());
  if (error == X509_V_OK) return absl::OkStatus();
  return absl::PermissionDeniedError(X509_verify_cert_error_string(error));
}

}  // namespace xxt::tls
