// Signatures of JSON web tokens, and the keys of those who make them.
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <simdjson.h>

#include <memory>

#include "services/sts/base64url.h"
#include "services/sts/web_identity.h"

namespace matinee::sts {

namespace {

using simdjson::dom::object;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* held) const { release(held); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM, OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG, ECDSA_SIG_free>>;

/// How a token is signed, by the name in its header.
struct Algorithm {
  std::string_view name;
  const EVP_MD* (*digest)();
  std::string_view curve;      // as OpenSSL calls it; empty for RSA
  std::string_view web_curve;  // as keys call it
  std::size_t half = 0;        // bytes of each number of a signature on the curve
};

constexpr Algorithm algorithms[] = {
    {.name = "RS256", .digest = EVP_sha256, .curve = "", .web_curve = ""},
    {.name = "RS384", .digest = EVP_sha384, .curve = "", .web_curve = ""},
    {.name = "RS512", .digest = EVP_sha512, .curve = "", .web_curve = ""},
    {.name = "ES256", .digest = EVP_sha256, .curve = "P-256", .web_curve = "P-256", .half = 32},
    {.name = "ES384", .digest = EVP_sha384, .curve = "P-384", .web_curve = "P-384", .half = 48},
    {.name = "ES512", .digest = EVP_sha512, .curve = "P-521", .web_curve = "P-521", .half = 66}};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string text_of(const object& members, std::string_view name) {
  std::string_view text;
  return members[name].get(text) ? std::string() : std::string(text);
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) <= 0)
    return nullptr;
  return Key(key);
}

/// Null for a key that is no RSA key.
Key read_rsa(const object& members) {
  const auto modulus = decode_base64url(text_of(members, "n"));
  const auto exponent = decode_base64url(text_of(members, "e"));
  if (text_of(members, "kty") != "RSA" || !modulus || !exponent) return nullptr;
  const Number n = number_of(*modulus);
  const Number e = number_of(*exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return make_key("RSA", builder.get());
}

/// Null for a key that is none of that curve.
Key read_curve(const object& members, const Algorithm& algorithm) {
  auto x = decode_base64url(text_of(members, "x"));
  auto y = decode_base64url(text_of(members, "y"));
  if (text_of(members, "kty") != "EC" || text_of(members, "crv") != algorithm.web_curve || !x ||
      !y || x->size() > algorithm.half || y->size() > algorithm.half)
    return nullptr;
  x->insert(0, algorithm.half - x->size(), '\0');
  y->insert(0, algorithm.half - y->size(), '\0');
  constexpr char uncompressed = 4;
  const std::string point = std::string(1, uncompressed) + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, algorithm.curve.data(),
                                  algorithm.curve.size());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return make_key("EC", builder.get());
}

/// A signature on a curve as OpenSSL reads it; empty where it has not the right length.
std::string to_der(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const Signature numbers(ECDSA_SIG_new());
  ECDSA_SIG_set0(numbers.get(), number_of(signature.substr(0, half)).release(),
                 number_of(signature.substr(half)).release());
  unsigned char* bytes = nullptr;
  const int length = i2d_ECDSA_SIG(numbers.get(), &bytes);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

bool verify(EVP_PKEY* key, const Algorithm& algorithm, std::string_view text,
            std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, algorithm.digest(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

/// A document of an issuer; nothing where it cannot be had.
runtime::Task<std::optional<std::string>> fetch(runtime::HttpClient& http, std::string url) {
  constexpr int success = 200;
  runtime::HttpCall call{.method = "GET",
                         .url = std::move(url),
                         .connect_timeout = std::chrono::seconds(2),
                         .total_timeout = std::chrono::seconds(5)};
  runtime::HttpResult result = co_await http.send(std::move(call));
  if (!result || result->status != success) co_return std::nullopt;
  co_return std::move(result->body);
}

/// "https://host/path", and for tests on this machine "http://127.0.0.1:port".
std::string with_scheme(const std::string& issuer) {
  return issuer.contains("://") ? issuer : "https://" + issuer;
}

}  // namespace

bool is_signed_by(std::string_view token, std::string_view key_set) {
  const std::size_t end_of_text = token.rfind('.');
  if (end_of_text == std::string_view::npos) return false;
  const auto header = decode_base64url(token.substr(0, token.find('.')));
  auto signature = decode_base64url(token.substr(end_of_text + 1));
  simdjson::dom::parser header_parser;
  simdjson::dom::parser keys_parser;
  object head;
  simdjson::dom::array keys;
  if (!header || !signature || header_parser.parse(*header).get(head) ||
      keys_parser.parse(simdjson::padded_string(key_set))["keys"].get(keys))
    return false;
  const auto algorithm = std::ranges::find(algorithms, text_of(head, "alg"), &Algorithm::name);
  if (algorithm == std::end(algorithms)) return false;
  if (algorithm->half > 0) *signature = to_der(*signature, algorithm->half);
  const std::string id = text_of(head, "kid");
  for (const auto each : keys) {
    object members;
    if (each.get(members) || (!id.empty() && text_of(members, "kid") != id)) continue;
    const Key key = algorithm->half > 0 ? read_curve(members, *algorithm) : read_rsa(members);
    if (key && verify(key.get(), *algorithm, token.substr(0, end_of_text), *signature)) return true;
  }
  return false;
}

runtime::Task<SignatureCheck> check_signature(runtime::HttpClient& http, std::string issuer,
                                              std::string token) {
  std::string base = with_scheme(issuer);
  if (base.ends_with('/')) base.pop_back();
  const auto discovery = co_await fetch(http, base + "/.well-known/openid-configuration");
  if (!discovery) co_return SignatureCheck::not_reached;
  std::string address;
  {
    simdjson::dom::parser parser;
    object members;
    if (!parser.parse(*discovery).get(members)) address = text_of(members, "jwks_uri");
  }
  // Nothing of this machine but its servers: no files.
  if (!address.starts_with("https://") && !address.starts_with("http://"))
    co_return SignatureCheck::not_reached;
  const auto keys = co_await fetch(http, address);
  if (!keys) co_return SignatureCheck::not_reached;
  co_return is_signed_by(token, *keys) ? SignatureCheck::good : SignatureCheck::bad;
}

}  // namespace matinee::sts
