#include "services/s3/configurations/configuration_rules.h"

#include <fmt/format.h>

#include <set>

#include "protocol/pattern.h"
#include "protocol/utf8.h"
#include "s3/errors.h"

namespace matinee::s3 {

namespace {

constexpr std::size_t max_id_characters = 255;
constexpr std::size_t max_cors_rules = 100;
constexpr std::size_t max_routing_rules = 50;
constexpr std::size_t max_configuration_id_bytes = 64;
/// Letters, digits and spaces of any script, and a few signs.
constexpr std::string_view tag_pattern = "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";

bool is_tag_text(const std::string& text, std::size_t limit) {
  return protocol::count_characters(text) <= limit &&
         protocol::Pattern::of(tag_pattern).matches(text);
}

void check_one_wildcard(std::string_view element, const std::string& text) {
  if (std::ranges::count(text, '*') <= 1) return;
  throw InvalidRequest(
      fmt::format("{} \"{}\" can not have more than one wildcard.", element, text));
}

void check_cors_rule(const CORSRule& rule) {
  constexpr std::array methods = {"GET", "PUT", "HEAD", "POST", "DELETE"};
  if (rule.id && protocol::count_characters(*rule.id) > max_id_characters)
    throw InvalidRequest("The ID of a CORS rule should not exceed 255 characters.");
  if (rule.allowed_methods.empty() || rule.allowed_origins.empty()) refuse_document();
  for (const std::string& method : rule.allowed_methods)
    if (std::ranges::find(methods, method) == methods.end())
      throw InvalidRequest(fmt::format(
          "Found unsupported HTTP method in CORS config. Unsupported method is {}", method));
  for (const std::string& origin : rule.allowed_origins)
    check_one_wildcard("AllowedOrigin", origin);
  if (rule.allowed_headers)
    for (const std::string& header : *rule.allowed_headers)
      check_one_wildcard("AllowedHeader", header);
  if (rule.expose_headers)
    for (const std::string& header : *rule.expose_headers)
      if (header.find('*') != std::string::npos)
        throw InvalidRequest(
            fmt::format("ExposeHeader \"{}\" contains wildcard. We currently do not support "
                        "wildcard for ExposeHeader.",
                        header));
}

bool is_status(const std::string& text, std::string_view classes) {
  return text.size() == 3 && classes.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

void check_routing_rule(const RoutingRule& rule) {
  const Redirect& redirect = rule.redirect;
  if (!redirect.host_name && !redirect.http_redirect_code && !redirect.protocol &&
      !redirect.replace_key_prefix_with && !redirect.replace_key_with)
    refuse_document();
  if (redirect.replace_key_prefix_with && redirect.replace_key_with)
    throw InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  if (const auto& code = redirect.http_redirect_code)
    if (!is_status(*code, "3") || *code == "300")
      throw InvalidRequest(
          fmt::format("The provided HTTP redirect code ({}) is not valid. Valid codes are 3XX "
                      "except 300.",
                      *code));
  if (!rule.condition) return;
  const auto& status = rule.condition->http_error_code_returned_equals;
  if (!status && !rule.condition->key_prefix_equals)
    throw InvalidRequest(
        "Condition cannot be empty. To redirect all requests without a condition, the condition "
        "element shouldn't be present.");
  if (status && !is_status(*status, "45"))
    throw InvalidRequest(fmt::format(
        "The provided HTTP error code ({}) is not valid. Valid codes are 4XX or 5XX.", *status));
}

void check_index_document(const std::optional<IndexDocument>& index) {
  if (index && !index->suffix.empty() && index->suffix.find('/') == std::string::npos) return;
  InvalidArgument error(
      index
          ? "The IndexDocument Suffix is not well formed"
          : "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
  error.details = {{"ArgumentName", "IndexDocument"},
                   {"ArgumentValue", index ? index->suffix : "null"}};
  throw error;
}

[[noreturn]] void refuse_replication_schema(std::string_view what) {
  throw InvalidRequest(fmt::format(
      "{} for this version of the Cross Region Replication configuration schema. Please refer to "
      "S3 Developer Guide for more information.",
      what));
}

/// Rules with a Filter are of the second schema, those with a Prefix of the first.
void check_replication_schema(const ReplicationRule& rule) {
  if (rule.filter && rule.prefix) refuse_document();
  if (!rule.filter) {
    if (!rule.prefix) refuse_document();
    if (rule.delete_marker_replication)
      refuse_replication_schema("DeleteMarkerReplication cannot be used");
    if (rule.priority) refuse_replication_schema("Priority cannot be used");
    return;
  }
  if (!rule.delete_marker_replication)
    refuse_replication_schema("DeleteMarkerReplication must be specified");
  if (!rule.priority) refuse_replication_schema("Priority must be specified");
  const ReplicationRuleFilter& filter = *rule.filter;
  if (int{filter.prefix.has_value()} + int{filter.tag.has_value()} + int{filter.and_.has_value()} >
      1)
    refuse_document();
}

void check_configuration_id(const std::string& id) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (!id.empty() && id.size() <= max_configuration_id_bytes &&
      id.find_first_not_of(allowed) == std::string::npos)
    return;
  InvalidArgument error("The configuration ID is not valid.");
  error.details = {{"ArgumentName", "id"}, {"ArgumentValue", id}};
  throw error;
}

void check_destination(const std::string& arn) {
  if (bucket_of_arn(arn).empty()) throw InvalidS3DestinationBucket("Invalid S3 destination bucket");
}

/// At most one of the conditions, and behind an And at least two.
template <class Filter>
void check_filter(const std::optional<Filter>& filter) {
  if (!filter) return;
  std::size_t conditions =
      std::size_t{filter->prefix.has_value()} + filter->tag.has_value() + filter->and_.has_value();
  if constexpr (requires { filter->access_point_arn; })
    conditions += filter->access_point_arn.has_value();
  if (conditions != 1) refuse_document();
  if (filter->tag) check_tags(std::span(&*filter->tag, 1));
  if (!filter->and_) return;
  std::size_t parts = filter->and_->prefix.has_value();
  if (filter->and_->tags) {
    check_tags(*filter->and_->tags);
    parts += filter->and_->tags->size();
  }
  if constexpr (requires { filter->access_point_arn; })
    parts += filter->and_->access_point_arn.has_value();
  if (parts < 2) refuse_document();
}

}  // namespace

void refuse_document() {
  throw MalformedXML(
      "The XML you provided was not well-formed or did not validate against our published schema");
}

void check_tags(std::span<const Tag> tags) {
  std::set<std::string_view> keys;
  for (const Tag& tag : tags) {
    const char* fault = nullptr;
    const bool value_is_good = is_tag_text(tag.value, 256);
    if (tag.key.empty() || !is_tag_text(tag.key, 128))
      fault = "The TagKey you have provided is invalid";
    else if (!value_is_good)
      fault = "The TagValue you have provided is invalid";
    else if (tag.key.starts_with("aws:"))
      fault = "System tags cannot be added/updated by requester";
    else if (!keys.insert(tag.key).second)
      fault = "Cannot provide multiple Tags with the same key";
    else
      continue;
    InvalidTag error(fault);
    error.details = {{"TagKey", tag.key}};
    if (!value_is_good) error.details.emplace_back("TagValue", tag.value);
    throw error;
  }
}

void check_configuration(const Tagging& tagging) {
  check_tags(tagging.tag_set);
  if (tagging.tag_set.size() > max_bucket_tags)
    throw BadRequest("Bucket tag count cannot be greater than 50");
}

void check_configuration(const ServerSideEncryptionConfiguration& encryption) {
  if (encryption.rules.size() != 1) refuse_document();
  const auto& by_default = encryption.rules.front().apply_server_side_encryption_by_default;
  if (by_default && by_default->sse_algorithm == "AES256" && by_default->kms_master_key_id)
    throw InvalidArgument(
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
        "aws:kms:dsse");
}

void check_configuration(const CORSConfiguration& cors) {
  if (cors.cors_rules.empty()) refuse_document();
  if (cors.cors_rules.size() > max_cors_rules)
    throw InvalidRequest("The number of CORS rules should not exceed allowed limit of 100 rules.");
  for (const CORSRule& rule : cors.cors_rules) check_cors_rule(rule);
}

void check_configuration(const WebsiteConfiguration& website) {
  if (website.redirect_all_requests_to) {
    if (website.index_document || website.error_document || website.routing_rules)
      throw InvalidArgument(
          "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
    return;
  }
  check_index_document(website.index_document);
  if (website.error_document && website.error_document->key.empty())
    throw InvalidArgument("The ErrorDocument Key is not well formed");
  if (!website.routing_rules) return;
  if (website.routing_rules->empty()) refuse_document();
  if (website.routing_rules->size() > max_routing_rules)
    throw InvalidRequest(fmt::format(
        "{} routing rules provided, the number of routing rules in a website configuration is "
        "limited to {}.",
        website.routing_rules->size(), max_routing_rules));
  for (const RoutingRule& rule : *website.routing_rules) check_routing_rule(rule);
}

void check_configuration(const ReplicationConfiguration& replication) {
  if (replication.rules.empty() || replication.rules.size() > max_rules) refuse_document();
  if (!replication.role.starts_with("arn:"))
    throw InvalidArgument("Invalid Role specified in replication configuration");
  std::set<std::string_view> ids;
  std::set<std::int32_t> priorities;
  for (const ReplicationRule& rule : replication.rules) {
    if (rule.id && protocol::count_characters(*rule.id) > max_id_characters)
      throw InvalidArgument("ID length should not exceed allowed limit of 255");
    if (rule.id && !rule.id->empty() && !ids.insert(*rule.id).second)
      throw InvalidArgument("Rule Id must be unique. Found same Id for more than one rule");
    if (rule.priority && !priorities.insert(*rule.priority).second)
      throw InvalidRequest(fmt::format("Found duplicate priority {}.", *rule.priority));
    check_replication_schema(rule);
    if (bucket_of_arn(rule.destination.bucket).empty())
      throw InvalidArgument("Invalid bucket ARN.");
  }
}

void check_configuration(const InventoryConfiguration& inventory) {
  check_configuration_id(inventory.id);
  check_destination(inventory.destination.s3_bucket_destination.bucket);
}

void check_configuration(const AnalyticsConfiguration& analytics) {
  check_configuration_id(analytics.id);
  check_filter(analytics.filter);
  if (const auto& data_export = analytics.storage_class_analysis.data_export)
    check_destination(data_export->destination.s3_bucket_destination.bucket);
}

void check_configuration(const MetricsConfiguration& metrics) {
  check_configuration_id(metrics.id);
  check_filter(metrics.filter);
}

void check_configuration(const IntelligentTieringConfiguration& tiering) {
  check_configuration_id(tiering.id);
  check_filter(tiering.filter);
  if (tiering.tierings.empty()) refuse_document();
  std::set<std::string_view> tiers;
  for (const Tiering& tier : tiering.tierings) {
    const std::int32_t least = tier.access_tier == "ARCHIVE_ACCESS" ? 90 : 180;
    if (tier.days < least || tier.days > 730)
      throw InvalidArgument(
          fmt::format("'Days' for {} must be between {} and 730", tier.access_tier, least));
    if (!tiers.insert(tier.access_tier).second) refuse_document();
  }
}

std::string bucket_of_arn(const std::string& arn) {
  constexpr std::string_view start = "arn:aws:s3:::";
  if (!arn.starts_with(start) || arn.find('/') != std::string::npos) return "";
  return arn.substr(start.size());
}

}  // namespace matinee::s3
