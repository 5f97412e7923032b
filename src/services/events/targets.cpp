// Targets of rules.
#include <fmt/format.h>

#include <algorithm>

#include "events/errors.h"
#include "events/operations.h"
#include "protocol/json_writer.h"
#include "services/arn.h"
#include "services/events/managed_rules.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

constexpr std::size_t most_targets = 5;
constexpr std::size_t default_page = 100;

RuleKey stored(const BusKey& bus, const std::string& name) {
  return {bus.account, bus.region, bus.name, name};
}

/// What is in another account is called as a role of the rule's owner, and so is a bus elsewhere.
bool needs_role(const BusKey& bus, const services::Arn& target) {
  if (target.service == "events" && target.resource.starts_with("api-destination/")) return true;
  if (target.account != bus.account && !target.account.empty()) return true;
  return target.service == "events" && target.region != bus.region;
}

}  // namespace

void Service::check_target(const BusKey& bus, const Target& target) const {
  const std::optional<services::Arn> arn = services::parse_arn(target.arn);
  // The target of the rules that feed archives.
  if (target.arn.starts_with("arn:aws:events:") && target.arn.ends_with(":::"))
    refuse(
        fmt::format("Parameter {0} is not valid. Reason: Service as target config for ARN: {0} "
                    "not found. The API call hasn't been recognized as managed rules call",
                    target.arn));
  if (!arn)
    refuse(fmt::format("Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
                       target.arn));
  if (!target.role_arn && needs_role(bus, *arn))
    refuse(fmt::format("RoleArn is required for target {}.", target.arn));
  if (key_in_arn("event-bus", target.arn) && arn->account != bus.account &&
      (target.input || target.input_path || target.input_transformer))
    refuse(fmt::format(
        "Input, InputPath, and InputTransformer are not supported for target {}: it is an event "
        "bus of another account.",
        target.id));
  TargetInput::compile(target);
  const bool is_fifo = arn->service == "sqs" && arn->resource.ends_with(".fifo");
  if (is_fifo && (!target.sqs_parameters || !target.sqs_parameters->message_group_id))
    refuse(fmt::format("Parameter(s) SqsParameters must be specified for target: {}.", target.id));
  if (target.dead_letter_config && target.dead_letter_config->arn) {
    const std::optional<services::Arn> queue = services::parse_arn(*target.dead_letter_config->arn);
    if (!queue || queue->service != "sqs")
      refuse(
          "Parameter DeadLetterConfig.Arn is not valid. Reason: Provided Arn is not in correct "
          "format.");
    if (queue->resource.ends_with(".fifo"))
      refuse("Parameter DeadLetterConfig.Arn is not valid. Reason: FIFO queues are not supported.");
  }
  if (arn->service == "logs" && target.role_arn)
    refuse(fmt::format("RoleArn is not supported for target {}.", target.arn));
  if (neighbours_.outbox && !neighbours_.outbox->serves(target.arn))
    refuse(fmt::format(
        "Parameter {} is not valid. Reason: Matinee does not serve targets of the service {}.",
        target.arn, arn->service));
}

/// Whoever gives a target a role must be allowed to pass it to EventBridge.
void Service::require_roles(const Context& context, const PutTargetsRequest& request) const {
  if (!decider()) return;
  const std::string rule =
      rule_arn(bus_key(context, request.event_bus_name.value_or("")), request.rule);
  const services::Inquiry inquiry{.context = context,
                                  .operation = operations::PutTargets,
                                  .request = &request,
                                  .action = "events:PutTargets",
                                  .resource = rule};
  for (const Target& target : request.targets)
    if (target.role_arn) decider()->require_pass_role(*this, inquiry, *target.role_arn, principal);
}

void Service::change_count(const BusKey& bus, const std::string& rule, const std::string& arn,
                           int by) {
  const ByTargetKey key{bus.account, bus.region, bus.name, arn, rule};
  const auto count = static_cast<int>(by_target_.find(key).value_or(0)) + by;
  if (count > 0)
    by_target_.put(key, static_cast<std::uint32_t>(count));
  else
    by_target_.erase(key);
}

PutTargetsResponse Service::put_targets(const Context& context, const PutTargetsRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  RuleRecord rule = require_rule(bus, request.rule);
  for (const Target& target : request.targets) check_target(bus, target);
  require_unmanaged(request.rule, rule);
  require_roles(context, request);
  std::vector<Target> kept = targets_of(stored(bus, request.rule));
  for (const Target& target : request.targets) {
    const auto same = std::ranges::find(kept, target.id, &Target::id);
    if (same != kept.end()) {
      change_count(bus, request.rule, same->arn, -1);
      *same = target;
    } else {
      kept.push_back(target);
    }
    if (kept.size() > most_targets)
      throw LimitExceededException("The requested resource exceeds the maximum number allowed.");
    change_count(bus, request.rule, target.arn, 1);
    std::string json;
    protocol::json::append_structure(json, Target::shape, &target);
    targets_.put({bus.account, bus.region, bus.name, request.rule, target.id}, json);
  }
  rule.targets = kept.size();
  keep_rule(bus, request.rule, rule);
  return {.failed_entry_count = 0, .failed_entries = std::vector<PutTargetsResultEntry>{}};
}

RemoveTargetsResponse Service::remove_targets(const Context& context,
                                              const RemoveTargetsRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  RuleRecord rule = require_rule(bus, request.rule);
  require_unmanaged_or_force(request.rule, rule, request.force);
  for (const Target& target : targets_of(stored(bus, request.rule))) {
    if (std::ranges::find(request.ids, target.id) == request.ids.end()) continue;
    change_count(bus, request.rule, target.arn, -1);
    targets_.erase({bus.account, bus.region, bus.name, request.rule, target.id});
    rule.targets -= 1;
  }
  keep_rule(bus, request.rule, rule);
  return {.failed_entry_count = 0, .failed_entries = std::vector<RemoveTargetsResultEntry>{}};
}

ListTargetsByRuleResponse Service::list_targets_by_rule(const Context& context,
                                                        const ListTargetsByRuleRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  require_rule(bus, request.rule);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  ListTargetsByRuleResponse response{.targets = std::vector<Target>{}, .next_token = {}};
  for (Target& target : targets_of(stored(bus, request.rule))) {
    if (target.id <= last) continue;
    if (response.targets->size() == limit) {
      response.next_token = page_token(response.targets->back().id);
      break;
    }
    response.targets->push_back(std::move(target));
  }
  return response;
}

ListRuleNamesByTargetResponse Service::list_rule_names_by_target(
    const Context& context, const ListRuleNamesByTargetRequest& request) {
  const BusKey bus = bus_key(context, request.event_bus_name.value_or(""));
  require_bus(bus);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_page));
  const std::string last = read_page_token(request.next_token);
  ListRuleNamesByTargetResponse response{.rule_names = std::vector<std::string>{},
                                         .next_token = {}};
  const auto all = by_target_.prefix(bus.account, bus.region, bus.name, request.target_arn);
  const auto range =
      by_target_.after(all, {bus.account, bus.region, bus.name, request.target_arn, last});
  by_target_.scan(range, [&](const ByTargetKey& key, std::uint32_t) {
    if (response.rule_names->size() == limit) {
      response.next_token = page_token(response.rule_names->back());
      return false;
    }
    response.rule_names->push_back(std::get<4>(key));
    return true;
  });
  return response;
}

}  // namespace matinee::events
