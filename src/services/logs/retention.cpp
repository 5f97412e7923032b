#include "services/logs/retention.h"

#include <algorithm>

#include "services/logs/documents.h"

namespace matinee::logs {

namespace {

constexpr Milliseconds takes_effect_after = 86'400'000;

/// Documented: the class for deliveries keeps events for one day, whatever policies say.
constexpr std::string_view class_without_policies = "DELIVERY";

/// Whether the first one counts where both apply.
bool goes_before(const RetentionRule& one, const RetentionRule& other) {
  if (one.days != other.days) return keeps_longer(one.days, other.days);
  return one.created < other.created;
}

void add_rule(RetentionRule rule, const std::string& document,
              const std::optional<std::string>& selection, std::vector<RetentionRule>& rules) {
  // Both were checked when the policy was put.
  const auto policy = read_retention_policy(document);
  if (!policy) return;
  rule.days = policy->days;
  rule.only_new = policy->only_new;
  if (selection) rule.prefixes = read_prefixes(*selection).value_or(std::vector<std::string>());
  rules.push_back(std::move(rule));
}

}  // namespace

bool RetentionRule::applies_to(const Group& group) const {
  if (group.record.log_class == class_without_policies) return false;
  if (only_new && group.record.created < created) return false;
  return prefixes.empty() || std::ranges::any_of(prefixes, [&](const std::string& prefix) {
           return group.name().starts_with(prefix);
         });
}

bool has_taken_effect(const AccountPolicyRecord& record, Milliseconds time) {
  return time >= record.updated + takes_effect_after;
}

bool keeps_longer(std::optional<std::int32_t> one, std::optional<std::int32_t> other) {
  return other && (!one || *one > *other);
}

std::optional<std::vector<std::string>> read_prefixes(const std::string& selection) {
  constexpr std::string_view filter = "LogGroupNamePrefix";
  const auto skip_spaces = [&](std::size_t at) {
    return std::min(selection.find_first_not_of(" \t\r\n", at), selection.size());
  };
  std::size_t at = skip_spaces(0);
  if (selection.compare(at, filter.size(), filter) != 0) return std::nullopt;
  at = skip_spaces(at + filter.size());
  if (selection.compare(at, 2, "IN") != 0) return std::nullopt;
  return read_texts(std::string_view(selection).substr(at + 2));
}

void add_rules(const std::string& name, const AccountPolicyRecord& record,
               std::vector<RetentionRule>& rules) {
  const Milliseconds from = record.updated + takes_effect_after;
  const RetentionRule rule{.name = name, .created = record.created, .from = from};
  add_rule(rule, record.document, record.selection, rules);
  if (!record.document_before) return;
  RetentionRule before = rule;
  before.from = 0;
  before.until = from;
  add_rule(std::move(before), *record.document_before, record.selection_before, rules);
}

Retention retention_by(const std::vector<RetentionRule>& rules, const Group& group,
                       Milliseconds time) {
  const RetentionRule* best = nullptr;
  for (const RetentionRule& rule : rules)
    if (rule.counts_at(time) && rule.applies_to(group) && (!best || goes_before(rule, *best)))
      best = &rule;
  if (!best) return {.days = group.record.retention_days};
  return {.days = best->days, .policy = best->name};
}

const RetentionPolicies::Rules& RetentionPolicies::rules_of(const std::string& account,
                                                            const std::string& region) const {
  constexpr std::size_t most_known = 1000;
  if (const auto known = known_.find({account, region}); known != known_.end())
    return known->second;
  Rules rules;
  catalog_.account_policies.scan(
      catalog_.account_policies.prefix(account, region, std::string(retention_type)),
      [&](const auto& key, const AccountPolicyRecord& record) {
        add_rules(std::get<3>(key), record, rules);
        return true;
      });
  if (known_.size() >= most_known) known_.clear();
  return known_.insert_or_assign({account, region}, std::move(rules)).first->second;
}

}  // namespace matinee::logs
