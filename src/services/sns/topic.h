// A topic in memory, with its confirmed subscriptions, as publishing needs them: read from the
// store when something is first published to it, and forgotten when many others are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/sns/filters.h"
#include "services/sns/subscription_attributes.h"
#include "services/sns/topic_attributes.h"

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

struct LiveTopic {
  TopicKey key;
  std::string arn;
  TopicRecord record;
  TopicSettings settings;
  /// Nothing until something is published.
  std::optional<std::vector<LiveSubscription>> subscriptions;
  Filters filters;                 // of the subscriptions, by their place in the list
  std::uint64_t swept_minute = 0;  // in which what is too old was removed last

  LiveTopic(TopicKey topic_key, TopicRecord topic_record)
      : key(std::move(topic_key)), arn(arn_of(key)), record(std::move(topic_record)) {
    settings = read_settings(key, record);
  }
};

}  // namespace matinee::sns
