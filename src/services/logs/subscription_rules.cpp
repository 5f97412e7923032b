#include "services/logs/subscription_rules.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "services/logs/catalog/block.h"
#include "services/logs/documents.h"
#include "services/logs/gzip.h"

namespace matinee::logs {

namespace {

namespace json = protocol::json;

/// Of the texts that one call carries: even what cannot be compressed stays, in base64, below the
/// mebibyte that a function takes.
constexpr std::size_t most_text = std::size_t{256} << 10;

bool is_function(std::string_view arn) {
  return arn.starts_with("arn:aws:lambda:");
}

SubscriptionRule rule_of(std::string name, std::string function, const std::string& pattern) {
  return {.name = std::move(name),
          .function = std::move(function),
          .principal = std::string(logs_principal),
          .tells_fields = pattern.starts_with('['),
          .pattern = filters::FilterPattern(pattern)};
}

void append_fields(const SubscriptionRule& rule, std::string_view text, std::string& out) {
  out += ",\"extractedFields\":{";
  for (const auto& [name, value] : rule.pattern.extract(text)) {
    if (!out.ends_with('{')) out += ',';
    json::append_string(out, std::string_view(name).substr(name.starts_with('$') ? 1 : 0));
    out += ':';
    json::append_string(out, value);
  }
  out += '}';
}

}  // namespace

std::optional<AccountSubscription> read_account_subscription(
    const std::string& document, const std::optional<std::string>& selection) {
  AccountSubscription read;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(document).get(root) || !root.is_object()) return std::nullopt;
  const auto text = [&](std::string_view name, std::string& into) {
    std::string_view value;
    if (root[name].get(value)) return false;
    into = value;
    return true;
  };
  if (!text("DestinationArn", read.destination) || !text("FilterPattern", read.pattern))
    return std::nullopt;
  text("RoleArn", read.role);
  if (!selection || selection->empty()) return read;
  constexpr std::string_view all_but = "LogGroupName NOT IN ";
  if (!selection->starts_with(all_but)) return std::nullopt;
  const std::string_view list = std::string_view(*selection).substr(all_but.size());
  if (list == "[]") return read;
  auto names = read_texts(list);
  if (!names) return std::nullopt;
  read.left_out = *std::move(names);
  return read;
}

SubscriptionRules::Rules SubscriptionRules::of(const Group& group) {
  const GroupNumber number = group.record.number;
  if (const auto found = rules_.find(number); found != rules_.end()) return found->second;
  auto rules = std::make_shared<std::vector<SubscriptionRule>>();
  // The group's own count is not asked: who writes may have read it before a filter was made, and
  // what is found here is kept.
  catalog_.subscription_filters.scan(
      catalog_.subscription_filters.prefix(number),
      [&](const auto& key, const SubscriptionFilterRecord& filter) {
        if (!is_function(filter.destination)) return true;
        rules->push_back(rule_of(std::get<1>(key), filter.destination, filter.pattern));
        if (!filter.principal.empty()) rules->back().principal = filter.principal;
        return true;
      });
  catalog_.account_policies.scan(
      catalog_.account_policies.prefix(group.account(), group.region(),
                                       std::string(subscription_type)),
      [&](const auto& key, const AccountPolicyRecord& policy) {
        const auto read = read_account_subscription(policy.document, policy.selection);
        const bool applies =
            read && group.record.log_class == "STANDARD" && is_function(read->destination) &&
            std::ranges::find(read->left_out, group.name()) == read->left_out.end();
        if (!applies) return true;
        rules->push_back(rule_of(std::get<3>(key), read->destination, read->pattern));
        if (!policy.principal.empty()) rules->back().principal = policy.principal;
        rules->back().is_of_account = true;
        return true;
      });
  if (rules_.size() >= most_groups) rules_.clear();
  return rules_[number] = std::move(rules);
}

std::size_t events_in_one_call(const SubscriptionBatch& batch) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const std::size_t event : batch.which) {
    bytes += batch.events[event].text.size() + bytes_beside_text;
    if (count > 0 && bytes > most_text) break;
    ++count;
  }
  return count;
}

std::string subscription_event(const SubscriptionBatch& batch) {
  std::string record = "{\"messageType\":\"DATA_MESSAGE\",\"owner\":";
  json::append_string(record, batch.group.account());
  record += ",\"logGroup\":";
  json::append_string(record, batch.group.name());
  record += ",\"logStream\":";
  json::append_string(record, batch.stream);
  record += ",\"subscriptionFilters\":[";
  json::append_string(record, batch.rule.name);
  record += "],\"logEvents\":[";
  for (const std::size_t place : batch.which) {
    const NewEvent& event = batch.events[place];
    if (!record.ends_with('[')) record += ',';
    record += fmt::format(R"({{"id":"{}","timestamp":{},"message":)",
                          to_digits(batch.positions[place], batch.group.record.number), event.time);
    json::append_string(record, event.text);
    if (batch.rule.tells_fields) append_fields(batch.rule, event.text, record);
    record += '}';
  }
  record += ']';
  if (batch.rule.is_of_account) record += ",\"policyLevel\":\"ACCOUNT_LEVEL_POLICY\"";
  record += '}';
  std::string out = "{\"awslogs\":{\"data\":\"";
  protocol::base64_encode(zip(record, ZipLevel::quickest), out);
  return out + "\"}}";
}

}  // namespace matinee::logs
