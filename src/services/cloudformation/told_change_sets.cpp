// DescribeChangeSet, ListChangeSets and DeleteChangeSet.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "services/cloudformation/requests.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

ResourceChangeDetail told(const DetailRecord& record, bool with_values) {
  ResourceTargetDefinition target{.attribute = record.attribute,
                                  .name = std::nullopt,
                                  .requires_recreation = record.recreation};
  if (!record.name.empty()) target.name = record.name;
  if (with_values) {
    target.path = record.path;
    target.before_value = record.before;
    target.after_value = record.after;
    target.attribute_change_type = !record.before && record.after   ? "Add"
                                   : record.before && !record.after ? "Remove"
                                                                    : "Modify";
  }
  ResourceChangeDetail detail{.target = std::move(target),
                              .evaluation = record.is_dynamic ? "Dynamic" : "Static",
                              .change_source = record.source,
                              .causing_entity = std::nullopt};
  if (!record.causing_entity.empty()) detail.causing_entity = record.causing_entity;
  return detail;
}

ResourceChange told(const ChangeRecord& record, bool with_values) {
  ResourceChange change{.policy_action = std::nullopt,
                        .action = record.action,
                        .logical_resource_id = record.logical_id,
                        .physical_resource_id = std::nullopt,
                        .resource_type = record.type,
                        .replacement = std::nullopt,
                        .scope = std::vector<std::string>(),
                        .details = std::vector<ResourceChangeDetail>()};
  if (!record.policy_action.empty()) change.policy_action = record.policy_action;
  if (!record.physical_id.empty()) change.physical_resource_id = record.physical_id;
  if (!record.replacement.empty()) change.replacement = record.replacement;
  std::set<std::string> scope;
  for (const DetailRecord& detail : record.details) {
    if (with_values ? detail.only_without_values : detail.only_with_values) continue;
    scope.insert(detail.attribute);
    change.details->push_back(told(detail, with_values));
  }
  change.scope->assign(scope.begin(), scope.end());
  if (!record.nested_change_set.empty()) change.change_set_id = record.nested_change_set;
  if (with_values) {
    change.before_context = record.before_context;
    change.after_context = record.after_context;
  }
  return change;
}

std::uint32_t read_token(const std::optional<std::string>& token) {
  std::uint32_t number = 0;
  if (!token) return number;
  const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), number);
  if (error != std::errc() || end != token->data() + token->size())
    throw ValidationError("Invalid NextToken");
  return number;
}

template <class Told>
void tell_common(const FoundChangeSet& set, Told& told) {
  told.change_set_name = set.record.name;
  told.change_set_id = arn_of_change_set(set.key, set.record.name);
  told.stack_id = arn_of(std::get<0>(set.key));
  told.stack_name = name_of(std::get<0>(set.key));
  told.creation_time = set.record.created;
  told.status = set.record.status;
  told.execution_status = set.record.execution_status;
  told.description = set.record.description;
  told.include_nested_stacks = set.record.include_nested_stacks.value_or(false);
  told.import_existing_resources = set.record.import_existing;
  if (!set.record.reason.empty()) told.status_reason = set.record.reason;
  if (!set.record.parent.empty()) told.parent_change_set_id = set.record.parent;
  if (!set.record.root.empty()) told.root_change_set_id = set.record.root;
}

}  // namespace

FoundChangeSet Service::require_change_set(const Context& context, const std::string& name,
                                           const std::optional<std::string>& stack) const {
  if (!name.starts_with("arn:")) {
    if (!stack)
      throw ValidationError(
          "StackName must be specified if ChangeSetName is not specified as an ARN.");
    catalog_.require(context, *stack);
  }
  std::optional<FoundChangeSet> found = catalog_.find_change_set(context, name, stack);
  if (!found) throw ChangeSetNotFoundException(fmt::format("ChangeSet [{}] does not exist", name));
  return *std::move(found);
}

