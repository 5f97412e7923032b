// CreateChangeSet and ExecuteChangeSet.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/planning/named_imports.h"
#include "services/cloudformation/planning/references.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/running/callers.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view no_changes =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

runtime::Time to_the_millisecond(runtime::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

/// Whether the stack's state bears a change set of that type. Throws ValidationError.
void check_state(const CreateChangeSetRequest& request, const std::string& type,
                 const std::optional<FoundStack>& stack) {
  const bool is_under_review = stack && stack->record.status == "REVIEW_IN_PROGRESS";
  if (type == "CREATE") {
    if (stack && !is_under_review)
      throw ValidationError(
          fmt::format("Stack [{}] already exists and cannot be created again with the changeSet "
                      "[{}].",
                      name_of(stack->key), request.change_set_name));
    if (!stack) check_stack_name(request.stack_name);
    return;
  }
  if (!stack) {
    if (type == "IMPORT") return check_stack_name(request.stack_name);
    throw ValidationError(fmt::format("Stack [{}] does not exist", request.stack_name));
  }
  if (!is_updatable(stack->record.status) && !(type == "IMPORT" && is_under_review))
    throw not_updatable(*stack);
}

void check_request(const CreateChangeSetRequest& request) {
  if (request.resources_to_import && request.change_set_type.value_or("UPDATE") != "IMPORT")
    throw ValidationError("ResourcesToImport may be given only where ChangeSetType is IMPORT.");
  constexpr int not_implemented = 501;
  if (request.deployment_mode)
    throw protocol::ServiceError("NotImplemented", not_implemented,
                                 "Matinee does not make change sets that revert drift.");
  rollback_record(request.rollback_configuration);
}

ChangeSetRecord record_of(const CreateChangeSetRequest& request, const std::string& type,
                          const std::string& role) {
  ChangeSetRecord set{.name = request.change_set_name,
                      .type = type,
                      .status = "CREATE_COMPLETE",
                      .execution_status = "AVAILABLE",
                      .description = request.description,
                      .role = role,
                      .on_stack_failure = request.on_stack_failure.value_or(""),
                      .include_nested_stacks = request.include_nested_stacks,
                      .import_existing = request.import_existing_resources,
                      .deployment_mode = mode_of(request.deployment_config),
                      .client_token = request.client_token.value_or("")};
  if (request.deployment_config) set.disable_rollback = request.deployment_config->disable_rollback;
  return set;
}

/// What is known of a stack whose template could not be prepared.
DefinitionRecord bare_definition(const CreateChangeSetRequest& request) {
  DefinitionRecord definition;
  definition.capabilities = request.capabilities.value_or(std::vector<std::string>());
  definition.tags = pairs_of(request.tags);
  return definition;
}

/// Transforms that fail are the change set's failure: then nothing is checked.
runtime::Task<Prepared> prepare_for(ChangeSetRecord& set, TemplateSources sources,
                                    TemplateRequest wish, const PreviousTemplate* previous) {
  try {
    co_return co_await prepare(std::move(sources), std::move(wish), previous);
  } catch (const TransformFailure& transform) {
    set.fail(transform.reason);
    co_return Prepared{.original = transform.original, .processed = transform.original};
  }
}

/// Of a nested stack.
void place_in(const FoundChangeSet& around, ChangeSetRecord& set) {
  set.parent = arn_of_change_set(around.key, around.record.name);
  set.root = around.record.root.empty() ? set.parent : around.record.root;
}

/// What a call was answered that is made again. Throws AlreadyExistsException for another call.
CreateChangeSetResponse same_answer(const CreateChangeSetRequest& request,
                                    const FoundChangeSet& earlier) {
  if (!request.client_token || *request.client_token != earlier.record.client_token)
    throw AlreadyExistsException(
        fmt::format("ChangeSet [{}] already exists", request.change_set_name));
  return {.id = arn_of_change_set(earlier.key, earlier.record.name),
          .stack_id = arn_of(std::get<0>(earlier.key))};
}

}  // namespace

/// What a change set would do to the stack, noted with it; or why it cannot be executed.
Plan Service::plan_change_set(const ChangeSetKey& key, ChangeSetRecord& set,
                              const std::optional<FoundStack>& stack, const WantedStack& wanted) {
  const bool is_update = stack && stack->record.status != "REVIEW_IN_PROGRESS";
  std::optional<Prepared> old;
  const ExistingStack existing = is_update ? existing_of(*stack, old) : ExistingStack{};
  Plan plan = plan_of(existing, wanted);
  if (set.type == "IMPORT") check_imports(set, std::get<0>(key), {existing, wanted, plan});
  set.reason_with_values = plan.warning;
  const bool is_failed = is_update && stack->record.status.ends_with("_FAILED");
  if (is_update && plan.is_empty() && !is_failed) {
    set.fail(std::string(no_changes));
    return plan;
  }
  for (const ChangeRecord& change : plan.changes)
    catalog_.changes.put({key, set.changes++}, change);
  // It can be executed once those of the nested stacks are there.
  if (set.status != "FAILED" && set.include_nested_stacks.value_or(false)) {
    set.status = "CREATE_IN_PROGRESS";
    set.execution_status = "UNAVAILABLE";
  }
  return plan;
}

