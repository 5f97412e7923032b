#include "services/s3/encryption/encryption.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/json_reader.h"
#include "protocol/utf8.h"
#include "s3/errors.h"
#include "services/s3/transfer/checksums.h"

namespace matinee::s3 {

namespace {

constexpr std::string_view sse_header = "x-amz-server-side-encryption";
constexpr std::size_t customer_key_bytes = 32;
constexpr std::size_t salt_bytes = 16;
constexpr std::string_view default_key_alias = "alias/aws/s3";
const std::string customer_key_requests =
    "Requests specifying Server Side Encryption with Customer provided keys";

InvalidArgument invalid(std::string message, std::string_view name, std::string value) {
  InvalidArgument error(std::move(message));
  error.details = {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::move(value)}};
  return error;
}

/// S3 names the header of encryption whichever of a customer key's headers is at fault.
template <class Error = InvalidArgument>
Error invalid_customer_key(std::string message) {
  Error error(std::move(message));
  error.details = {{"ArgumentName", std::string(sse_header)}};
  return error;
}

/// The key itself, once everything about its three headers is right.
std::string require_key(const CustomerKeyHeaders& headers) {
  const std::string& what = customer_key_requests;
  if (!headers.algorithm)
    throw invalid_customer_key(what + " must provide a valid encryption algorithm.");
  if (!headers.key) throw invalid_customer_key(what + " must provide an appropriate secret key.");
  if (!headers.md5)
    throw invalid_customer_key(what + " must provide the client calculated MD5 of the secret key.");
  if (*headers.algorithm != "AES256")
    throw invalid_customer_key<InvalidEncryptionAlgorithmError>(
        "The Encryption request you specified is not valid. Supported value: AES256.");
  std::optional<std::string> key = protocol::base64_decode(*headers.key);
  if (!key || key->size() != customer_key_bytes)
    throw invalid_customer_key("The secret key was invalid for the specified algorithm.");
  if (protocol::base64_decode(*headers.md5) != digest(Algorithm::md5, *key))
    throw invalid_customer_key(
        "The calculated MD5 hash of the key did not match the hash that was provided.");
  return std::move(*key);
}

std::string salted_hash(const EncryptionRecord& record, std::string_view key) {
  return digest(Algorithm::sha256, record.salt + std::string(key));
}

std::string new_salt(runtime::Random& random) {
  std::array<std::uint8_t, salt_bytes> bytes;
  random.fill(bytes);
  return {bytes.begin(), bytes.end()};
}

EncryptionRecord with_customer_key(const CustomerKeyHeaders& headers, runtime::Random& random) {
  const std::string key = require_key(headers);
  EncryptionRecord record{
      .kind = EncryptionKind::customer, .customer_key_md5 = *headers.md5, .salt = new_salt(random)};
  record.customer_key_hash = salted_hash(record, key);
  return record;
}

protocol::ServiceError no_such_key(std::string message) {
  return {"KMS.NotFoundException", 400, std::move(message)};
}

/// A UUID, also "mrk-" and 32 hexadecimal digits.
bool is_key_id(std::string_view id) {
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  if (id.starts_with("mrk-")) return id.size() == 36 && std::ranges::all_of(id.substr(4), is_hex);
  if (id.size() != 36) return false;
  for (std::size_t index = 0; index < id.size(); ++index) {
    const bool hyphen = index == 8 || index == 13 || index == 18 || index == 23;
    if (hyphen ? id[index] != '-' : !is_hex(id[index])) return false;
  }
  return true;
}

bool is_alias(std::string_view alias) {
  constexpr std::string_view prefix = "alias/";
  if (!alias.starts_with(prefix) || alias.size() == prefix.size() || alias.size() > 256)
    return false;
  return std::ranges::all_of(alias, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
           c == '_' || c == '-';
  });
}

/// Always the same key for the same alias of an account and region.
std::string key_of_alias(std::string_view scope, std::string_view alias) {
  const std::string hex =
      to_hex(digest(Algorithm::sha256, fmt::format("key of {} in {}", alias, scope)));
  return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     hex.substr(17, 3), hex.substr(20, 12));
}

