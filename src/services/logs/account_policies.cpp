// Account policies: kept and checked for their form. What those for retention and for subscriptions
// of functions say is carried out; nothing is masked, transformed or indexed here.
#include <fmt/format.h>

#include <algorithm>

#include "services/arn.h"
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
  if (type == subscription_type)
    if (!read_account_subscription(document, std::nullopt))
      refuse("Invalid subscription filter policy document.");
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

void check_request(const PutAccountPolicyRequest& request) {
  if (request.policy_name.empty() || request.policy_name.starts_with("aws/"))
    refuse("The specified policy name is invalid.");
  const bool is_retention = request.policy_type == retention_type;
  if (request.dry_run && !is_retention)
    refuse("dryRun is valid only for policies of type RETENTION_POLICY.");
  check_document(request);
  if (is_retention && request.selection_criteria && !read_prefixes(*request.selection_criteria))
    refuse("The specified selection criteria is invalid.");
  if (request.policy_type == subscription_type) {
    const auto read =
        read_account_subscription(request.policy_document, request.selection_criteria);
    if (!read) refuse("The specified selection criteria is invalid.");
    parse_pattern(read->pattern);
  }
}

std::string show(std::optional<std::int32_t> days) {
  return days ? std::to_string(*days) : "NEVER_EXPIRE";
}

void keep_largest(std::vector<LogGroupImpact>& groups) {
  constexpr std::size_t most_told = 20;
  std::ranges::sort(groups, std::ranges::greater(),
                    [](const LogGroupImpact& group) { return *group.stored_bytes; });
  if (groups.size() > most_told) groups.resize(most_told);
}

}  // namespace

void Service::require_room_for_policy(const Context& context,
                                      const PutAccountPolicyRequest& request) const {
  const std::size_t most = most_policies(request.policy_type);
  std::size_t count = 0;
  bool is_new = true;
  catalog_.account_policies.scan(
      catalog_.account_policies.prefix(context.account, context.region, request.policy_type),
      [&](const auto& key, const auto&) {
        ++count;
        is_new = is_new && std::get<3>(key) != request.policy_name;
        return is_new;
      });
  if (is_new && count >= most) throw LimitExceededException("Resource limit exceeded.");
}

void Service::retention_has_changed() {
  retention_.forget();
  housekeeping_.wake();
}

runtime::Task<std::string> Service::principal_of_policy(Context context,
                                                        const PutAccountPolicyRequest& request) {
  if (request.policy_type != subscription_type) co_return std::string();
  const auto read = read_account_subscription(request.policy_document, request.selection_criteria);
  const auto arn = services::parse_arn(read->destination);
  if (!arn) refuse("Invalid destinationArn: " + read->destination);
  if (arn->service != "lambda") co_return std::string();
  if (arn->account != context.account)
    throw AccessDeniedException("Cross-account lambda invocation passing is not allowed.");
  if (!read->role.empty()) refuse("destinationArn for vendor lambda cannot be used with roleArn");
  co_return co_await require_callable(read->destination,
                                      logs::arn_of(context.account, context.region, "log-group:*"));
}

PutAccountPolicyResponse Service::keep_account_policy(const Context& context,
                                                      const PutAccountPolicyRequest& request,
                                                      const std::string& principal) {
  storage::Transaction transaction(store_);
  const std::tuple key(context.account, context.region, request.policy_type, request.policy_name);
  const std::optional<AccountPolicyRecord> existing = catalog_.account_policies.find(key);
  AccountPolicyRecord record{.document = request.policy_document,
                             .updated = now(),
                             .selection = request.selection_criteria,
                             .created = existing ? existing->created : now(),
                             .document_before = {},
                             .selection_before = {},
                             .principal = principal};
  const bool is_retention = request.policy_type == retention_type;
  if (existing && is_retention) {
    const bool counts = has_taken_effect(*existing, now());
    record.document_before = counts ? existing->document : existing->document_before;
    record.selection_before = counts ? existing->selection : existing->selection_before;
  }
  catalog_.account_policies.put(key, record);
  if (is_retention) store_.on_commit([this] { retention_has_changed(); });
  subscription_rules_.forget();
  transaction.commit();
  return {.account_policy = describe(context, request.policy_name, request.policy_type, record)};
}

