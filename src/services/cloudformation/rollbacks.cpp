// An update is given up, and what was left half done is taken back.
#include <fmt/format.h>

#include "services/cloudformation/running/callers.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

CancelUpdateStackResponse Service::cancel_update_stack(const Context& context,
                                                       const CancelUpdateStackRequest& request) {
  const FoundStack stack = catalog_.require(context, request.stack_name);
  std::optional<OperationRecord> operation = catalog_.operations.find(stack.key);
  if (stack.record.status != "UPDATE_IN_PROGRESS" || !operation)
    throw ValidationError(
        fmt::format("CancelUpdateStack cannot be called from current stack status"));
  operation->is_cancelled = true;
  catalog_.operations.put(stack.key, *operation);
  store_.on_commit([this, key = stack.key] { runner_.halt(key); });
  return {};
}

ContinueUpdateRollbackResponse Service::continue_update_rollback(
    const Context& context, const ContinueUpdateRollbackRequest& request) {
  FoundStack stack = catalog_.require(context, request.stack_name);
  if (stack.record.status != "UPDATE_ROLLBACK_FAILED")
    throw ValidationError(fmt::format("Stack:{} is in {} state and can not continue rolling back.",
                                      arn_of(stack.key), stack.record.status));
  const std::string role = request.role_arn.value_or(stack.record.role);
  require_trust(context, operations::ContinueUpdateRollback, role);
  OperationRecord operation{.type = "CONTINUE_ROLLBACK",
                            .phase = Phase::going_back,
                            .client_token = request.client_request_token.value_or(""),
                            .caller = caller_record(context, role)};
  if (request.resources_to_skip) {
    for (const std::string& id : *request.resources_to_skip) {
      const auto resource = catalog_.resources.find({stack.key, id});
      if (!resource)
        throw ValidationError(
            fmt::format("The following resource(s) to skip do not exist in the stack: [{}]", id));
      if (resource->status != "UPDATE_FAILED")
        throw ValidationError(
            fmt::format("Only resources in the UPDATE_FAILED state can be skipped: [{}]", id));
      operation.spared.insert(id);
    }
  }
  StackRecord record = stack.record;
  record.reason = "User Initiated";
  begin(stack, record, std::move(operation), "UPDATE_ROLLBACK_IN_PROGRESS");
  return {};
}

RollbackStackResponse Service::rollback_stack(const Context& context,
                                              const RollbackStackRequest& request) {
  FoundStack stack = catalog_.require(context, request.stack_name);
  const bool creates = stack.record.status == "CREATE_FAILED";
  if (!creates && stack.record.status != "UPDATE_FAILED")
    throw ValidationError(fmt::format("Stack:{} is in {} state and can not be rolled back.",
                                      arn_of(stack.key), stack.record.status));
  const std::string role = request.role_arn.value_or(stack.record.role);
  require_trust(context, operations::RollbackStack, role);
  OperationRecord operation{
      .type = creates ? "CREATE_STACK" : "ROLLBACK",
      .phase = creates ? Phase::removing : Phase::going_back,
      .client_token = request.client_request_token.value_or(""),
      .caller = caller_record(context, role),
      .retains_except_on_create = request.retain_except_on_create.value_or(false)};
  StackRecord record = stack.record;
  record.reason = "User Initiated";
  begin(stack, record, std::move(operation),
        creates ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS");
  return {.stack_id = arn_of(stack.key), .operation_id = record.last_operations.front().id};
}

}  // namespace matinee::cloudformation
