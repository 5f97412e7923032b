// How many instances of a function may run at once.
#include <fmt/format.h>

#include "lambda/errors.h"
#include "services/lambda/catalog/concurrency_limits.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

FunctionKey Service::require_unqualified(const Named& name) const {
  if (!name.qualifier.empty())
    refuse(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support "
        "this operation. Please specify either a function name or an unqualified function ARN.");
  return name.key;
}

PutFunctionConcurrencyResponse Service::put_function_concurrency(
    const Context& context, const PutFunctionConcurrencyRequest& request) {
  const FunctionKey key = require_unqualified(named(context, request.function_name));
  FunctionRecord function = require_function(key, latest);
  const std::int32_t reserved = request.reserved_concurrent_executions;
  if (const std::int64_t provisioned = provisioned_of(key); reserved < provisioned)
    refuse(
        fmt::format("ReservedConcurrentExecutions  {} should not be lower than function's total "
                    "provisioned concurrency [{}].",
                    reserved, provisioned));
  // This one error has no Type.
  if (reserved + taken_concurrency(key) > most_concurrent - least_unreserved)
    throw InvalidParameterValueException(
        fmt::format("Specified ReservedConcurrentExecutions for function decreases account's "
                    "UnreservedConcurrentExecution below its minimum value of [{}].",
                    least_unreserved));
  function.reserved_concurrency = reserved;
  functions_.put(key, function);
  return {.reserved_concurrent_executions = reserved};
}

GetFunctionConcurrencyResponse Service::get_function_concurrency(
    const Context& context, const GetFunctionConcurrencyRequest& request) {
  const FunctionKey key = require_unqualified(named(context, request.function_name));
  return {.reserved_concurrent_executions = require_function(key).reserved_concurrency};
}

DeleteFunctionConcurrencyResponse Service::delete_function_concurrency(
    const Context& context, const DeleteFunctionConcurrencyRequest& request) {
  const FunctionKey key = require_unqualified(named(context, request.function_name));
  FunctionRecord function = require_function(key);
  function.reserved_concurrency.reset();
  functions_.put(key, function);
  return {};
}

}  // namespace matinee::lambda
