#include "delivery/function_calls.h"

#include "client/in_process_channel.h"
#include "lambda/client.h"
#include "services/arn.h"

namespace matinee::delivery {

runtime::Task<services::FunctionAnswer> FunctionCalls::call(services::FunctionCall call) {
  const std::optional<services::Arn> function = services::parse_arn(call.function);
  services::Context caller;
  if (function && !function->account.empty()) caller.account = function->account;
  if (function && !function->region.empty()) caller.region = function->region;
  caller.service_principal = call.service_principal;
  caller.source_arn = call.source_arn;
  caller.source_account = call.source_account;
  caller.host = "localhost";
  client::InProcessChannel channel(endpoint_, random_, std::move(caller));
  lambda::InvokeRequest request{.function_name = call.function};
  if (call.is_try) request.invocation_type = "DryRun";
  request.payload.emplace().bytes = std::move(call.payload);
  lambda::InvokeResponse response = co_await lambda::Client(channel).invoke(std::move(request));
  services::FunctionAnswer answer{.payload = {},
                                  .function_error = response.function_error.value_or("")};
  if (response.payload) answer.payload = std::move(response.payload->bytes);
  co_return answer;
}

}  // namespace matinee::delivery
