// Policies of a group for data protection and for indexed fields: kept and checked for their form.
// Nothing is masked, and there are no queries that an index would serve.
#include <algorithm>
#include <array>

#include "services/logs/documents.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_document_characters = 30'720;

/// Documented: indexed in each group of the standard class.
constexpr std::array default_fields = {
    "@logStream",        "@aws.region",  "@aws.account", "@source.log",  "@data_source_name",
    "@data_source_type", "@data_format", "traceId",      "severityText", "attributes.session.id"};

IndexPolicy describe(const Group& group) {
  return {.log_group_identifier = arn_of(group),
          .last_update_time = group.record.index_updated,
          .policy_document = group.record.index_policy,
          .source = "LOG_GROUP"};
}

}  // namespace

PutDataProtectionPolicyResponse Service::put_data_protection_policy(
    const Context& context, const PutDataProtectionPolicyRequest& request) {
  Group group = require_group_of(context, request.log_group_identifier);
  if (request.policy_document.size() > most_document_characters)
    throw InvalidParameterException("Data protection policy document is too long.");
  const std::string fault = find_data_protection_fault(request.policy_document);
  if (!fault.empty()) throw InvalidParameterException(fault);
  group.record.data_protection_policy = request.policy_document;
  group.record.data_protection_updated = now();
  group.record.had_data_protection = true;
  catalog_.change(group);
  return {.log_group_identifier = request.log_group_identifier,
          .policy_document = request.policy_document,
          .last_updated_time = group.record.data_protection_updated};
}

GetDataProtectionPolicyResponse Service::get_data_protection_policy(
    const Context& context, const GetDataProtectionPolicyRequest& request) {
  const Group group = require_group_of(context, request.log_group_identifier);
  if (!group.record.data_protection_policy)
    return {.log_group_identifier = request.log_group_identifier};
  return {.log_group_identifier = request.log_group_identifier,
          .policy_document = group.record.data_protection_policy,
          .last_updated_time = group.record.data_protection_updated};
}

DeleteDataProtectionPolicyResponse Service::delete_data_protection_policy(
    const Context& context, const DeleteDataProtectionPolicyRequest& request) {
  Group group = require_group_of(context, request.log_group_identifier);
  group.record.data_protection_policy.reset();
  catalog_.change(group);
  return {};
}

PutIndexPolicyResponse Service::put_index_policy(const Context& context,
                                                 const PutIndexPolicyRequest& request) {
  Group group = require_group_of(context, request.log_group_identifier);
  if (group.record.log_class != "STANDARD")
    throw InvalidParameterException("Only log groups of class STANDARD support index policies.");
  if (!read_index_policy(request.policy_document))
    throw InvalidParameterException("Invalid field index policy document.");
  group.record.index_policy = request.policy_document;
  group.record.index_updated = now();
  catalog_.change(group);
  return {.index_policy = describe(group)};
}

DeleteIndexPolicyResponse Service::delete_index_policy(const Context& context,
                                                       const DeleteIndexPolicyRequest& request) {
  Group group = require_group_of(context, request.log_group_identifier);
  if (!group.record.index_policy)
    throw ResourceNotFoundException("The specified index policy does not exist.");
  group.record.index_policy.reset();
  catalog_.change(group);
  return {};
}

DescribeIndexPoliciesResponse Service::describe_index_policies(
    const Context& context, const DescribeIndexPoliciesRequest& request) {
  DescribeIndexPoliciesResponse response;
  std::vector<IndexPolicy>& policies = response.index_policies.emplace();
  for (const std::string& identifier : request.log_group_identifiers) {
    const Group group = require_group_of(context, identifier);
    if (group.record.index_policy) policies.push_back(describe(group));
  }
  return response;
}

/// Only what is indexed by default and by a group's policy: there is nothing that would find
/// others.
DescribeFieldIndexesResponse Service::describe_field_indexes(
    const Context& context, const DescribeFieldIndexesRequest& request) {
  const auto wants = [&](const char* category) {
    return !request.index_categories || std::ranges::find(*request.index_categories, category) !=
                                            request.index_categories->end();
  };
  DescribeFieldIndexesResponse response;
  std::vector<FieldIndex>& indexes = response.field_indexes.emplace();
  for (const std::string& identifier : request.log_group_identifiers) {
    const Group group = require_group_of(context, identifier);
    if (group.record.log_class != "STANDARD") continue;
    if (wants("DEFAULT"))
      for (const char* name : default_fields)
        indexes.push_back({.log_group_identifier = arn_of(group),
                           .field_index_name = name,
                           .type = "FIELD_INDEX",
                           .index_category = "DEFAULT"});
    if (!wants("CUSTOM") || !group.record.index_policy) continue;
    const auto fields = read_index_policy(*group.record.index_policy);
    for (const IndexedField& field : fields.value_or(std::vector<IndexedField>{}))
      indexes.push_back({.log_group_identifier = arn_of(group),
                         .field_index_name = field.name,
                         .last_scan_time = group.record.index_updated,
                         .type = field.is_facet ? "FACET" : "FIELD_INDEX",
                         .index_category = "CUSTOM"});
  }
  return response;
}

}  // namespace matinee::logs
