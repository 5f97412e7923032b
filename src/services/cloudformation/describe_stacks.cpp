// What is told of stacks: one or all that are there, and also those that were.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::string_view delete_complete = "DELETE_COMPLETE";

std::vector<Parameter> parameters_of(const DefinitionRecord& definition) {
  std::vector<Parameter> all;
  for (const ParameterValue& value : definition.parameters) {
    Parameter& parameter = all.emplace_back();
    parameter.parameter_key = value.name;
    parameter.parameter_value = value.no_echo ? std::string(hidden_value) : value.given;
    if (value.resolved)
      parameter.resolved_value = value.no_echo ? std::string(hidden_value) : *value.resolved;
  }
  return all;
}

RollbackConfiguration rollback_of(const RollbackRecord& record) {
  RollbackConfiguration rollback;
  if (!record.triggers.empty()) rollback.rollback_triggers.emplace();
  for (const auto& [arn, type] : record.triggers)
    rollback.rollback_triggers->push_back({.arn = arn, .type = type});
  rollback.monitoring_time_in_minutes = record.monitoring_minutes;
  return rollback;
}

std::string or_not_checked(const std::string& status) {
  return status.empty() ? "NOT_CHECKED" : status;
}

std::optional<std::vector<OperationEntry>> operations_of(const StackRecord& record) {
  if (record.last_operations.empty()) return std::nullopt;
  std::vector<OperationEntry> all;
  for (const OperationNote& note : record.last_operations)
    all.push_back({.operation_type = note.type, .operation_id = note.id});
  return all;
}

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

/// Stacks lie by their names, and are told by their age, the newest first. The place of a stack in
/// this order, as a text that sorts like it.
std::string place_of(const StackKey& key, const StackRecord& record) {
  return fmt::format("{:020}/{}", record.created.time_since_epoch().count(), std::get<3>(key));
}

}  // namespace

Stack Service::describe(const FoundStack& found) const {
  const auto& [key, record] = found;
  const DefinitionRecord definition =
      catalog_.definitions.find({key, current_slot}).value_or(DefinitionRecord());
  Stack stack{.stack_id = arn_of(key), .stack_name = name_of(key)};
  stack.change_set_id = unless_empty(record.change_set_id);
  stack.description = definition.description;
  if (!definition.parameters.empty()) stack.parameters = parameters_of(definition);
  stack.creation_time = record.created;
  stack.deletion_time = record.deleted;
  stack.last_updated_time = record.updated;
  stack.rollback_configuration = rollback_of(definition.rollback);
  stack.stack_status = record.status;
  stack.stack_status_reason = unless_empty(record.reason);
  stack.disable_rollback = record.disable_rollback;
  stack.notification_ar_ns = definition.notification_arns;
  stack.timeout_in_minutes = record.timeout_minutes;
  if (!definition.capabilities.empty()) stack.capabilities = definition.capabilities;
  if (!record.outputs.empty()) stack.outputs.emplace();
  for (const OutputRecord& output : record.outputs)
    stack.outputs->push_back({.output_key = output.key,
                              .output_value = output.value,
                              .description = output.description,
                              .export_name = output.export_name});
  stack.role_arn = unless_empty(record.role);
  stack.tags.emplace();
  for (const auto& [name, value] : definition.tags)
    stack.tags->push_back({.key = name, .value = value});
  stack.enable_termination_protection = record.termination_protection;
  stack.parent_id = unless_empty(record.parent_id);
  stack.root_id = unless_empty(record.root_id);
  stack.drift_information = {.stack_drift_status = or_not_checked(record.drift_status),
                             .last_check_timestamp = record.drift_checked};
  stack.retain_except_on_create = record.retain_except_on_create;
  stack.deletion_mode = unless_empty(record.deletion_mode);
  stack.last_operations = operations_of(record);
  return stack;
}

FoundStack Service::require_with_id(const Context& context, const std::string& name) const {
  std::optional<FoundStack> found = catalog_.find(context, name);
  if (!found) throw ValidationError(fmt::format("Stack with id {} does not exist", name));
  return *std::move(found);
}