/// With what it is found by.
void Service::put_change_set(const FoundChangeSet& set, const NestedPlace* place) {
  const auto& [stack, uuid] = set.key;
  const auto& [account, region, name, stack_uuid] = stack;
  catalog_.change_sets.put(set.key, set.record);
  catalog_.change_set_names.put({account, region, set.record.name, uuid},
                                fmt::format("{}/{}", name, stack_uuid));
  catalog_.operation_ids.put({account, region, uuid}, {.stack = arn_of(stack),
                                                       .type = "CREATE_CHANGESET",
                                                       .began = set.record.created,
                                                       .change_set = uuid});
  if (place) link_nested(*place, set);
}

/// A change set of a stack that is not there yet makes one, without anything in it.
void Service::put_under_review(const Context& context, const StackKey& key,
                               const ChangeSetRecord& set) {
  require_room(context);
  const auto& [account, region, name, uuid] = key;
  StackRecord record{
      .created = set.created, .status = "REVIEW_IN_PROGRESS", .reason = "User Initiated"};
  catalog_.live.put({account, region, name}, uuid);
  events_.add(key, record, {set.client_token, ""});
  catalog_.stacks.put(key, record);
}

runtime::Task<CreateChangeSetResponse> Service::create_change_set(
    const Context& context, const CreateChangeSetRequest& request) {
  return make_change_set(context, request, nullptr);
}

runtime::Task<CreateChangeSetResponse> Service::make_change_set(
    const Context& context, const CreateChangeSetRequest& request, const NestedPlace* place) {
  const std::string type = request.change_set_type.value_or("UPDATE");
  check_request(request);
  std::optional<FoundStack> stack = catalog_.find(context, request.stack_name);
  check_state(request, type, stack);
  const StackKey key =
      stack ? stack->key
            : StackKey{context.account, context.region, request.stack_name, new_stack_uuid()};
  if (const auto earlier = catalog_.find_change_set(context, request.change_set_name, arn_of(key)))
    co_return same_answer(request, *earlier);
  const bool is_update = stack && stack->record.status != "REVIEW_IN_PROGRESS";
  const std::string role =
      request.role_arn.value_or(is_update ? stack->record.role : std::string());
  require_trust(context, operations::CreateChangeSet, role);
  const std::unique_ptr<resources::Calls> calls = calls_as(context, role);
  const PreviousTemplate previous = previous_of(key);
  const auto before = catalog_.definitions.find({key, current_slot});
  TemplateRequest wish = template_request(request, key);
  wish.must_allow_expansion = false;
  if (!request.notification_ar_ns && before) wish.notification_arns = before->notification_arns;
  ChangeSetRecord set = record_of(request, type, role);
  if (place) {
    require_action(caller_of(caller_record(context, role)), operations::CreateChangeSet, key);
    place_in(place->around, set);
  }
  if (request.resources_to_import)
    set.imports = imports_of(*request.resources_to_import,
                             [this](std::string_view name) { return find_type(name); });
  const Prepared prepared = co_await prepare_for(set, sources_of(context, *calls), std::move(wish),
                                                 is_update ? &previous : nullptr);
  const bool is_prepared = prepared.checked != nullptr;
  if (is_prepared) co_await require_parameters(*calls, prepared);
  if (is_prepared && request.import_existing_resources.value_or(false))
    co_await find_existing(*calls, key, prepared, set);
  const auto latest = co_await latest_values(*calls, key);
  // Made by somebody else while the template was prepared: it is begun again with what there is.
  if ((!catalog_.find(context, arn_of(key)) && catalog_.find(context, request.stack_name)) ||
      catalog_.find_change_set(context, request.change_set_name, arn_of(key)))
    co_return co_await make_change_set(context, request, place);
  if (is_prepared) require_known_types(prepared);
  if (is_prepared && request.resources_to_import)
    check_identifiers(*request.resources_to_import, prepared,
                      [this](std::string_view name) { return find_type(name); });
  storage::Transaction transaction(store_);
  set.created = to_the_millisecond(runtime_.clock.now());
  stack = catalog_.find(context, arn_of(key));
  check_state(request, type, stack ? stack : catalog_.find(context, request.stack_name));
  const ChangeSetKey set_key{key, runtime_.random.uuid()};
  DefinitionRecord definition = bare_definition(request);
  Plan plan;
  if (is_prepared) {
    definition = definition_of(request, prepared, before ? &*before : nullptr);
    require_topics(context, operations::CreateChangeSet, role, definition.notification_arns);
    WantedStack wanted = wanted_of(context, prepared, definition);
    wanted.imports = set.imports;
    wanted.latest = latest;
    if (set.status != "FAILED") plan = plan_change_set(set_key, set, stack, wanted);
  }
  erase_expired();
  if (!stack) put_under_review(context, key, set);
  put_definition({key, std::get<1>(set_key)}, definition, prepared);
  put_change_set({.key = set_key, .record = set}, place);
  transaction.commit();
  if (set.status == "CREATE_IN_PROGRESS")
    co_await add_nested_change_sets(context, request, {.key = set_key, .record = set}, plan);
  co_return CreateChangeSetResponse{.id = arn_of_change_set(set_key, set.name),
                                    .stack_id = arn_of(key)};
}

