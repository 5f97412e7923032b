#include "services/sts/requests.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>

#include "policy/document.h"
#include "protocol/sigv4.h"
#include "services/arn.h"
#include "services/sts/packing.h"

namespace matinee::sts {

namespace {

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

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// The tag whose key is that one in any case.
auto find_tag(const std::map<std::string, std::string>& tags, std::string_view key) {
  return std::ranges::find_if(tags, [&](const auto& tag) { return is_same_key(tag.first, key); });
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

std::vector<std::string> arns_of(const std::optional<std::vector<PolicyDescriptorType>>& list) {
  std::vector<std::string> arns;
  if (!list) return arns;
  for (const PolicyDescriptorType& descriptor : *list)
    if (descriptor.arn) arns.push_back(*descriptor.arn);
  return arns;
}

bool is_same_key(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return lower(a) == lower(b); });
}

std::map<std::string, std::string> require_tags(const std::optional<std::vector<Tag>>& tags) {
  std::map<std::string, std::string> result;
  if (!tags) return result;
  for (const Tag& tag : *tags) {
    if (find_tag(result, tag.key) != result.end())
      throw InvalidParameterValueException(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    if (is_same_key(std::string_view(tag.key).substr(0, 4), "aws:"))
      throw InvalidParameterValueException(
          "Tag keys starting with 'aws:' are reserved for system use.");
    result.emplace(tag.key, tag.value);
  }
  return result;
}

std::vector<std::string> require_transitive_keys(
    const std::optional<std::vector<std::string>>& keys,
    const std::map<std::string, std::string>& tags) {
  std::vector<std::string> result;
  if (!keys) return result;
  for (const std::string& key : *keys) {
    const auto tag = find_tag(tags, key);
    if (tag == tags.end())
      throw InvalidParameterValueException(
          "The specified transitive tag key must be included in the requested tags.");
    if (!has(result, tag->first)) result.push_back(tag->first);
  }
  return result;
}

void inherit(SessionWishes& wishes, const services::CallerSession& from) {
  for (const std::string& key : from.transitive_keys) {
    if (find_tag(wishes.tags, key) != wishes.tags.end())
      throw InvalidParameterValueException(
          "One of the specified transitive tag keys can't be set because it conflicts with a "
          "transitive tag key from the calling session.");
    const auto tag = find_tag(from.tags, key);
    if (tag == from.tags.end()) continue;
    wishes.tags.emplace(*tag);
    wishes.transitive_keys.push_back(key);
  }
  if (wishes.source_identity.empty()) wishes.source_identity = from.source_identity;
}

void require_device(const std::optional<std::string>& serial_number,
                    const std::optional<std::string>& code) {
  if (serial_number.has_value() != code.has_value())
    throw AccessDenied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass "
        "code.");
}

void require_session_policy(const std::string& policy) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(policy).get(members))
    throw MalformedPolicyDocumentException("The policy is not in the valid JSON format.");
  const auto document = policy::parse(policy, policy::Kind::identity);
  if (!document) throw MalformedPolicyDocumentException(document.error().message);
}

std::optional<std::int32_t> packed_size(const SessionWishes& wishes) {
  std::string text = wishes.policy;
  for (const std::string& arn : wishes.policy_arns) text += arn;
  // The length of policies is limited as they are written, too.
  std::size_t bytes = text.size();
  for (const auto& [key, value] : wishes.tags) text.append(key).append(value);
  if (text.empty()) return std::nullopt;
  if (bytes <= packed_bytes) bytes = pack(text).size() - 1;
  const auto percent = static_cast<std::int32_t>((bytes * 100 + packed_bytes - 1) / packed_bytes);
  if (percent > 100)
    throw PackedPolicyTooLargeException(
        fmt::format("Packed size of session tags and session policies consumes {}% of allotted "
                    "space.",
                    percent));
  return percent;
}

}  // namespace matinee::sts