std::vector<FoundStack> Service::newest_first(
    const Context& context, const std::optional<std::string>& before,
    const std::function<bool(const StackRecord&)>& is_wanted) const {
  std::map<std::string, StackKey> order;
  catalog_.stacks.scan(catalog_.stacks.prefix(context.account, context.region),
                       [&](const StackKey& key, const StackRecord& record) {
                         std::string place = place_of(key, record);
                         if (is_wanted(record) && (!before || place < *before))
                           order.emplace(std::move(place), key);
                         // One more than a page, which tells that there is another one.
                         if (order.size() > page_size + 1) order.erase(order.begin());
                         return true;
                       });
  std::vector<FoundStack> found;
  for (auto place = order.rbegin(); place != order.rend(); ++place)
    if (auto record = catalog_.stacks.find(place->second))
      found.push_back({place->second, *std::move(record)});
  return found;
}

DescribeStacksResponse Service::describe_stacks(const Context& context,
                                                const DescribeStacksRequest& request) {
  erase_expired();
  DescribeStacksResponse response{.stacks = std::vector<Stack>()};
  if (request.stack_name && !request.stack_name->empty()) {
    response.stacks->push_back(describe(require_with_id(context, *request.stack_name)));
    return response;
  }
  std::vector<FoundStack> found =
      newest_first(context, read_page_token("stacks", request.next_token),
                   [](const StackRecord& record) { return record.status != delete_complete; });
  if (found.size() > page_size) {
    found.resize(page_size);
    response.next_token = page_token("stacks", place_of(found.back().key, found.back().record));
  }
  for (const FoundStack& stack : found) response.stacks->push_back(describe(stack));
  return response;
}

ListStacksResponse Service::list_stacks(const Context& context, const ListStacksRequest& request) {
  erase_expired();
  const std::vector<std::string> filter =
      request.stack_status_filter.value_or(std::vector<std::string>());
  const std::set<std::string> statuses(filter.begin(), filter.end());
  const runtime::Time oldest = runtime_.clock.now() - remembrance;
  std::vector<FoundStack> found = newest_first(
      context, read_page_token("list", request.next_token), [&](const StackRecord& record) {
        if (!statuses.empty() && !statuses.contains(record.status)) return false;
        return !record.deleted || record.status != delete_complete || *record.deleted > oldest;
      });
  ListStacksResponse response{.stack_summaries = std::vector<StackSummary>()};
  if (found.size() > page_size) {
    found.resize(page_size);
    response.next_token = page_token("list", place_of(found.back().key, found.back().record));
  }
  for (const auto& [key, record] : found) {
    const auto definition = catalog_.definitions.find({key, current_slot});
    StackSummary& summary = response.stack_summaries->emplace_back();
    summary.stack_id = arn_of(key);
    summary.stack_name = name_of(key);
    if (definition) summary.template_description = definition->description;
    summary.creation_time = record.created;
    summary.last_updated_time = record.updated;
    summary.deletion_time = record.deleted;
    summary.stack_status = record.status;
    summary.stack_status_reason = unless_empty(record.reason);
    summary.parent_id = unless_empty(record.parent_id);
    summary.root_id = unless_empty(record.root_id);
    summary.drift_information = {.stack_drift_status = or_not_checked(record.drift_status),
                                 .last_check_timestamp = record.drift_checked};
    summary.last_operations = operations_of(record);
  }
  return response;
}

GetStackPolicyResponse Service::get_stack_policy(const Context& context,
                                                 const GetStackPolicyRequest& request) {
  const FoundStack stack = catalog_.require(context, request.stack_name);
  const StackRecord& record = stack.record;
  return {.stack_policy_body =
              record.policy_during_update ? record.policy_during_update : record.policy};
}

DescribeAccountLimitsResponse Service::describe_account_limits(
    const Context&, const DescribeAccountLimitsRequest&) {
  constexpr std::int32_t most_stacks = 2000;
  constexpr std::int32_t most_outputs = 200;
  constexpr std::int32_t most_concurrent = 3500;
  return {.account_limits = std::vector<AccountLimit>{
              {.name = "StackLimit", .value = most_stacks},
              {.name = "StackOutputsLimit", .value = most_outputs},
              {.name = "ConcurrentResourcesLimit", .value = most_concurrent}}};
}

}  // namespace matinee::cloudformation