/// Header values are text; the JSON in this one is an object with strings in it.
void check_context(const std::string& base64) {
  const std::optional<std::string> json = protocol::base64_decode(base64);
  bool good = json && protocol::is_utf8(*json);
  try {
    if (good) {
      const simdjson::padded_string padded(*json);
      simdjson::ondemand::parser parser;
      simdjson::ondemand::document document;
      protocol::json::check(parser.iterate(padded).get(document));
      protocol::json::Value value;
      protocol::json::check(document.get_value().get(value));
      std::string text;
      protocol::json::each_member(value, [&](protocol::json::Key, protocol::json::Value& member) {
        protocol::json::read_string(member, text);
      });
      const char* rest = nullptr;
      good = document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
    }
  } catch (const protocol::ServiceError&) {
    good = false;
  }
  if (!good)
    throw invalid(
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string "
        "holding JSON which represents a string-string map",
        "x-amz-server-side-encryption-context", base64);
}

std::optional<EncryptionKind> kms_kind(std::string_view algorithm) {
  if (algorithm == "aws:kms") return EncryptionKind::kms;
  if (algorithm == "aws:kms:dsse") return EncryptionKind::kms_dsse;
  return std::nullopt;
}

bool has_bucket_key(const ServerSideEncryptionRule* rule) {
  return rule && rule->bucket_key_enabled.value_or(false);
}

bool uses_bucket_key(EncryptionKind kind, const EncryptionHeaders& headers,
                     const EncryptionPlace& place) {
  return kind == EncryptionKind::kms && headers.bucket_key.value_or(has_bucket_key(place.rule));
}

/// SSE-KMS as the request's own headers have it.
std::optional<EncryptionRecord> with_requested_key(const EncryptionHeaders& headers,
                                                   const EncryptionPlace& place,
                                                   runtime::Random& random) {
  const std::optional<EncryptionKind> kind = kms_kind(headers.algorithm.value_or(""));
  if (!kind && (headers.kms_key || headers.kms_context))
    throw invalid(
        "Server Side Encryption with AWS KMS managed key requires HTTP header "
        "x-amz-server-side-encryption : aws:kms",
        sse_header, headers.algorithm.value_or("null"));
  if (!kind) return std::nullopt;
  if (headers.kms_context) check_context(*headers.kms_context);
  const bool bucket_key = uses_bucket_key(*kind, headers, place);
  return EncryptionRecord{.kind = *kind,
                          .kms_key = kms_key_arn(headers.kms_key, place, bucket_key),
                          .kms_context = headers.kms_context,
                          .bucket_key = bucket_key,
                          .salt = new_salt(random)};
}

/// SSE-KMS as the bucket's rule has it.
std::optional<EncryptionRecord> with_default_key(const EncryptionHeaders& headers,
                                                 const EncryptionPlace& place,
                                                 runtime::Random& random) {
  if (!place.rule || !place.rule->apply_server_side_encryption_by_default) return std::nullopt;
  const auto& by_default = *place.rule->apply_server_side_encryption_by_default;
  const std::optional<EncryptionKind> kind = kms_kind(by_default.sse_algorithm);
  if (!kind) return std::nullopt;
  const bool bucket_key = uses_bucket_key(*kind, headers, place);
  return EncryptionRecord{.kind = *kind,
                          .kms_key = kms_key_arn(by_default.kms_master_key_id, place, bucket_key),
                          .bucket_key = bucket_key,
                          .salt = new_salt(random)};
}

bool blocks_customer_keys(const ServerSideEncryptionRule* rule) {
  if (!rule || !rule->blocked_encryption_types) return false;
  const auto& types = rule->blocked_encryption_types->encryption_type;
  return types && std::ranges::find(*types, "SSE-C") != types->end();
}

}  // namespace

std::optional<EncryptionRecord> choose_encryption(const EncryptionHeaders& headers,
                                                  const EncryptionPlace& place,
                                                  runtime::Random& random) {
  const std::string algorithm = headers.algorithm.value_or("");
  if (headers.algorithm && algorithm != "AES256" && !kms_kind(algorithm))
    throw invalid("The encryption method specified is not supported", sse_header, algorithm);
  if (headers.customer.present()) {
    if (headers.algorithm)
      throw invalid(
          "Server Side Encryption with Customer provided key is incompatible with the encryption "
          "method specified",
          sse_header, algorithm);
    EncryptionRecord record = with_customer_key(headers.customer, random);
    if (blocks_customer_keys(place.rule)) throw AccessDenied("Access Denied");
    return record;
  }
  if (auto record = with_requested_key(headers, place, random)) return record;
  if (headers.algorithm) return std::nullopt;
  return with_default_key(headers, place, random);
}

