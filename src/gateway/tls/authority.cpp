#include "gateway/tls/authority.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "gateway/tls/names.h"

namespace matinee::gateway::tls {

namespace {

constexpr std::chrono::days lifetime_of_authority{3'650};
constexpr std::chrono::days lifetime_of_certificate{365};
/// Clocks of clients may be behind.
constexpr std::chrono::days earlier{1};
constexpr int serial_bits = 127;
constexpr long version_3 = 2;

[[noreturn]] void fail(std::string_view what) {
  char reason[256];
  ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
  throw std::runtime_error(fmt::format("OpenSSL cannot {}: {}", what, reason));
}

void require(bool done, std::string_view what) {
  if (!done) fail(what);
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::string text_of(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void set_serial(X509& certificate) {
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(BN_new(), BN_free);
  require(number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr,
          "make a serial number");
}

void set_validity(X509& certificate, runtime::Time now, std::chrono::days lifetime) {
  const std::int64_t seconds = runtime::to_seconds(now);
  const auto from = seconds - std::chrono::seconds(earlier).count();
  const auto to = seconds + std::chrono::seconds(lifetime).count();
  require(ASN1_TIME_set(X509_getm_notBefore(&certificate), from) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(&certificate), to) != nullptr,
          "set a time");
}

void set_name(X509& certificate, const std::string& name) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const auto add = [&](const char* field, const std::string& value) {
    require(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1,
            "set a name");
  };
  add("O", "Matinee");
  add("CN", name);
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "make an extension");
  const bool added = X509_add_ext(&certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  require(added, "add an extension");
}

/// Names and addresses of this machine and its network, and AWS's names.
std::string constraints() {
  std::string text = "critical";
  for (const std::string_view domain : domains) text += fmt::format(",permitted;DNS:{}", domain);
  for (const std::string_view range :
       {"127.0.0.0/255.0.0.0", "10.0.0.0/255.0.0.0", "172.16.0.0/255.240.0.0",
        "192.168.0.0/255.255.0.0", "0:0:0:0:0:0:0:1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    text += fmt::format(",permitted;IP:{}", range);
  return text;
}

Certificate make_certificate(const std::string& name, EVP_PKEY& key) {
  Certificate certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), version_3) == 1 &&
              X509_set_pubkey(certificate.get(), &key) == 1,
          "make a certificate");
  set_serial(*certificate);
  set_name(*certificate, name);
  return certificate;
}

constexpr std::string_view certificate_file = "authority.pem";
constexpr std::string_view key_file = "authority.key";

std::string directory_of(const std::string& data) {
  return data + "/tls";
}

}  // namespace

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  return key;
}

Authority Authority::make(runtime::Time now) {
  return make(now, constraints());
}

Authority Authority::make_for(std::span<const std::string> names, runtime::Time now) {
  std::string text = "critical";
  for (const std::string& name : names) text += fmt::format(",permitted;DNS:{}", name);
  return make(now, text);
}

Authority Authority::make(runtime::Time now, const std::string& constraints) {
  Key key = make_key();
  Certificate certificate = make_certificate("Matinee local authority", *key);
  set_validity(*certificate, now, lifetime_of_authority);
  X509& self = *certificate;
  require(X509_set_issuer_name(&self, X509_get_subject_name(&self)) == 1, "set an issuer");
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  add_extension(self, self, NID_name_constraints, constraints);
  require(X509_sign(&self, key.get(), EVP_sha256()) > 0, "sign a certificate");
  return Authority(std::move(certificate), std::move(key));
}

std::expected<Authority, std::string> Authority::read(const std::string& certificate,
                                                      const std::string& key) {
  const Bio from(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
  const Bio key_from(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  Certificate read_certificate(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
  if (!read_certificate) return std::unexpected("the certificate cannot be read");
  Key read_key(PEM_read_bio_PrivateKey(key_from.get(), nullptr, nullptr, nullptr));
  if (!read_key) return std::unexpected("the key cannot be read");
  if (X509_check_private_key(read_certificate.get(), read_key.get()) != 1)
    return std::unexpected("the key is not that of the certificate");
  return Authority(std::move(read_certificate), std::move(read_key));
}

std::string Authority::certificate_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509(bio.get(), certificate_.get()) == 1, "write a certificate");
  return text_of(*bio);
}

std::string Authority::key_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr) == 1,
          "write a key");
  return text_of(*bio);
}

Certificate Authority::issue(std::span<const std::string> names, EVP_PKEY& key,
                             runtime::Time now) const {
  const std::string& first = names.front();
  // A common name has at most 64 letters; what counts is the list of names.
  const std::string name = first.substr(first.find(':') + 1);
  Certificate certificate = make_certificate(name.size() <= 64 ? name : "Matinee", key);
  set_validity(*certificate, now, lifetime_of_certificate);
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get())) == 1,
          "set an issuer");
  add_extension(*certificate, *certificate_, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*certificate, *certificate_, NID_key_usage, "critical,digitalSignature");
  add_extension(*certificate, *certificate_, NID_ext_key_usage, "serverAuth");
  add_extension(*certificate, *certificate_, NID_authority_key_identifier, "keyid");
  std::string list;
  for (const std::string& each : names) list += (list.empty() ? "" : ",") + each;
  add_extension(*certificate, *certificate_, NID_subject_alt_name, list);
  require(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0, "sign a certificate");
  return certificate;
}

std::string certificate_path(const std::string& directory) {
  return fmt::format("{}/{}", directory_of(directory), certificate_file);
}

std::expected<Authority, std::string> open_authority(runtime::Disk& disk,
                                                     const std::string& directory,
                                                     runtime::Time now) {
  const std::string certificate_at = certificate_path(directory);
  const std::string key_at = fmt::format("{}/{}", directory_of(directory), key_file);
  if (disk.exists(certificate_at) && disk.exists(key_at)) {
    const auto certificate = disk.read(certificate_at);
    if (!certificate) return std::unexpected(certificate.error().message);
    const auto key = disk.read(key_at);
    if (!key) return std::unexpected(key.error().message);
    auto authority = Authority::read(*certificate, *key);
    if (!authority)
      return std::unexpected(
          fmt::format("{} in {}; remove that directory, and a new authority is made",
                      authority.error(), directory_of(directory)));
    return authority;
  }
  Authority authority = Authority::make(now);
  if (auto made = disk.create_private_directories(directory_of(directory)); !made)
    return std::unexpected(made.error().message);
  // The key first: a certificate without its key would be trusted for nothing.
  if (auto written = disk.write_atomically(key_at, authority.key_pem()); !written)
    return std::unexpected(written.error().message);
  if (auto written = disk.write_atomically(certificate_at, authority.certificate_pem()); !written)
    return std::unexpected(written.error().message);
  return authority;
}

}  // namespace matinee::gateway::tls
