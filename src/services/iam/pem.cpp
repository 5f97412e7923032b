#include "services/iam/pem.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

#include "protocol/base64.h"

namespace matinee::iam {

namespace {

template <auto release>
struct Release {
  void operator()(auto* held) const { release(held); }
};
using Input = std::unique_ptr<BIO, Release<BIO_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;

constexpr std::string_view rsa_kind = "ssh-rsa";

Input open(std::string_view text) {
  return Input(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Nobody is asked for the password of an encrypted key.
int no_password(char*, int, int, void*) {
  return 0;
}

std::string der_of(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int length = i2d_PUBKEY(key, &bytes);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

runtime::Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  using namespace std::chrono;
  const sys_days day = year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon + 1)) /
                       static_cast<unsigned>(parts.tm_mday);
  return runtime::Time(day.time_since_epoch() + hours(parts.tm_hour) + minutes(parts.tm_min) +
                       seconds(parts.tm_sec));
}

void append_block(std::string& out, std::string_view bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift);
  out += bytes;
}

/// A number as SSH writes it: a zero in front where it would look negative.
std::string bytes_of(const BIGNUM* number) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  if (!bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0)
    bytes.insert(bytes.begin(), '\0');
  return bytes;
}

/// Takes a block off the front; nothing where there is none.
std::optional<std::string_view> take_block(std::string_view& in) {
  constexpr std::size_t length_bytes = 4;
  if (in.size() < length_bytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    length = length << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(length_bytes);
  if (in.size() < length) return std::nullopt;
  const std::string_view block = in.substr(0, length);
  in.remove_prefix(length);
  return block;
}

struct RsaParts {
  std::string_view exponent;
  std::string_view modulus;
};

/// Of the bytes behind "ssh-rsa".
std::optional<RsaParts> take_apart(std::string_view bytes) {
  constexpr std::size_t least_bytes = 128;  // 1024 bits
  const auto kind = take_block(bytes);
  const auto exponent = take_block(bytes);
  const auto modulus = take_block(bytes);
  if (!kind || *kind != rsa_kind || !exponent || !modulus || !bytes.empty() ||
      modulus->size() < least_bytes)
    return std::nullopt;
  return RsaParts{*exponent, *modulus};
}

/// The base64 of "ssh-rsa BASE64 comment".
std::string_view middle_of(std::string_view text) {
  const std::size_t start = text.find(' ');
  if (start == std::string_view::npos) return {};
  const std::string_view rest = text.substr(start + 1);
  return rest.substr(0, rest.find_first_of(" \t\r\n"));
}

std::optional<std::string> from_pem(std::string_view text) {
  const Input input = open(text);
  const Key key(PEM_read_bio_PUBKEY(input.get(), nullptr, no_password, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
  BIGNUM* n = nullptr;
  BIGNUM* e = nullptr;
  EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_N, &n);
  EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_E, &e);
  const Number modulus(n);
  const Number exponent(e);
  std::string bytes;
  append_block(bytes, rsa_kind);
  append_block(bytes, bytes_of(exponent.get()));
  append_block(bytes, bytes_of(modulus.get()));
  return fmt::format("{} {}", rsa_kind, protocol::base64_encode(bytes));
}

}  // namespace

std::optional<CertificateFacts> read_certificate(std::string_view pem) {
  const Input input = open(pem);
  const Certificate certificate(PEM_read_bio_X509(input.get(), nullptr, no_password, nullptr));
  if (!certificate) return std::nullopt;
  return CertificateFacts{.expires = time_of(X509_get0_notAfter(certificate.get())),
                          .public_key = der_of(X509_get0_pubkey(certificate.get()))};
}

std::optional<std::size_t> count_certificates(std::string_view pem) {
  const Input input = open(pem);
  std::size_t count = 0;
  while (const Certificate each{PEM_read_bio_X509(input.get(), nullptr, no_password, nullptr)})
    ++count;
  if (count == 0) return std::nullopt;
  return count;
}

std::optional<std::string> public_key_of(std::string_view private_pem) {
  const Input input = open(private_pem);
  const Key key(PEM_read_bio_PrivateKey(input.get(), nullptr, no_password, nullptr));
  if (!key) return std::nullopt;
  return der_of(key.get());
}

bool is_private_key(std::string_view pem) {
  return public_key_of(pem).has_value();
}

std::optional<std::string> to_ssh_key(std::string_view text) {
  if (text.starts_with("-----BEGIN")) return from_pem(text);
  if (!text.starts_with(rsa_kind)) return std::nullopt;
  const auto bytes = protocol::base64_decode(std::string(middle_of(text)));
  if (!bytes || !take_apart(*bytes)) return std::nullopt;
  return std::string(text);
}

std::string ssh_key_to_pem(std::string_view ssh_key) {
  const auto bytes = protocol::base64_decode(std::string(middle_of(ssh_key)));
  const auto parts = bytes ? take_apart(*bytes) : std::nullopt;
  if (!parts) return {};
  const auto number_of = [](std::string_view big_endian) {
    return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(big_endian.data()),
                            static_cast<int>(big_endian.size()), nullptr));
  };
  const Number modulus = number_of(parts->modulus);
  const Number exponent = number_of(parts->exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
  const Key key(made);
  const Input output(BIO_new(BIO_s_mem()));
  if (!key || PEM_write_bio_PUBKEY(output.get(), key.get()) != 1) return {};
  char* text = nullptr;
  const long length = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

std::string ssh_fingerprint(std::string_view ssh_key) {
  const std::string bytes =
      protocol::base64_decode(std::string(middle_of(ssh_key))).value_or(std::string());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr);
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + length, ":"));
}

}  // namespace matinee::iam