void check_customer_key(const std::optional<EncryptionRecord>& stored,
                        const CustomerKeyHeaders& headers) {
  const bool needed = stored && stored->kind == EncryptionKind::customer;
  if (!headers.present()) {
    if (!needed) return;
    throw InvalidRequest(
        "The object was stored using a form of Server Side Encryption. The correct parameters must "
        "be provided to retrieve the object.");
  }
  const std::string key = require_key(headers);
  if (!needed) throw InvalidRequest("The encryption parameters are not applicable to this object.");
  if (salted_hash(*stored, key) != stored->customer_key_hash)
    throw AccessDenied(customer_key_requests + " must provide the correct secret key.");
}

void check_part_key(const std::optional<EncryptionRecord>& upload,
                    const CustomerKeyHeaders& headers) {
  const bool needed = upload && upload->kind == EncryptionKind::customer;
  if (!headers.present()) {
    if (!needed) return;
    throw InvalidRequest(
        "The multipart upload initiate requested encryption. Subsequent part requests must include "
        "the appropriate encryption parameters.");
  }
  const std::string key = require_key(headers);
  if (!needed)
    throw InvalidRequest(
        "The multipart upload initiate did not request encryption. Please resend the request "
        "without sending encryption parameters.");
  if (salted_hash(*upload, key) != upload->customer_key_hash)
    throw InvalidRequest(
        "The provided encryption parameters did not match the ones used originally.");
}

void refuse_encryption_of_reads(const protocol::Headers& headers) {
  if (const auto value = headers.find(sse_header))
    throw invalid(fmt::format("{} header is not supported for this operation.", sse_header),
                  sse_header, std::string(*value));
}

void check_kms_reader(const std::optional<EncryptionRecord>& stored, bool anonymous) {
  if (!anonymous || !stored || stored->kind == EncryptionKind::customer) return;
  throw invalid(
      "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature "
      "Version 4.",
      "Authorization", "null");
}

std::string entity_digest(const std::string& md5, const std::optional<EncryptionRecord>& stored) {
  return stored ? digest(Algorithm::md5, stored->salt + md5) : md5;
}

std::string kms_key_arn(const std::optional<std::string>& key, const EncryptionPlace& place,
                        bool bucket_key) {
  std::string_view id = key ? std::string_view(*key) : default_key_alias;
  std::string scope = fmt::format("{}:{}", place.region, place.account);
  constexpr std::string_view arn = "arn:aws:kms:";
  if (id.starts_with(arn)) {
    const std::string_view rest = id.substr(arn.size());
    const std::size_t region_end = rest.find(':');
    const std::size_t account_end = rest.find(':', region_end + 1);
    if (region_end == std::string_view::npos || account_end == std::string_view::npos)
      throw no_such_key(fmt::format("Invalid arn {}", id));
    const std::string_view region = rest.substr(0, region_end);
    if (region != place.region) throw no_such_key(fmt::format("Invalid arn {}", region));
    scope = rest.substr(0, account_end);
    id = rest.substr(account_end + 1);
    if (id.starts_with("key/"))
      id.remove_prefix(4);
    else if (!is_alias(id))
      throw no_such_key(fmt::format("Invalid keyId {}", *key));
  }
  if (!is_alias(id) && !is_key_id(id)) throw no_such_key(fmt::format("Invalid keyId {}", *key));
  if (place.find_key)
    return place.find_key(key ? *key : std::string(default_key_alias), bucket_key);
  if (is_alias(id)) return fmt::format("{}{}:key/{}", arn, scope, key_of_alias(scope, id));
  return fmt::format("{}{}:key/{}", arn, scope, id);
}

std::optional<std::string> name_of(const std::optional<EncryptionRecord>& stored) {
  if (!stored) return "AES256";
  switch (stored->kind) {
    case EncryptionKind::kms:
      return "aws:kms";
    case EncryptionKind::kms_dsse:
      return "aws:kms:dsse";
    default:
      return std::nullopt;
  }
}

}  // namespace matinee::s3
