// The confirmed subscriptions of a topic in memory, with their filter policies. One that changes
// leaves the others as they are, however many there are.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/sns/filters.h"
#include "services/sns/records.h"
#include "services/sns/subscription_attributes.h"

namespace matinee::sns {

struct LiveSubscription {
  std::string id;
  std::string protocol;
  std::string endpoint;
  std::string role;
  std::string dead_letter_queue;
  bool raw = false;
  std::shared_ptr<const DeliveryPolicy> delivery_policy;
};

class LiveSubscriptions {
 public:
  using Place = std::uint32_t;

  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  const LiveSubscription& at(Place place) const { return list_[place]; }
  /// Where the subscription of that id is, until it is removed; nothing where it is not.
  std::optional<Place> find(std::string_view id) const;

  /// One that is there already is replaced.
  void put(const std::string& id, const SubscriptionRecord& record);
  void remove(std::string_view id);
  /// Frees some of what will not be used any more. False once nothing is left.
  bool free_some();

  /// Those that want the message, by their places, in order.
  std::vector<Place> matching(const Message& message) { return filters_.matching(message); }
  /// In words, for one that does not want it.
  std::string why_not(Place place, const Message& message) {
    return filters_.why_not(place, message);
  }
  /// Calls `visit(Place, const LiveSubscription&)` in the order of places until it returns false.
  template <class Visit>
  void each(Visit visit) const {
    for (Place place = 0; place < list_.size(); ++place)
      if (!list_[place].id.empty() && !visit(place, list_[place])) return;
  }

 private:
  std::deque<LiveSubscription> list_;  // where one was removed, one without an id
  std::vector<Place> free_;
  std::unordered_map<std::string_view, Place> places_;  // by the ids in the list, which stay there
  Filters filters_;
};

}  // namespace matinee::sns
