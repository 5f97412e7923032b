// CreateStack, UpdateStack, DeleteStack: requests become operations that run.
#include <fmt/format.h>

#include "services/cloudformation/planning/references.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/running/callers.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

runtime::Time to_the_millisecond(runtime::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

bool is_under_review(const std::optional<FoundStack>& stack) {
  return stack && stack->record.status == "REVIEW_IN_PROGRESS";
}

void check_on_failure(const CreateStackRequest& request) {
  if (request.on_failure && request.disable_rollback)
    throw ValidationError("You cannot specify both DisableRollback and OnFailure");
}

}  // namespace

runtime::Task<CreateStackResponse> Service::create_stack(const Context& context,
                                                         const CreateStackRequest& request) {
  check_stack_name(request.stack_name);
  check_on_failure(request);
  rollback_record(request.rollback_configuration);
  std::optional<FoundStack> stack = catalog_.find(context, request.stack_name);
  if (stack && !is_under_review(stack)) {
    if (request.client_request_token && *request.client_request_token == stack->record.create_token)
      co_return CreateStackResponse{.stack_id = arn_of(stack->key)};
    throw AlreadyExistsException(fmt::format("Stack [{}] already exists", request.stack_name));
  }
  const StackKey key =
      stack ? stack->key
            : StackKey{context.account, context.region, request.stack_name, new_stack_uuid()};
  const std::string role = request.role_arn.value_or("");
  require_trust(context, operations::CreateStack, role);
  const std::unique_ptr<resources::Calls> calls = calls_as(context, role);
  std::string failure;
  const Prepared prepared = co_await prepare_stack(
      sources_of(context, *calls), template_request(request, key), nullptr, failure);
  require_known_types(prepared);
  if (failure.empty()) co_await require_parameters(*calls, prepared);
  const std::optional<std::string> policy = co_await policy_of(
      context, request.stack_policy_body, request.stack_policy_url, "StackPolicy");
  storage::Transaction transaction(store_);
  stack = catalog_.find(context, request.stack_name);
  if (stack && (!is_under_review(stack) || stack->key != key))
    throw AlreadyExistsException(fmt::format("Stack [{}] already exists", request.stack_name));
  erase_expired();
  if (!stack) require_room(context);
  const DefinitionRecord definition = definition_of(request, prepared, nullptr);
  require_topics(context, operations::CreateStack, role, definition.notification_arns);
  const std::string on_failure = request.on_failure.value_or("ROLLBACK");
  const bool disables =
      request.disable_rollback.value_or(disables_rollback(request.deployment_config)) ||
      on_failure == "DO_NOTHING";
  StackRecord record =
      stack ? stack->record : StackRecord{.created = to_the_millisecond(runtime_.clock.now())};
  record.disable_rollback = disables;
  record.termination_protection = request.enable_termination_protection.value_or(false);
  record.role = role;
  record.timeout_minutes = request.timeout_in_minutes;
  record.policy = policy;
  record.retain_except_on_create = request.retain_except_on_create;
  record.create_token = request.client_request_token.value_or("");
  record.deployment_mode = mode_of(request.deployment_config);
  catalog_.live.put({context.account, context.region, request.stack_name}, std::get<3>(key));
  put_definition({key, current_slot}, definition, prepared);
  make_obsolete(key, false, "");
  OperationRecord operation{
      .type = "CREATE_STACK",
      .client_token = record.create_token,
      .caller = caller_record(context, role),
      .rolls_back = !disables,
      .deletes_on_failure = on_failure == "DELETE",
      .failure = failure,
      .retains_except_on_create = request.retain_except_on_create.value_or(false)};
  if (request.timeout_in_minutes)
    operation.deadline = runtime_.clock.now() + std::chrono::minutes(*request.timeout_in_minutes);
  const FoundStack made{.key = key, .record = record};
  begin(made, record, std::move(operation), "CREATE_IN_PROGRESS");
  transaction.commit();
  co_return CreateStackResponse{.stack_id = arn_of(key),
                                .operation_id = record.last_operations.front().id};
}

/// From now on the stack is to be that. Throws ValidationError where it is already.
void Service::define_update(const FoundStack& stack, const WantedStack& wanted,
                            const DefinitionRecord& definition) {
  const Prepared& prepared = *wanted.definition;
  std::optional<Prepared> old;
  const ExistingStack existing = existing_of(stack, old);
  const Plan plan = plan_of(existing, wanted);
  const bool is_failed = stack.record.status.ends_with("_FAILED");
  if (plan.is_empty() && !prepared.has_transforms && !is_failed)
    throw ValidationError("No updates are to be performed.");
  keep_previous(stack.key);
  put_definition({stack.key, current_slot}, definition, prepared);
}

