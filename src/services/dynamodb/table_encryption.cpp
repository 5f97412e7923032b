#include "services/dynamodb/table_encryption.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "runtime/assertion.h"
#include "services/arn.h"

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

}  // namespace

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