DescribeChangeSetResponse Service::describe_change_set(const Context& context,
                                                       const DescribeChangeSetRequest& request) {
  constexpr std::uint32_t page = 100;
  const FoundChangeSet set =
      require_change_set(context, request.change_set_name, request.stack_name);
  const bool with_values = request.include_property_values.value_or(false);
  DescribeChangeSetResponse response;
  tell_common(set, response);
  if (with_values && !response.status_reason && !set.record.reason_with_values.empty())
    response.status_reason = set.record.reason_with_values;
  if (!set.record.on_stack_failure.empty()) response.on_stack_failure = set.record.on_stack_failure;
  if (!set.record.deployment_mode.empty() || set.record.disable_rollback) {
    response.deployment_config.emplace();
    response.deployment_config->disable_rollback = set.record.disable_rollback;
    if (!set.record.deployment_mode.empty())
      response.deployment_config->mode = set.record.deployment_mode;
  }
  const auto definition = catalog_.definitions.find({std::get<0>(set.key), std::get<1>(set.key)});
  const DefinitionRecord said = definition.value_or(DefinitionRecord{});
  response.notification_ar_ns = said.notification_arns;
  response.capabilities = said.capabilities;
  response.rollback_configuration = told_rollback(said.rollback);
  if (!said.parameters.empty()) response.parameters = told_parameters(said.parameters);
  if (!said.tags.empty()) response.tags = told_tags(said.tags);
  response.changes.emplace();
  std::uint32_t number = read_token(request.next_token);
  const std::uint32_t end = std::min(number + page, set.record.changes);
  for (; number < end; ++number) {
    const auto change = catalog_.changes.find({set.key, number});
    if (!change || (with_values && change->only_without_values)) continue;
    response.changes->push_back({.type = "Resource",
                                 .hook_invocation_count = std::nullopt,
                                 .resource_change = told(*change, with_values)});
  }
  if (number < set.record.changes) response.next_token = std::to_string(number);
  return response;
}

ListChangeSetsResponse Service::list_change_sets(const Context& context,
                                                 const ListChangeSetsRequest& request) {
  constexpr std::size_t page = 100;
  const FoundStack stack = catalog_.require(context, request.stack_name);
  ListChangeSetsResponse response;
  response.summaries.emplace();
  auto range = catalog_.change_sets.prefix(stack.key);
  if (request.next_token)
    range = catalog_.change_sets.after(std::move(range), {stack.key, *request.next_token});
  catalog_.change_sets.scan(range, [&](const ChangeSetKey& key, ChangeSetRecord record) {
    if (response.summaries->size() == page) {
      response.next_token = response.summaries->back().change_set_id->substr(
          response.summaries->back().change_set_id->rfind('/') + 1);
      return false;
    }
    ChangeSetSummary summary;
    tell_common({.key = key, .record = std::move(record)}, summary);
    response.summaries->push_back(std::move(summary));
    return true;
  });
  return response;
}

DeleteChangeSetResponse Service::delete_change_set(const Context& context,
                                                   const DeleteChangeSetRequest& request) {
  if (!request.change_set_name.starts_with("arn:")) {
    if (!request.stack_name)
      throw ValidationError(
          "StackName must be specified if ChangeSetName is not specified as an ARN.");
    catalog_.require(context, *request.stack_name);
  }
  const auto set = catalog_.find_change_set(context, request.change_set_name, request.stack_name);
  if (!set) return {};
  if (!set->record.parent.empty())
    throw ValidationError(fmt::format("ChangeSet [{}] is nested and is deleted with its root [{}]",
                                      arn_of_change_set(set->key, set->record.name),
                                      set->record.root));
  if (set->record.execution_status == "EXECUTE_IN_PROGRESS")
    throw InvalidChangeSetStatusException(
        fmt::format("ChangeSet [{}] cannot be deleted in its current status of [{}]",
                    arn_of_change_set(set->key, set->record.name), set->record.execution_status));
  remove_change_set(set->key, set->record);
  return {};
}

}  // namespace matinee::cloudformation
