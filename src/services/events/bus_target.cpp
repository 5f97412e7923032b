#include "services/events/bus_target.h"

#include <fmt/format.h>

#include <charconv>

#include "policy/evaluate.h"
#include "services/arn.h"
#include "services/events/event_paths.h"

namespace matinee::events {

namespace {

std::optional<std::string> find_at(std::string_view json, std::string_view path) {
  if (json.empty()) return std::nullopt;
  return EventPath::compile(path).value().find(json);
}

std::string text_at(std::string_view json, std::string_view path) {
  const std::string value = find_at(json, path).value_or("\"\"");
  return value.size() < 2 ? std::string() : value.substr(1, value.size() - 2);
}

}  // namespace

runtime::Task<services::Refusals> Service::BusTarget::send(
    std::vector<services::Delivery> deliveries) {
  storage::Transaction transaction(service_.store_);
  services::Refusals refusals = *take(deliveries);
  transaction.commit();
  co_return refusals;
}

std::optional<services::Refusals> Service::BusTarget::take(
    const std::vector<services::Delivery>& deliveries) {
  services::Refusals refusals;
  for (const services::Delivery& delivery : deliveries) refusals.push_back(take_one(delivery));
  return refusals;
}

/// Buses of the sender's account are open to its rules; others by their policy.
bool Service::BusTarget::lets_in(const services::Delivery& delivery, const BusKey& bus) const {
  if (delivery.source_account == bus.account) return true;
  const std::optional<BusRecord> record = service_.find_bus(bus);
  if (!record || !record->policy) return false;
  const auto document = policy::parse(*record->policy);
  if (!document) return false;
  const policy::Keys keys = [&](std::string_view name) -> std::optional<std::vector<std::string>> {
    if (name == "aws:sourcearn") return std::vector{delivery.source_arn};
    if (name == "aws:sourceaccount") return std::vector{delivery.source_account};
    if (name == "events:eventbusinvocation") return std::vector<std::string>{"true"};
    if (name == "events:source") return std::vector{text_at(delivery.body, "$.source")};
    if (name == "events:detail-type") return std::vector{text_at(delivery.body, "$.detail-type")};
    return std::nullopt;
  };
  const std::string caller = delivery.role.empty()
                                 ? fmt::format("arn:aws:iam::{}:root", delivery.source_account)
                                 : delivery.role;
  return policy::authorize(
             {.account = bus.account, .policy = &*document},
             {.caller = {.account = delivery.source_account, .arn = caller, .role = delivery.role},
              .action = "events:PutEvents",
              .resource = delivery.target,
              .keys = keys})
      .allowed();
}

std::optional<services::Refusal> Service::BusTarget::take_one(const services::Delivery& delivery) {
  const std::optional<NameKey> name = key_in_arn("event-bus", delivery.target);
  if (!name)
    return services::Refusal{.reason = fmt::format("{} is no event bus.", delivery.target),
                             .code = "INVALID_PARAMETER",
                             .for_ever = true};
  const BusKey bus{std::get<0>(*name), std::get<1>(*name), std::get<2>(*name)};
  if (!lets_in(delivery, bus))
    return services::Refusal{
        .reason = fmt::format("The policy of {} does not let {} send events to it.",
                              delivery.target, delivery.source_arn),
        .code = "NO_PERMISSIONS",
        .for_ever = true};
  std::string hops_text = find_at(delivery.parameters, "$.hops").value_or("1");
  std::size_t hops = 1;
  std::from_chars(hops_text.data(), hops_text.data() + hops_text.size(), hops);
  const std::optional<services::Arn> source = services::parse_arn(delivery.source_arn);
  // The same event keeps its id within a region, and gets another one in another region.
  const bool is_elsewhere = source && source->region != bus.region;
  const std::string id = is_elsewhere ? service_.runtime_.random.uuid() : delivery.id;
  const Passage passage{.hops = hops,
                        .crossed = find_at(delivery.parameters, "$.crossed").value_or("") == "true",
                        .trace = delivery.trace_header,
                        .caller = delivery.source_arn};
  if (service_.enter(bus, id, is_elsewhere ? with_id(delivery.body, id) : delivery.body, passage))
    return std::nullopt;
  return services::Refusal{.reason = fmt::format("Event bus {} does not exist, or the event has "
                                                 "passed too many buses.",
                                                 bus.name),
                           .code = "RESOURCE_NOT_FOUND",
                           .for_ever = true};
}

}  // namespace matinee::events
