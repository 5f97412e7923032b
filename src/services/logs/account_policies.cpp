// Account policies: kept and checked for their form. What they say is not carried out: nothing is
// masked, transformed or indexed here, and retention is that of each group.
#include <fmt/format.h>

#include "services/logs/documents.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_document_characters = 30'720;

/// Documented, for each kind.
std::size_t most_policies(std::string_view type) {
  if (type == "DATA_PROTECTION_POLICY" || type == "SUBSCRIPTION_FILTER_POLICY") return 1;
  if (type == "METRIC_EXTRACTION_POLICY") return 5;
  if (type == "FIELD_INDEX_POLICY") return 40;
  return 20;
}

void refuse(const std::string& reason) {
  throw InvalidParameterException(reason);
}

void check_document(const PutAccountPolicyRequest& request) {
  const std::string& document = request.policy_document;
  const std::string& type = request.policy_type;
  if (document.size() > most_document_characters) refuse("Policy document is too long.");
  if (type == "TRANSFORMER_POLICY") {
    if (document.empty() || (document.front() != '[' && document.front() != '{'))
      refuse("Policy document is not valid JSON.");
    return;
  }
  if (!is_json_object(document)) refuse("Policy document is not valid JSON.");
  if (type == "DATA_PROTECTION_POLICY")
    if (const std::string fault = find_data_protection_fault(document); !fault.empty())
      refuse(fault);
  if (type == "FIELD_INDEX_POLICY" && !read_index_policy(document))
    refuse("Invalid field index policy document.");
  if (type == "RETENTION_POLICY" && !read_retention_policy(document))
    refuse("Invalid retention policy document.");
}

AccountPolicy describe(const Context& context, const std::string& name, const std::string& type,
                       const AccountPolicyRecord& record) {
  return {.policy_name = name,
          .policy_document = record.document,
          .last_updated_time = record.updated,
          .policy_type = type,
          .scope = "ALL",
          .selection_criteria = record.selection,
          .account_id = context.account};
}

/// A retention policy would have to be carried out.
void refuse_retention() {
  throw protocol::ServiceError("NotImplemented", 501,
                               "Matinee does not serve account policies for retention.");
}

}  // namespace

PutAccountPolicyResponse Service::put_account_policy(const Context& context,
                                                     const PutAccountPolicyRequest& request) {
  if (request.policy_name.empty() || request.policy_name.starts_with("aws/"))
    refuse("The specified policy name is invalid.");
  if (request.policy_type == "RETENTION_POLICY") refuse_retention();
  if (request.dry_run) refuse("dryRun is valid only for policies of type RETENTION_POLICY.");
  check_document(request);
  const std::tuple key(context.account, context.region, request.policy_type, request.policy_name);
  const std::optional<AccountPolicyRecord> existing = catalog_.account_policies.find(key);
  if (!existing) {
    const std::size_t most = most_policies(request.policy_type);
    std::size_t count = 0;
    catalog_.account_policies.scan(
        catalog_.account_policies.prefix(context.account, context.region, request.policy_type),
        [&](const auto&, const auto&) { return ++count < most; });
    if (count >= most) throw LimitExceededException("Resource limit exceeded.");
  }
  const AccountPolicyRecord record{.document = request.policy_document,
                                   .updated = now(),
                                   .selection = request.selection_criteria,
                                   .created = existing ? existing->created : now()};
  catalog_.account_policies.put(key, record);
  return {.account_policy = describe(context, request.policy_name, request.policy_type, record)};
}

DeleteAccountPolicyResponse Service::delete_account_policy(
    const Context& context, const DeleteAccountPolicyRequest& request) {
  if (request.policy_type == "RETENTION_POLICY") refuse_retention();
  if (request.dry_run) refuse("dryRun is valid only for policies of type RETENTION_POLICY.");
  const std::tuple key(context.account, context.region, request.policy_type, request.policy_name);
  if (!catalog_.account_policies.contains(key))
    throw ResourceNotFoundException(
        fmt::format("Policy with name [{}] does not exist.", request.policy_name));
  catalog_.account_policies.erase(key);
  return {};
}

DescribeAccountPoliciesResponse Service::describe_account_policies(
    const Context& context, const DescribeAccountPoliciesRequest& request) {
  constexpr std::string_view kind = "account policies";
  PageQuery page;
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  DescribeAccountPoliciesResponse response;
  std::vector<AccountPolicy>& policies = response.account_policies.emplace();
  if (request.policy_name) {
    const auto record = catalog_.account_policies.find(
        {context.account, context.region, request.policy_type, *request.policy_name});
    if (record)
      policies.push_back(describe(context, *request.policy_name, request.policy_type, *record));
    return response;
  }
  const auto last = visit_page(
      catalog_.account_policies, std::tuple(context.account, context.region, request.policy_type),
      page, [&](const std::string& name, const AccountPolicyRecord& record) {
        policies.push_back(describe(context, name, request.policy_type, record));
        return true;
      });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

}  // namespace matinee::logs
