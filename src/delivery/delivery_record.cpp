#include "delivery/delivery_record.h"

#include "services/schedule_tries.h"

namespace matinee::delivery {

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

LaneRecord lane_of(const services::Delivery& delivery) {
  LaneRecord lane{.target = delivery.target,
                  .source_arn = delivery.source_arn,
                  .via = delivery.via,
                  .service_principal = delivery.service_principal,
                  .source_account = delivery.source_account,
                  .role = delivery.role,
                  .in_order = delivery.in_order,
                  .retries = delivery.retries.kind,
                  .most_retries = delivery.retries.most_retries,
                  .oldest = delivery.retries.oldest,
                  .patience_when_refused = delivery.retries.patience_when_refused,
                  .dead_letters = delivery.dead_letter.queue,
                  .tells_reasons = delivery.dead_letter.tells_reasons};
  for (const services::RetryPhase& phase : delivery.retries.phases)
    lane.phases.push_back(
        {.count = phase.count, .first = phase.first, .last = phase.last, .growth = phase.growth});
  return lane;
}

DeliveryRecord record_of(const services::Delivery& delivery, runtime::Time now) {
  DeliveryRecord record{.body = delivery.body,
                        .created = now,
                        .trace_header = delivery.trace_header,
                        .id = delivery.id,
                        .attributes = delivery.attributes,
                        .subject = unless_empty(delivery.subject),
                        .group = unless_empty(delivery.group),
                        .deduplication_id = unless_empty(delivery.deduplication_id),
                        .parameters = unless_empty(delivery.parameters),
                        .told_of_tries = unless_empty(delivery.told_of_tries)};
  if (!delivery.dead_letter.queue.empty()) {
    record.dead_body = delivery.dead_letter.body;
    if (!delivery.dead_letter.attributes.empty())
      record.dead_attributes = delivery.dead_letter.attributes;
  }
  return record;
}

services::RetryPolicy retries_of(const LaneRecord& lane) {
  services::RetryPolicy policy{.kind = lane.retries,
                               .most_retries = lane.most_retries,
                               .oldest = lane.oldest,
                               .patience_when_refused = lane.patience_when_refused};
  for (const PhaseRecord& phase : lane.phases)
    policy.phases.push_back(
        {.count = phase.count, .first = phase.first, .last = phase.last, .growth = phase.growth});
  return policy;
}

namespace {

constexpr std::string_view schedules = "scheduler.amazonaws.com";

/// What a schedule says of its next try.
void tell_of_try(services::Delivery& delivery, const DeliveryRecord& record) {
  const std::uint32_t number = record.tries.value_or(0) + 1;
  if (number == 1) return;
  if (!delivery.told_of_tries.empty())
    delivery.body = services::input_of_try(delivery.told_of_tries, delivery.id, number);
  for (services::MessageAttribute& attribute : delivery.dead_letter.attributes)
    if (attribute.name == "EXECUTION_ID")
      attribute.value = services::execution_of_try(delivery.id, number);
}

}  // namespace

services::Delivery to_delivery(const LaneRecord& lane, DeliveryRecord record) {
  services::Delivery delivery{.target = lane.target,
                              .body = std::move(record.body),
                              .service_principal = lane.service_principal,
                              .source_arn = lane.source_arn,
                              .source_account = lane.source_account,
                              .trace_header = std::move(record.trace_header),
                              .role = lane.role,
                              .id = std::move(record.id),
                              .via = lane.via,
                              .attributes = std::move(record.attributes),
                              .subject = std::move(record.subject).value_or(""),
                              .group = std::move(record.group).value_or(""),
                              .deduplication_id = std::move(record.deduplication_id).value_or(""),
                              .told_of_tries = std::move(record.told_of_tries).value_or(""),
                              .parameters = std::move(record.parameters).value_or(""),
                              .in_order = lane.in_order,
                              .retries = retries_of(lane),
                              .dead_letter = {.queue = lane.dead_letters,
                                              .body = std::move(record.dead_body),
                                              .tells_reasons = lane.tells_reasons}};
  if (record.dead_attributes) delivery.dead_letter.attributes = std::move(*record.dead_attributes);
  if (lane.service_principal == schedules) tell_of_try(delivery, record);
  return delivery;
}

}  // namespace matinee::delivery
