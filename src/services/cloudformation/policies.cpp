// What protects stacks: their policies, and termination protection.
#include <fmt/format.h>

#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

runtime::Task<SetStackPolicyResponse> Service::set_stack_policy(
    const Context& context, const SetStackPolicyRequest& request) {
  const FoundStack known = catalog_.require(context, request.stack_name);
  const std::optional<std::string> policy = co_await policy_of(
      context, request.stack_policy_body, request.stack_policy_url, "StackPolicy");
  storage::Transaction transaction(store_);
  FoundStack stack = catalog_.require(context, arn_of(known.key));
  stack.record.policy = policy;
  catalog_.stacks.put(stack.key, stack.record);
  transaction.commit();
  co_return SetStackPolicyResponse{};
}

UpdateTerminationProtectionResponse Service::update_termination_protection(
    const Context& context, const UpdateTerminationProtectionRequest& request) {
  FoundStack stack = catalog_.require(context, request.stack_name);
  if (!stack.record.root_id.empty())
    throw ValidationError(
        fmt::format("Termination protection cannot be changed for the nested stack [{}]: it is "
                    "that of its root stack",
                    request.stack_name));
  stack.record.termination_protection = request.enable_termination_protection;
  catalog_.stacks.put(stack.key, stack.record);
  return {.stack_id = arn_of(stack.key)};
}

}  // namespace matinee::cloudformation