/// What counts now in the caller's region, without one policy.
std::vector<RetentionRule> Service::other_rules(const Context& context,
                                                const std::string& name) const {
  std::vector<RetentionRule> rules = retention_.rules_of(context.account, context.region);
  std::erase_if(rules, [&](const RetentionRule& rule) {
    return rule.name == name || !rule.counts_at(now());
  });
  return rules;
}

runtime::Task<DryRunResult> Service::preview(const Context& context, RetentionRule changed,
                                             std::vector<RetentionRule> rules) const {
  std::int32_t longer = 0;
  std::int32_t shorter = 0;
  std::int32_t same = 0;
  std::vector<LogGroupImpact> groups;
  auto place = catalog_.groups.cursor(catalog_.groups.prefix(context.account, context.region));
  for (; place.valid(); place.next()) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    const Group group{.key = place.key(), .record = place.record()};
    if (!changed.applies_to(group)) continue;
    const auto before = retention_.of(group, now()).days;
    const auto after = retention_by(rules, group, now()).days;
    const bool is_longer = keeps_longer(after, before);
    ++(is_longer ? longer : keeps_longer(before, after) ? shorter : same);
    const auto bytes = catalog_.counters_of(group.record.number).stored_bytes;
    groups.push_back({.log_group_name = group.name(),
                      .current_retention = show(before),
                      .proposed_retention = show(after),
                      .stored_bytes = static_cast<std::int64_t>(bytes)});
    constexpr std::size_t enough = 1000;
    if (groups.size() >= enough) keep_largest(groups);
  }
  keep_largest(groups);
  co_return DryRunResult{.total_matched_log_groups = longer + shorter + same,
                         .increased_retention_log_group_count = longer,
                         .decreased_retention_log_group_count = shorter,
                         .unchanged_retention_log_group_count = same,
                         .failed_analysis_count = 0,
                         .top_log_groups_impacted = std::move(groups)};
}

runtime::Task<PutAccountPolicyResponse> Service::put_account_policy(
    const Context& context, const PutAccountPolicyRequest& request) {
  check_request(request);
  require_room_for_policy(context, request);
  if (!request.dry_run.value_or(false)) {
    const std::string principal = co_await principal_of_policy(context, request);
    co_return keep_account_policy(context, request, principal);
  }
  // As if it had taken effect already.
  std::vector<RetentionRule> rules = other_rules(context, request.policy_name);
  const auto existing = catalog_.account_policies.find(
      {context.account, context.region, request.policy_type, request.policy_name});
  add_rules(request.policy_name,
            {.document = request.policy_document,
             .selection = request.selection_criteria,
             .created = existing ? existing->created : now()},
            rules);
  rules.back().from = 0;
  const RetentionRule changed = rules.back();
  co_return PutAccountPolicyResponse{.dry_run_result =
                                         co_await preview(context, changed, std::move(rules))};
}

runtime::Task<DeleteAccountPolicyResponse> Service::delete_account_policy(
    const Context& context, const DeleteAccountPolicyRequest& request) {
  const bool is_retention = request.policy_type == retention_type;
  if (request.dry_run && !is_retention)
    refuse("dryRun is valid only for policies of type RETENTION_POLICY.");
  const std::tuple key(context.account, context.region, request.policy_type, request.policy_name);
  const auto existing = catalog_.account_policies.find(key);
  if (!existing)
    throw ResourceNotFoundException(
        fmt::format("Policy with name [{}] does not exist.", request.policy_name));
  if (request.dry_run.value_or(false)) {
    std::vector<RetentionRule> deleted;
    add_rules(request.policy_name, *existing, deleted);
    co_return DeleteAccountPolicyResponse{
        .dry_run_result =
            co_await preview(context, deleted.front(), other_rules(context, request.policy_name))};
  }
  storage::Transaction transaction(store_);
  catalog_.account_policies.erase(key);
  subscription_rules_.forget();
  if (is_retention) store_.on_commit([this] { retention_has_changed(); });
  transaction.commit();
  co_return DeleteAccountPolicyResponse{};
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
