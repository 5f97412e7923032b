// The attributes of subscriptions: which there are, and what they may be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/sns/records.h"
#include "services/sns/topic_attributes.h"

namespace matinee::sns {

/// A subscription that attributes are given to.
struct Subscribing {
  std::string_view protocol;
  std::string_view endpoint;
  bool fifo_topic = false;
};

/// The value as it is kept, empty where it means none. Throws InvalidParameter. Whether a filter
/// policy fits its scope is another question: `require_filter`.
std::string checked_subscription_attribute(const Subscribing& subscribing, const std::string& name,
                                           const std::string& value, GivenTo given_to);

/// The queue that a RedrivePolicy names; empty without one.
std::string dead_letter_queue(const Attributes& attributes);

/// When a replay begins, and when it ends.
struct ReplayPolicy {
  runtime::Time starting;
  std::optional<runtime::Time> ending;
};
std::optional<ReplayPolicy> find_replay_policy(const Attributes& attributes);

bool is_raw(const Attributes& attributes);
bool filters_body(const Attributes& attributes);
/// Empty without one; {} counts as none.
std::string filter_policy_of(const Attributes& attributes);

/// Whether attributes that are given again are those that the subscription has.
bool has_same_attributes(const Attributes& kept, const Attributes& given);

/// What GetSubscriptionAttributes tells of them.
void tell_subscription_attributes(const SubscriptionRecord& record, const TopicRecord& topic,
                                  Attributes& told);

/// AWS's words for JSON that cannot be read.
std::string json_fault(std::string_view json);

}  // namespace matinee::sns
