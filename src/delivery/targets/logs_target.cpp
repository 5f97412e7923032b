#include "delivery/targets/logs_target.h"

#include "delivery/targets/refusals.h"
#include "logs/client.h"

namespace matinee::delivery {

namespace {

/// Of "log-group:NAME" or "log-group:NAME:*".
std::string group_of(const services::Arn& arn) {
  constexpr std::string_view kind = "log-group:";
  std::string name = arn.resource.starts_with(kind) ? arn.resource.substr(kind.size()) : "";
  if (name.ends_with(":*")) name.resize(name.size() - 2);
  return name;
}

}  // namespace

runtime::Task<services::Refusals> LogsTarget::send(std::vector<services::Delivery> deliveries) {
  const services::Arn arn = services::parse_arn(deliveries.front().target).value();
  client::InProcessChannel channel = way_.channel_for(deliveries.front(), arn);
  const logs::Client logs(channel);
  const std::string group = group_of(arn);
  const std::string stream = way_.random.uuid();
  co_await logs.create_log_stream({.log_group_name = group, .log_stream_name = stream});
  logs::PutLogEventsRequest request{.log_group_name = group, .log_stream_name = stream};
  for (services::Delivery& delivery : deliveries)
    request.log_events.push_back(
        {.timestamp = runtime::to_milliseconds(clock_.now()), .message = std::move(delivery.body)});
  co_await logs.put_log_events(std::move(request));
  co_return services::Refusals(deliveries.size());
}

}  // namespace matinee::delivery
