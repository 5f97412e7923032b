// Stacks are made, changed and removed: requests become operations that run.
#include <fmt/format.h>

#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

UpdateTerminationProtectionResponse Service::update_termination_protection(
    const Context& context, const UpdateTerminationProtectionRequest& request) {
  FoundStack stack = catalog_.require(context, request.stack_name);
  if (!stack.record.root_id.empty())
    throw ValidationError(
        fmt::format("Termination protection cannot be changed for the nested stack [{}]; it is "
                    "that of its root stack",
                    request.stack_name));
  stack.record.termination_protection = request.enable_termination_protection;
  catalog_.stacks.put(stack.key, stack.record);
  return {.stack_id = arn_of(stack.key)};
}

}  // namespace matinee::cloudformation