runtime::Task<UpdateStackResponse> Service::update_stack(const Context& context,
                                                         const UpdateStackRequest& request) {
  rollback_record(request.rollback_configuration);
  FoundStack stack = catalog_.require(context, request.stack_name);
  if (!is_updatable(stack.record.status)) throw not_updatable(stack);
  const std::string role = request.role_arn.value_or(stack.record.role);
  require_trust(context, operations::UpdateStack, role);
  const std::unique_ptr<resources::Calls> calls = calls_as(context, role);
  const PreviousTemplate previous = previous_of(stack.key);
  const auto before = catalog_.definitions.find({stack.key, current_slot});
  TemplateRequest wish = template_request(request, stack.key);
  if (!request.notification_ar_ns && before) wish.notification_arns = before->notification_arns;
  std::string failure;
  const Prepared prepared =
      co_await prepare_stack(sources_of(context, *calls), std::move(wish), &previous, failure);
  require_known_types(prepared);
  if (failure.empty()) co_await require_parameters(*calls, prepared);
  const std::optional<std::string> policy = co_await policy_of(
      context, request.stack_policy_body, request.stack_policy_url, "StackPolicy");
  const std::optional<std::string> passing =
      co_await policy_of(context, request.stack_policy_during_update_body,
                         request.stack_policy_during_update_url, "StackPolicyDuringUpdate");
  const auto latest = co_await latest_values(*calls, stack.key);
  storage::Transaction transaction(store_);
  stack = catalog_.require(context, arn_of(stack.key));
  if (!is_updatable(stack.record.status)) throw not_updatable(stack);
  // A stack whose transforms have failed goes back to what it is.
  if (failure.empty()) {
    const DefinitionRecord definition =
        definition_of(request, prepared, before ? &*before : nullptr);
    require_topics(context, operations::UpdateStack, role, definition.notification_arns);
    WantedStack wanted = wanted_of(context, prepared, definition);
    wanted.latest = latest;
    define_update(stack, wanted, definition);
  }
  StackRecord& record = stack.record;
  make_obsolete(stack.key, false, "");
  record.updated = to_the_millisecond(runtime_.clock.now());
  record.deleted.reset();
  record.role = role;
  record.disable_rollback =
      request.disable_rollback.value_or(disables_rollback(request.deployment_config));
  record.deployment_mode = mode_of(request.deployment_config);
  record.retain_except_on_create = request.retain_except_on_create;
  if (policy) record.policy = policy;
  record.policy_during_update = passing;
  const FoundStack found{.key = stack.key, .record = record};
  begin(found, record,
        {.type = "UPDATE_STACK",
         .client_token = request.client_request_token.value_or(""),
         .caller = caller_record(context, role),
         .rolls_back = !record.disable_rollback,
         .failure = failure,
         .retains_except_on_create = request.retain_except_on_create.value_or(false)},
        "UPDATE_IN_PROGRESS");
  transaction.commit();
  co_return UpdateStackResponse{.stack_id = arn_of(stack.key),
                                .operation_id = record.last_operations.front().id};
}

DeleteStackResponse Service::delete_stack(const Context& context,
                                          const DeleteStackRequest& request) {
  erase_expired();
  std::optional<FoundStack> stack = catalog_.find(context, request.stack_name);
  if (!stack || stack->record.status == "DELETE_COMPLETE") return {};
  StackRecord& record = stack->record;
  if (record.termination_protection.value_or(false) ||
      (!record.root_id.empty() && catalog_.is_protected(record.root_id) &&
       !catalog_.is_removing(record.parent_id)))
    throw ValidationError(
        fmt::format("Stack [{}] cannot be deleted while TerminationProtection is enabled",
                    name_of(stack->key)));
  const auto running = catalog_.operations.find(stack->key);
  if (running && running->type == "DELETE_STACK") return {};
  if (running && running->type == "CREATE_STACK" && running->phase == Phase::forward) {
    // What is under way ends first.
    OperationRecord operation = *running;
    operation.deletes_on_failure = true;
    operation.is_cancelled = true;
    catalog_.operations.put(stack->key, operation);
    store_.on_commit([this, key = stack->key] { runner_.halt(key); });
    return {};
  }
  if (running)
    throw ValidationError(fmt::format("Stack [{}] cannot be deleted while in status {}",
                                      arn_of(stack->key), record.status));
  if (request.retain_resources && !request.retain_resources->empty() &&
      record.status != "DELETE_FAILED")
    throw ValidationError(fmt::format(
        "Invalid operation on stack [{}]. When you delete a stack, specify which resources to "
        "retain only when the stack is in the DELETE_FAILED state.",
        arn_of(stack->key)));
  for (const OutputRecord& output : record.outputs) {
    if (!output.export_name) continue;
    if (const auto user = catalog_.importer_of(stack->key, *output.export_name))
      throw ValidationError(
          fmt::format("Delete canceled. Cannot delete export {} as it is in use by {}.",
                      *output.export_name, *user));
  }
  const std::string role = request.role_arn.value_or(record.role);
  require_trust(context, operations::DeleteStack, role);
  OperationRecord operation{.type = "DELETE_STACK",
                            .phase = Phase::removing,
                            .client_token = request.client_request_token.value_or(""),
                            .caller = caller_record(context, role),
                            .forces_deletion = request.deletion_mode == "FORCE_DELETE_STACK"};
  if (request.retain_resources)
    operation.spared.insert(request.retain_resources->begin(), request.retain_resources->end());
  record.reason = "User Initiated";
  record.deletion_mode = request.deletion_mode.value_or("");
  make_obsolete(stack->key, true, "");
  const FoundStack found = *stack;
  begin(found, record, std::move(operation), "DELETE_IN_PROGRESS");
  return {};
}

}  // namespace matinee::cloudformation
