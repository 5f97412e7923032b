#include "delivery/targets/function_target.h"

#include "lambda/client.h"

namespace matinee::delivery {

/// The target's policy is looked at as for every caller.
runtime::Task<services::Refusals> FunctionTarget::send(std::vector<services::Delivery> deliveries) {
  services::Delivery& delivery = deliveries.front();
  const services::Arn function = services::parse_arn(delivery.target).value();
  services::Context caller = caller_of(delivery, function, way_.directory);
  caller.trace_header = delivery.trace_header;
  const std::string id = delivery.id;
  client::InProcessChannel channel(way_.endpoint, way_.random, std::move(caller));
  // A try, of whether the function may be called at all.
  const bool is_try = delivery.parameters.contains("DryRun");
  lambda::InvokeRequest request{.function_name = delivery.target,
                                .invocation_type = is_try ? "DryRun" : "Event"};
  request.payload.emplace().bytes = std::move(delivery.body);
  co_await lambda::Client(channel).invoke(std::move(request));
  services::Refusals refusals(1);
  refusals.taken.push_back({.id = id});
  co_return refusals;
}

}  // namespace matinee::delivery
