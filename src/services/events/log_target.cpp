#include "services/events/log_target.h"

#include <fmt/format.h>

#include "services/arn.h"

namespace matinee::events {

namespace {

/// "NAME" of "log-group:NAME" and "log-group:NAME:*"; empty for others.
std::string group_of(std::string_view resource) {
  constexpr std::string_view start = "log-group:";
  if (!resource.starts_with(start)) return {};
  resource.remove_prefix(start.size());
  return std::string(resource.substr(0, resource.find(':')));
}

}  // namespace

runtime::Task<services::Refusals> Service::LogTarget::send(
    std::vector<services::Delivery> deliveries) {
  storage::Transaction transaction(store_);
  services::Refusals refusals;
  for (const services::Delivery& delivery : deliveries) {
    const std::optional<services::Arn> arn = services::parse_arn(delivery.target);
    const std::string group = arn ? group_of(arn->resource) : std::string();
    if (group.empty()) {
      refusals.emplace_back(
          services::Refusal{.reason = fmt::format("{} is no log group.", delivery.target),
                            .code = "INVALID_PARAMETER",
                            .for_ever = true});
      continue;
    }
    const services::LogLine line{.time = runtime_.clock.now(), .text = delivery.body};
    logs_->put({.account = arn->account,
                .region = arn->region,
                .group = group,
                .stream = runtime_.random.uuid()},
               std::span(&line, 1));
    refusals.emplace_back(std::nullopt);
  }
  transaction.commit();
  co_return refusals;
}

}  // namespace matinee::events
