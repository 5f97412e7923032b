#include "services/sts/requests.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>

#include "protocol/base64.h"
#include "protocol/sigv4.h"
#include "services/arn.h"

namespace matinee::sts {

namespace {

using simdjson::dom::object;

constexpr std::size_t packed_bytes = 2'048;

/// AROA and letters that follow from the ARN.
std::string role_id(std::string_view arn) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t letters = 17;
  const protocol::sigv4::Digest digest = protocol::sigv4::sha256(arn);
  std::string id = "AROA";
  for (std::size_t i = 0; i < letters; ++i) id += alphabet[digest[i] % alphabet.size()];
  return id;
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// IAM's rule for names of roles.
bool is_role_name(std::string_view name) {
  constexpr std::string_view others = "_+=,.@-";
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.contains(c);
  });
}

[[noreturn]] void refuse_token() {
  throw InvalidIdentityTokenException(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access "
      "Token)");
}

/// base64url, without padding, as in JSON web tokens.
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return protocol::base64_decode(plain);
}

std::string require_claim(const object& claims, std::string_view name) {
  std::string_view text;
  if (claims[name].get(text) || text.empty())
    throw InvalidIdentityTokenException(fmt::format("Missing a required claim: {}", name));
  return std::string(text);
}

std::string require_audience(const object& claims) {
  simdjson::dom::array several;
  std::string_view first;
  if (!claims["aud"].get(several) && several.size() > 0 && !several.at(0).get(first))
    return std::string(first);
  return require_claim(claims, "aud");
}

void require_not_expired(const object& claims, runtime::Time now) {
  double expiry = 0;
  if (claims["exp"].get(expiry))
    throw InvalidIdentityTokenException("Missing a required claim: exp");
  const std::int64_t seconds = runtime::to_seconds(now);
  if (static_cast<double>(seconds) >= expiry)
    throw ExpiredTokenException(
        fmt::format("Token expired: current date/time {} must be before the expiration date/time "
                    "{:.0f}",
                    seconds, expiry));
}

}  // namespace

std::optional<Role> parse_role(const std::string& arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  constexpr std::string_view kind = "role/";
  if (!parts || parts->service != "iam" || !parts->region.empty() || !is_account(parts->account) ||
      !parts->resource.starts_with(kind))
    return std::nullopt;
  const std::string name = parts->resource.substr(parts->resource.rfind('/') + 1);
  if (!is_role_name(name)) return std::nullopt;
  return Role{.arn = arn,
              .partition = parts->partition,
              .account = parts->account,
              .name = name,
              .id = role_id(arn)};
}

void require_distinct_keys(const std::vector<Tag>& tags) {
  std::vector<std::string> keys;
  for (const Tag& tag : tags) {
    std::string& key = keys.emplace_back(tag.key);
    std::ranges::transform(key, key.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  std::ranges::sort(keys);
  if (std::ranges::adjacent_find(keys) != keys.end())
    throw InvalidParameterValueException(
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
}

void require_device(const std::optional<std::string>& serial_number,
                    const std::optional<std::string>& code) {
  if (serial_number.has_value() != code.has_value())
    throw AccessDenied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass "
        "code.");
}

void require_json_policy(const std::string& policy) {
  simdjson::dom::parser parser;
  object members;
  if (parser.parse(policy).get(members))
    throw MalformedPolicyDocumentException("The policy is not in the valid JSON format.");
}

std::optional<std::int32_t> packed_size(
    const std::optional<std::string>& policy,
    const std::optional<std::vector<PolicyDescriptorType>>& arns,
    const std::optional<std::vector<Tag>>& tags) {
  std::size_t bytes = policy ? policy->size() : 0;
  if (arns)
    for (const PolicyDescriptorType& descriptor : *arns)
      bytes += descriptor.arn.value_or("").size();
  if (tags)
    for (const Tag& tag : *tags) bytes += tag.key.size() + tag.value.size();
  if (bytes == 0) return std::nullopt;
  const auto percent = static_cast<std::int32_t>((bytes * 100 + packed_bytes - 1) / packed_bytes);
  if (percent > 100)
    throw PackedPolicyTooLargeException(
        fmt::format("Packed size of session tags and session policies consumes {}% of allotted "
                    "space.",
                    percent));
  return percent;
}

IdentityToken read_identity_token(std::string_view token, runtime::Time now) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', std::min(first + 1, token.size()));
  if (first == std::string_view::npos || second == std::string_view::npos) refuse_token();
  const auto json = decode_base64url(token.substr(first + 1, second - first - 1));
  simdjson::dom::parser parser;
  object claims;
  if (!json || parser.parse(*json).get(claims)) refuse_token();
  IdentityToken identity{.issuer = require_claim(claims, "iss"),
                         .subject = require_claim(claims, "sub"),
                         .audience = require_audience(claims)};
  require_not_expired(claims, now);
  return identity;
}

}  // namespace matinee::sts
