#include "services/dynamodb/table_encryption.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "runtime/assertion.h"
#include "services/arn.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view own_alias = "alias/aws/dynamodb";

// Always the same key for the same alias of an account and region: a UUID made of their names.
std::string key_of_alias(std::string_view scope, std::string_view alias) {
  const std::string text = fmt::format("key of {} in {}", alias, scope);
  std::array<unsigned char, 32> digest{};
  const bool done = EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(),
                                 digest.data(), nullptr) == 1;
  runtime::expect(done, "OpenSSL has SHA-256");
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     hex.substr(17, 3), hex.substr(20, 12));
}

// As AWS words what KMS has answered.
std::string tell(const protocol::ServiceError& error, std::string_view type,
                 const services::Context& context) {
  return fmt::format(
      "com.amazonaws.services.kms.model.{}: {} (Service: AWSKMS; Status Code: {}; Error Code: {}; "
      "Request ID: {}; Proxy: null)",
      type, error.message(), error.status(), error.code(), context.request_id);
}

}  // namespace

std::string require_table_key(services::KeyService& keys, const services::Context& context,
                              const TableRecord& table) {
  try {
    return keys.require_key(context, {.key = table.sse_key_arn.value_or(std::string(own_alias)),
                                      .service = "dynamodb.amazonaws.com",
                                      .context = {{"aws:dynamodb:tableName", table.name},
                                                  {"aws:dynamodb:subscriberId", context.account}}});
  } catch (const protocol::ServiceError& error) {
    if (error.code() == "AccessDeniedException")
      throw protocol::ServiceError(
          "AccessDeniedException", 400,
          "KMS key access denied error: " + tell(error, "AWSKMSException", context));
    throw validation_error("KMS validation error: " + tell(error, error.code(), context));
  }
}

std::string sse_key_arn(const TableRecord& table) {
  std::string scope = fmt::format("{}:{}", table.region, table.account);
  std::string key = table.sse_key_arn.value_or(std::string(own_alias));
  if (const auto arn = services::parse_arn(key)) {
    scope = fmt::format("{}:{}", arn->region, arn->account);
    key = arn->resource.starts_with("key/") ? arn->resource.substr(4) : arn->resource;
  }
  if (key.starts_with("alias/")) key = key_of_alias(scope, key);
  return fmt::format("arn:aws:kms:{}:key/{}", scope, key);
}

}  // namespace matinee::dynamodb
