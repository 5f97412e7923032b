// Resource policies: which services may write logs, for the account and for single groups.
#include <fmt/format.h>

#include "services/logs/documents.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_policies = 10;
constexpr std::size_t default_page = 50;

ResourcePolicy describe_of_group(const Group& group) {
  return {.policy_name = group.record.resource_policy_name,
          .policy_document = normalize_policy(*group.record.resource_policy),
          .last_updated_time = group.record.resource_policy_updated,
          .policy_scope = "RESOURCE",
          .resource_arn = arn_of(group),
          .revision_id = std::to_string(group.record.resource_policy_revision)};
}

void check_document(const std::optional<std::string>& document) {
  if (!document) throw InvalidParameterException("Policy document is required.");
  if (!is_json_object(*document))
    throw InvalidParameterException("Policy document is not valid JSON.");
}

}  // namespace

PutResourcePolicyResponse Service::put_resource_policy(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  check_document(request.policy_document);
  if (request.resource_arn) return put_policy_of_group(context, request);
  if (!request.policy_name || request.policy_name->empty())
    throw InvalidParameterException("Policy name is required.");
  const NameKey key = key_of(context, *request.policy_name);
  if (!catalog_.resource_policies.contains(key)) {
    std::size_t count = 0;
    catalog_.resource_policies.scan(
        catalog_.resource_policies.prefix(context.account, context.region),
        [&](const auto&, const auto&) { return ++count < most_policies; });
    if (count >= most_policies) throw LimitExceededException("Resource limit exceeded.");
  }
  const ResourcePolicyRecord record{.document = *request.policy_document, .updated = now()};
  catalog_.resource_policies.put(key, record);
  return {.resource_policy = ResourcePolicy{.policy_name = *request.policy_name,
                                            .policy_document = record.document,
                                            .last_updated_time = record.updated,
                                            .policy_scope = "ACCOUNT"}};
}

/// There is one for each group. A revision that is not the latest is refused.
PutResourcePolicyResponse Service::put_policy_of_group(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  Group group = require_group_of(context, *request.resource_arn);
  GroupRecord& record = group.record;
  const std::string current =
      record.resource_policy ? std::to_string(record.resource_policy_revision) : "";
  if (request.expected_revision_id.value_or("") != current)
    throw InvalidParameterException("The expected revision id does not match the current one.");
  record.resource_policy = *request.policy_document;
  record.resource_policy_name = request.policy_name.value_or("");
  record.resource_policy_updated = now();
  record.resource_policy_revision += 1;
  catalog_.change(group);
  ResourcePolicy policy = describe_of_group(group);
  policy.policy_document = *request.policy_document;
  std::optional<std::string> revision = policy.revision_id;
  return {.resource_policy = std::move(policy), .revision_id = std::move(revision)};
}

DeleteResourcePolicyResponse Service::delete_resource_policy(
    const Context& context, const DeleteResourcePolicyRequest& request) {
  if (request.resource_arn) {
    Group group = require_group_of(context, *request.resource_arn);
    if (!group.record.resource_policy)
      throw ResourceNotFoundException(
          fmt::format("Policy for resource [{}] does not exist.", *request.resource_arn));
    if (request.expected_revision_id.value_or("") !=
        std::to_string(group.record.resource_policy_revision))
      throw InvalidParameterException("The expected revision id does not match the current one.");
    group.record.resource_policy.reset();
    catalog_.change(group);
    return {};
  }
  if (!request.policy_name) throw InvalidParameterException("Policy name is required.");
  const NameKey key = key_of(context, *request.policy_name);
  if (!catalog_.resource_policies.contains(key))
    throw ResourceNotFoundException(
        fmt::format("Policy with name [{}] does not exist.", *request.policy_name));
  catalog_.resource_policies.erase(key);
  return {};
}

DescribeResourcePoliciesResponse Service::describe_resource_policies(
    const Context& context, const DescribeResourcePoliciesRequest& request) {
  constexpr std::string_view kind = "resource policies";
  DescribeResourcePoliciesResponse response;
  std::vector<ResourcePolicy>& policies = response.resource_policies.emplace();
  if (request.policy_scope == "RESOURCE" || request.resource_arn) {
    if (!request.resource_arn)
      throw InvalidParameterException("A resource ARN is required for policies of resources.");
    const Group group = require_group_of(context, *request.resource_arn);
    if (group.record.resource_policy) policies.push_back(describe_of_group(group));
    return response;
  }
  PageQuery page{.limit =
                     static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}))};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  const auto last =
      visit_page(catalog_.resource_policies, std::tuple(context.account, context.region), page,
                 [&](const std::string& name, const ResourcePolicyRecord& record) {
                   policies.push_back({.policy_name = name,
                                       .policy_document = normalize_policy(record.document),
                                       .last_updated_time = record.updated,
                                       .policy_scope = "ACCOUNT"});
                   return true;
                 });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

}  // namespace matinee::logs
