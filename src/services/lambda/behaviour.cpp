// Settings of a function that stand beside its configuration: what happens in loops, and when its
// runtime is renewed.
#include "lambda/errors.h"
#include "services/lambda/catalog/runtimes.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

PutFunctionRecursionConfigResponse Service::put_function_recursion_config(
    const Context& context, const PutFunctionRecursionConfigRequest& request) {
  const FunctionKey key = require_unqualified(named(context, request.function_name));
  FunctionRecord function = require_function(key);
  function.recursive_loop = request.recursive_loop;
  functions_.put(key, function);
  return {.recursive_loop = function.recursive_loop};
}

GetFunctionRecursionConfigResponse Service::get_function_recursion_config(
    const Context& context, const GetFunctionRecursionConfigRequest& request) {
  const FunctionKey key = require_unqualified(named(context, request.function_name));
  return {.recursive_loop = require_function(key).recursive_loop};
}

/// Kept and told: the runtimes of this machine are what they are.
PutRuntimeManagementConfigResponse Service::put_runtime_management_config(
    const Context& context, const PutRuntimeManagementConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const Target target = require_target(name);
  if ((request.update_runtime_on == "Manual") != request.runtime_version_arn.has_value())
    refuse(request.runtime_version_arn
               ? "RuntimeVersionArn can only be provided when UpdateRuntimeOn is Manual."
               : "RuntimeVersionArn is required when UpdateRuntimeOn is Manual.");
  FunctionRecord function = require_function(name.key);
  function.runtime_updates = request.update_runtime_on;
  function.runtime_version = request.runtime_version_arn.value_or("");
  functions_.put(name.key, function);
  return {.update_runtime_on = request.update_runtime_on,
          .function_arn = arn_of(name.key, text_of_version(target.version)),
          .runtime_version_arn = request.runtime_version_arn};
}

GetRuntimeManagementConfigResponse Service::get_runtime_management_config(
    const Context& context, const GetRuntimeManagementConfigRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const Target target = require_target(name);
  const FunctionRecord function = require_function(name.key);
  GetRuntimeManagementConfigResponse response{
      .update_runtime_on = function.runtime_updates,
      .function_arn = arn_of(name.key, text_of_version(target.version))};
  if (!function.runtime_version.empty()) response.runtime_version_arn = function.runtime_version;
  return response;
}

}  // namespace matinee::lambda
