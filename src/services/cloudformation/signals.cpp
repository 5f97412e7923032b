// Signals to resources that wait for them: those with a CreationPolicy.
#include <fmt/format.h>

#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

Value Service::creation_policy(const std::string& stack_id, const std::string& logical_id) const {
  const std::optional<StackKey> key = key_of_arn(stack_id);
  if (!key) return {};
  const auto record = catalog_.templates.find({*key, current_slot});
  const auto definition = catalog_.definitions.find({*key, current_slot});
  if (!record || !definition) return {};
  const Prepared prepared = restore(record->processed, definition->parameters,
                                    {.account = std::get<0>(*key),
                                     .region = std::get<1>(*key),
                                     .stack_name = name_of(*key),
                                     .stack_id = stack_id,
                                     .notification_arns = definition->notification_arns});
  const templates::Resource* resource = prepared.checked->find_resource(logical_id);
  if (!resource || resource->creation_policy.is_null()) return {};
  return templates::evaluate(resource->creation_policy, prepared.environment).value;
}

SignalResourceResponse Service::signal_resource(const Context& context,
                                                const SignalResourceRequest& request) {
  const FoundStack stack = catalog_.require(context, request.stack_name);
  const auto record = catalog_.resources.find({stack.key, request.logical_resource_id});
  if (!record)
    throw ValidationError(fmt::format("Resource {} does not exist for stack {}",
                                      request.logical_resource_id, request.stack_name));
  const SignalRecord signal{.has_succeeded = request.status == "SUCCESS"};
  if (!record->status.ends_with("_IN_PROGRESS") ||
      !answers_.put(record->token, request.unique_id, signal))
    throw ValidationError(
        fmt::format("Resource {} of stack {} is in the state of {} and does not wait for signals",
                    request.logical_resource_id, request.stack_name, record->status));
  return {};
}

}  // namespace matinee::cloudformation