ExecuteChangeSetResponse Service::execute_change_set(const Context& context,
                                                     const ExecuteChangeSetRequest& request) {
  FoundChangeSet set = require_change_set(context, request.change_set_name, request.stack_name);
  const auto& [key, uuid] = set.key;
  if (set.record.status != "CREATE_COMPLETE")
    throw InvalidChangeSetStatusException(
        fmt::format("ChangeSet [{}] cannot be executed in its current status of [{}]",
                    arn_of_change_set(set.key, set.record.name), set.record.status));
  if (set.record.execution_status != "AVAILABLE")
    throw InvalidChangeSetStatusException(
        fmt::format("ChangeSet [{}] cannot be executed in its current execution status of [{}]",
                    arn_of_change_set(set.key, set.record.name), set.record.execution_status));
  if (!set.record.parent.empty())
    throw ValidationError(fmt::format("ChangeSet [{}] is nested and is executed with its root [{}]",
                                      arn_of_change_set(set.key, set.record.name),
                                      set.record.root));
  require_trust(context, operations::ExecuteChangeSet, set.record.role);
  if (const auto definition = catalog_.definitions.find({key, uuid}))
    require_topics(context, operations::ExecuteChangeSet, set.record.role,
                   definition->notification_arns);
  StackRecord record = catalog_.require(context, arn_of(key)).record;
  record.disable_rollback =
      request.disable_rollback.value_or(set.record.disable_rollback.value_or(false)) ||
      set.record.on_stack_failure == "DO_NOTHING";
  record.retain_except_on_create = request.retain_except_on_create;
  begin_execution(set, std::move(record),
                  {.client_token = request.client_request_token.value_or(""),
                   .caller = caller_record(context, set.record.role),
                   .retains_except_on_create = request.retain_except_on_create.value_or(false)});
  return {};
}

void Service::begin_execution(const FoundChangeSet& set, StackRecord record,
                              OperationRecord operation) {
  const auto& [key, uuid] = set.key;
  const FoundStack stack{.key = key, .record = record};
  const bool creates = record.status == "REVIEW_IN_PROGRESS";
  if (!creates && !is_updatable(record.status)) throw not_updatable(stack);
  const auto definition = catalog_.definitions.find({key, uuid});
  const auto text = catalog_.templates.find({key, uuid});
  if (!definition || !text)
    throw ChangeSetNotFoundException(
        fmt::format("ChangeSet [{}] does not exist", arn_of_change_set(set.key, set.record.name)));
  if (!creates) keep_previous(key);
  catalog_.definitions.put({key, current_slot}, *definition);
  catalog_.templates.put({key, current_slot}, *text);
  make_obsolete(key, true, uuid);
  ChangeSetRecord executed = set.record;
  executed.execution_status = "EXECUTE_IN_PROGRESS";
  catalog_.change_sets.put(set.key, executed);
  record.updated = to_the_millisecond(runtime_.clock.now());
  record.deleted.reset();
  record.role = executed.role;
  record.deployment_mode = executed.deployment_mode;
  const bool imports = executed.type == "IMPORT";
  operation.type = creates && !imports ? "CREATE_STACK" : "UPDATE_STACK";
  operation.rolls_back = !record.disable_rollback;
  operation.deletes_on_failure = executed.on_stack_failure == "DELETE";
  operation.is_import = imports;
  operation.change_set = uuid;
  operation.imports = executed.imports;
  begin(stack, record, std::move(operation),
        imports   ? "IMPORT_IN_PROGRESS"
        : creates ? "CREATE_IN_PROGRESS"
                  : "UPDATE_IN_PROGRESS");
}

}  // namespace matinee::cloudformation
