#include "services/sns/live_subscriptions.h"

namespace matinee::sns {

namespace {

LiveSubscription live(const std::string& id, const SubscriptionRecord& record) {
  const auto text_of = [&](const char* name) {
    const auto found = record.attributes.find(name);
    return found == record.attributes.end() ? std::string() : found->second;
  };
  LiveSubscription live{.id = id,
                        .protocol = record.protocol,
                        .endpoint = record.endpoint,
                        .role = text_of("SubscriptionRoleArn"),
                        .dead_letter_queue = dead_letter_queue(record.attributes),
                        .raw = is_raw(record.attributes),
                        .delivery_policy = nullptr};
  if (const std::string policy = text_of("DeliveryPolicy"); !policy.empty())
    live.delivery_policy = std::make_shared<const DeliveryPolicy>(
        parse_delivery_policy(policy, PolicyOf::subscription));
  return live;
}

}  // namespace

std::optional<LiveSubscriptions::Place> LiveSubscriptions::find(std::string_view id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

void LiveSubscriptions::put(const std::string& id, const SubscriptionRecord& record) {
  remove(id);
  Place place = static_cast<Place>(list_.size());
  if (free_.empty()) {
    list_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  list_[place] = live(id, record);
  places_.emplace(list_[place].id, place);
  filters_.add(place, filter_policy_of(record.attributes),
               filters_body(record.attributes) ? Scope::body : Scope::attributes);
}

bool LiveSubscriptions::free_some() {
  constexpr std::size_t most = 16;
  for (std::size_t i = 0; i < most && !list_.empty(); ++i) {
    places_.erase(list_.back().id);
    list_.pop_back();
  }
  const bool filters = filters_.free_some(most);
  return filters || !list_.empty();
}

void LiveSubscriptions::remove(std::string_view id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  const Place place = found->second;
  places_.erase(found);
  filters_.remove(place);
  list_[place] = {};
  free_.push_back(place);
}

}  // namespace matinee::sns
