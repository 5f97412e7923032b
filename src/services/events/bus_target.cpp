#include "services/events/bus_target.h"

#include <fmt/format.h>

#include <charconv>

#include "events/operations.h"
#include "services/arn.h"
#include "services/delivery_caller.h"
#include "services/events/event_paths.h"
#include "services/lineage.h"

namespace matinee::events {

namespace {

std::optional<std::string> find_at(std::string_view json, std::string_view path) {
  if (json.empty()) return std::nullopt;
  return EventPath::compile(path).value().find(json);
}

std::string text_at(std::string_view json, std::string_view path) {
  return plain_text(find_at(json, path).value_or(""));
}

/// How many buses an event has passed, counting the one that it is to enter.
std::size_t hops_of(const services::Delivery& delivery) {
  const std::string text = find_at(delivery.parameters, "$.hops").value_or("1");
  std::size_t hops = 1;
  std::from_chars(text.data(), text.data() + text.size(), hops);
  return hops;
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

/// Where policies of roles are looked at, that of the target's role decides, with that of the bus.
std::optional<std::string> Service::BusTarget::why_role_may_not(const services::Delivery& delivery,
                                                                const policy::Keys& keys) const {
  services::Decider* decider = service_.decider();
  const Context caller =
      services::caller_of(delivery, services::parse_arn(delivery.target).value_or(services::Arn()),
                          service_.neighbours_.directory);
  const services::Inquiry inquiry{.context = caller,
                                  .operation = operations::PutEvents,
                                  .request = nullptr,
                                  .action = "events:PutEvents",
                                  .resource = delivery.target};
  const services::Guarded guarded = service_.guard_of(inquiry);
  const identity::Decision decision = decider->decide(inquiry, guarded, keys);
  if (decision.allowed) return std::nullopt;
  std::string sentence = decider->sentence(inquiry, guarded, decision);
  if (decider->enforces()) return sentence;
  decider->note_refusal(inquiry, std::move(sentence));
  return std::nullopt;
}

/// Buses of the sender's account are open to its rules; others by their policy.
std::optional<std::string> Service::BusTarget::why_not(const services::Delivery& delivery,
                                                       const BusKey& bus) const {
  const policy::Keys keys = [&](std::string_view name) -> std::optional<std::vector<std::string>> {
    if (name == "aws:sourcearn") return std::vector{delivery.source_arn};
    if (name == "aws:sourceaccount") return std::vector{delivery.source_account};
    if (name == "events:eventbusinvocation") return std::vector<std::string>{"true"};
    if (name == "events:source") return std::vector{text_at(delivery.body, "$.source")};
    if (name == "events:detail-type") return std::vector{text_at(delivery.body, "$.detail-type")};
    return std::nullopt;
  };
  services::Decider* decider = service_.decider();
  if (decider && !delivery.role.empty()) {
    std::optional<std::string> reason = why_role_may_not(delivery, keys);
    if (reason || decider->enforces()) return reason;
  }
  if (delivery.source_account == bus.account) return std::nullopt;
  const std::optional<BusRecord> record = service_.find_bus(bus);
  std::optional<policy::Document> document;
  if (record && record->policy)
    if (auto parsed = policy::parse(*record->policy)) document = *std::move(parsed);
  const std::string caller = delivery.role.empty()
                                 ? fmt::format("arn:aws:iam::{}:root", delivery.source_account)
                                 : delivery.role;
  const bool may =
      policy::authorize(
          {.account = bus.account, .policy = document ? &*document : nullptr},
          {.caller = {.account = delivery.source_account, .arn = caller, .role = delivery.role},
           .action = "events:PutEvents",
           .resource = delivery.target,
           .keys = keys})
          .allowed();
  if (may) return std::nullopt;
  return fmt::format("The policy of {} does not let {} send events to it.", delivery.target,
                     delivery.source_arn);
}

std::optional<services::Refusal> Service::BusTarget::find_refusal(
    const services::Delivery& delivery) {
  const std::optional<NameKey> name = key_in_arn("event-bus", delivery.target);
  if (!name)
    return services::Refusal{.reason = fmt::format("{} is no event bus.", delivery.target),
                             .code = "INVALID_PARAMETER",
                             .for_ever = true};
  const BusKey bus{std::get<0>(*name), std::get<1>(*name), std::get<2>(*name)};
  const std::optional<services::Arn> source = services::parse_arn(delivery.source_arn);
  // AWS sends an event to a bus once only, also within an account and region.
  if (hops_of(delivery) > 1)
    return services::Refusal{
        .reason = fmt::format("Event ingestion rejected for event {} because an event can be sent "
                              "to an event bus target only once. This event was previously "
                              "delivered to an event bus target.",
                              delivery.id),
        .code = source && source->region != bus.region ? "THIRD_REGION_HOP_DETECTED"
                                                       : "THIRD_ACCOUNT_HOP_DETECTED",
        .for_ever = true};
  if (std::optional<std::string> reason = why_not(delivery, bus))
    return services::Refusal{
        .reason = *std::move(reason), .code = "NO_PERMISSIONS", .for_ever = true};
  if (!service_.find_bus(bus))
    return services::Refusal{.reason = fmt::format("Event bus {} does not exist.", bus.name),
                             .code = "NO_RESOURCE",
                             .for_ever = true};
  return std::nullopt;
}

std::optional<services::Refusal> Service::BusTarget::take_one(const services::Delivery& delivery) {
  if (std::optional<services::Refusal> refusal = find_refusal(delivery)) return refusal;
  const NameKey name = *key_in_arn("event-bus", delivery.target);
  const BusKey bus{std::get<0>(name), std::get<1>(name), std::get<2>(name)};
  const std::optional<services::Arn> source = services::parse_arn(delivery.source_arn);
  // The same event keeps its id within a region, and gets another one in another region.
  const bool is_elsewhere = source && source->region != bus.region;
  const std::string id = is_elsewhere ? service_.runtime_.random.uuid() : delivery.id;
  if (services::Journal* journal = service_.neighbours_.journal;
      is_elsewhere && journal && journal->is_withheld(delivery.id))
    journal->withhold(id);
  const Passage passage{.hops = hops_of(delivery),
                        .trace = services::without_lineage(delivery.trace_header),
                        .caller = delivery.source_arn};
  if (service_.enter(bus, id, is_elsewhere ? with_id(delivery.body, id) : delivery.body, passage))
    return std::nullopt;
  return services::Refusal{.reason = fmt::format("Event bus {} does not exist.", bus.name),
                           .code = "NO_RESOURCE",
                           .for_ever = true};
}

}  // namespace matinee::events
