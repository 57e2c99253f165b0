#include "common/testing/certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace xxt::test {
namespace {

constexpr long kVersion3 = 2;

template <typename T>
T* Made(T* made) {
  if (made == nullptr) std::abort();
  return made;
}

// What `write` puts into a BIO.
template <typename Write>
std::string Pem(Write write) {
  const tls::Owned<BIO> bio(Made(BIO_new(BIO_s_mem())));
  if (write(bio.get()) != 1) std::abort();
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string PemOf(X509* certificate) {
  return Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

tls::Owned<EVP_PKEY> NewKey() { return tls::Owned<EVP_PKEY>(Made(EVP_EC_gen("P-256"))); }

// As of now, without extensions and signature.
tls::Owned<X509> Draft(const std::string& name, long serial, EVP_PKEY* key, absl::Duration since,
                       absl::Duration lasts) {
  tls::Owned<X509> made(Made(X509_new()));
  X509_set_version(made.get(), kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), static_cast<long>(-absl::ToInt64Seconds(since)));
  X509_gmtime_adj(X509_getm_notAfter(made.get()), static_cast<long>(absl::ToInt64Seconds(lasts)));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

void Extend(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = Made(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (X509_sign(certificate, key, EVP_sha256()) == 0) std::abort();
}

void Write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

CertificateAuthority::CertificateAuthority(absl::Duration lasts) : key_(NewKey()) {
  // Each has a name of its own, by which its lists are found.
  static int made = 0;
  own_ = Draft(absl::StrCat("test CA ", ++made), 1, key_.get(), absl::Hours(2), lasts);
  Extend(own_.get(), NID_basic_constraints, "critical,CA:TRUE");
  Extend(own_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  Sign(own_.get(), own_.get(), key_.get());
  pem_ = PemOf(own_.get());
}

Leaf CertificateAuthority::Issue(const LeafOptions& options) {
  const tls::Owned<EVP_PKEY> key = NewKey();
  const long serial = ++last_serial_;
  const tls::Owned<X509> leaf = Draft(options.name, serial, key.get(), options.since, options.lasts);
  Extend(leaf.get(), NID_basic_constraints, "critical,CA:FALSE");
  Extend(leaf.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  Extend(leaf.get(), NID_subject_alt_name,
         absl::StrCat("URI:spiffe://", options.trust_domain, "/", options.name, ",", options.hosts));
  Sign(leaf.get(), own_.get(), key_.get());
  return {PemOf(leaf.get()), Pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          serial};
}

void CertificateAuthority::Revoke(const Leaf& leaf, const std::string& dir, absl::Duration next) const {
  const tls::Owned<X509_CRL> crl(Made(X509_CRL_new()));
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(own_.get()));
  ASN1_TIME* const time = Made(ASN1_TIME_set(nullptr, absl::ToTimeT(absl::Now() - absl::Hours(1))));
  X509_CRL_set1_lastUpdate(crl.get(), time);
  X509_REVOKED* const revoked = Made(X509_REVOKED_new());
  ASN1_INTEGER* const serial = Made(ASN1_INTEGER_new());
  ASN1_INTEGER_set(serial, leaf.serial);
  X509_REVOKED_set_serialNumber(revoked, serial);
  X509_REVOKED_set_revocationDate(revoked, time);
  X509_CRL_add0_revoked(crl.get(), revoked);
  ASN1_TIME_set(time, absl::ToTimeT(absl::Now() + next));
  X509_CRL_set1_nextUpdate(crl.get(), time);
  ASN1_INTEGER_free(serial);
  ASN1_TIME_free(time);
  if (X509_CRL_sign(crl.get(), key_.get(), EVP_sha256()) == 0) std::abort();
  const unsigned long hash = X509_NAME_hash_ex(X509_get_subject_name(own_.get()), nullptr, nullptr, nullptr);
  std::filesystem::create_directories(dir);
  Write(std::filesystem::path(dir) / absl::StrFormat("%08x.r0", hash),
        Pem([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, crl.get()); }));
}

tls::Files Install(const Leaf& leaf, const std::string& ca, const std::string& dir) {
  // As the kubelet does: a link is moved from one folder to the next.
  static int made = 0;
  const std::filesystem::path root(dir);
  const std::filesystem::path version = root / absl::StrCat("version-", ++made);
  std::filesystem::create_directories(version);
  Write(version / "tls.crt", leaf.certificate);
  Write(version / "tls.key", leaf.key);
  Write(version / "ca.crt", ca);
  std::filesystem::create_directory_symlink(version, root / "next");
  std::filesystem::rename(root / "next", root / "now");
  tls::Files files;
  files.certificate = (root / "now" / "tls.crt").string();
  files.key = (root / "now" / "tls.key").string();
  files.ca = (root / "now" / "ca.crt").string();
  return files;
}

}  // namespace xxt::test
