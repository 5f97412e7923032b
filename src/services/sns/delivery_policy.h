// Delivery policies: how HTTP subscribers are tried again, and with which content type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/outbox.h"

namespace matinee::sns {

/// A policy as topics and subscriptions have it; what it does not say is nothing here.
struct DeliveryPolicy {
  struct Retries {
    std::optional<std::int64_t> min_delay;
    std::optional<std::int64_t> max_delay;
    std::optional<std::int64_t> retries;
    std::optional<std::int64_t> max_delay_retries;
    std::optional<std::int64_t> no_delay_retries;
    std::optional<std::int64_t> min_delay_retries;
    std::optional<std::string> backoff;
  };
  std::optional<Retries> healthy;
  std::optional<std::int64_t> most_a_second;  // maxReceivesPerSecond
  std::optional<std::string> content_type;
  bool disable_overrides = false;
};

/// Whose policy it is: that of a subscription stands for itself, that of a topic under "http".
enum class PolicyOf : std::uint8_t { topic, subscription };

/// Throws InvalidParameter where the text is no delivery policy.
DeliveryPolicy parse_delivery_policy(const std::string& json, PolicyOf of);

/// What AWS shows of a topic's policy: as it was given, and whether it may be overridden.
std::string shown_policy(const std::string& json);

/// `policy`, with the defaults for what it does not say.
std::string effective_policy(const DeliveryPolicy& policy, PolicyOf of);

/// The waits between tries that policies ask for: that of the subscription goes before that of the
/// topic, where this allows it. Both may be null.
services::RetryPolicy retry_policy(const DeliveryPolicy* subscription, const DeliveryPolicy* topic);

std::string content_type_of(const DeliveryPolicy* subscription, const DeliveryPolicy* topic);

}  // namespace matinee::sns
