// Deliveries to targets that need no waiting, inside of the transaction of what caused them: one
// write instead of three, and nothing between the two that a crash could part.
#include <algorithm>

#include "delivery/ends.h"
#include "delivery/outbox.h"
#include "services/faults.h"

namespace matinee::delivery {

namespace {

using services::Delivery;

/// What one operation causes beyond that is kept, so that it does not take everybody's time.
constexpr std::size_t most_at_once = 1000;

auto lane_of_view(const Delivery& delivery) {
  return std::tie(delivery.target, delivery.source_arn, delivery.via);
}

bool have_sender_in_common(const Delivery& one, const Delivery& other) {
  return one.target == other.target && one.source_arn == other.source_arn && one.via == other.via &&
         one.role == other.role && one.service_principal == other.service_principal &&
         one.source_account == other.source_account;
}

}  // namespace

void Outbox::add(const Delivery& delivery) {
  if (gathered_) {
    gathered_->push_back(delivery);
    return;
  }
  std::vector<Delivery> deliveries{delivery};
  add_all(std::move(deliveries));
}

void Outbox::add_all(std::vector<Delivery> deliveries) {
  if (faults_ && (faults_->has_any(faults::Stage::delivery) ||
                  faults_->has_any(faults::Stage::attempt))) [[unlikely]]
    deliveries = strike(std::move(deliveries));
  std::vector<Delivery*> all;
  all.reserve(deliveries.size());
  for (Delivery& delivery : deliveries) all.push_back(&delivery);
  if (all.size() > 1)
    std::ranges::sort(all, [](const Delivery* one, const Delivery* other) {
      const auto order = lane_of_view(*one) <=> lane_of_view(*other);
      return order == 0 ? one < other : order < 0;
    });
  handed_over_ = 0;
  for (std::size_t first = 0; first < all.size();) {
    std::size_t end = first + 1;
    while (end < all.size() && have_sender_in_common(*all[first], *all[end])) ++end;
    hand_over(std::span(all).subspan(first, end - first));
    first = end;
  }
}

void Outbox::add_gathered() {
  std::optional<std::vector<Delivery>> gathered = std::exchange(gathered_, std::nullopt);
  if (gathered && !gathered->empty()) add_all(*std::move(gathered));
}

void Outbox::hand_over(std::span<Delivery* const> deliveries) {
  services::DeliveryTarget* target = find_target(deliveries.front()->target);
  bool goes_on = target != nullptr;
  if (goes_on && !lanes_.empty() && deliveries.front()->in_order)
    goes_on = !lanes_.contains(lane_name(*deliveries.front()));
  std::vector<Delivery> batch;
  std::size_t bytes = 0;
  const auto finish = [&] {
    if (!batch.empty()) hand_over_batch(*target, std::exchange(batch, {}), goes_on);
    bytes = 0;
  };
  for (Delivery* const pointer : deliveries) {
    Delivery& delivery = *pointer;
    if (goes_on && !batch.empty()) {
      const bool fits =
          batch.size() < target->most() && bytes + size_of(delivery) <= target->most_bytes() &&
          (target->mixes_traces() || batch.front().trace_header == delivery.trace_header);
      if (!fits) finish();
    }
    if (!goes_on || handed_over_ + batch.size() >= most_at_once) {
      finish();
      keep(delivery, clock_.now());
      continue;
    }
    bytes += size_of(delivery);
    batch.push_back(std::move(delivery));
  }
  finish();
}

/// `goes_on` becomes false where what comes after these has to wait.
void Outbox::hand_over_batch(services::DeliveryTarget& target, std::vector<Delivery> batch,
                             bool& goes_on) {
  const bool in_order = batch.front().in_order;
  std::vector<Underway> underway;
  if (journal_ || !listeners_.empty())
    for (const Delivery& delivery : batch)
      underway.push_back({.key = {},
                          .id = delivery.id,
                          .trace_header = delivery.trace_header,
                          .bytes = size_of(delivery),
                          .created = clock_.now()});
  const auto listener = listeners_.find(batch.front().service_principal);
  std::vector<std::string> bodies;
  if (listener != listeners_.end() && listener->second->reads_bodies(batch.front()))
    for (const Delivery& delivery : batch) bodies.push_back(delivery.body);
  std::optional<services::Refusals> refusals;
  try {
    if (goes_on && !why_not_in_its_role(batch.front())) refusals = target.take_over(batch);
  } catch (const protocol::ServiceError&) {
    // What is wrong is found out, and acted upon, when it is sent again.
    refusals.reset();
  }
  if (!refusals) {
    goes_on = false;
    for (const Delivery& delivery : batch) keep(delivery, clock_.now());
    return;
  }
  handed_over_ += batch.size();
  for (std::size_t index = 0; index < batch.size(); ++index) {
    if (refusals->at(index)) {
      keep(batch[index], clock_.now());
      if (in_order) goes_on = false;
    } else if (listener != listeners_.end()) {
      services::DeliveryResult result{.tries = 1};
      if (index < refusals->taken.size()) result.id = refusals->taken[index].id;
      if (!bodies.empty()) batch[index].body = std::move(bodies[index]);
      listener->second->settled(batch[index], result);
    }
  }
  if (journal_)
    tell_taken({.account = batch.front().source_account,
                .target = batch.front().target,
                .source = batch.front().source_arn,
                .principal = batch.front().service_principal},
               underway, *refusals);
}

}  // namespace matinee::delivery
