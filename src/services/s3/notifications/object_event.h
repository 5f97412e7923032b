// What happens to objects, and the messages that tell others of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"
#include "services/context.h"
#include "services/s3/catalog/records.h"

namespace matinee::s3 {

/// A change of one object. The name is that of AWS without "s3:": "ObjectCreated:Put".
struct ObjectEvent {
  std::string_view name;
  std::string key;
  std::optional<std::uint64_t> size = std::nullopt;
  std::string etag = {};        // empty where the message has none
  std::string version_id = {};  // empty for null versions
  std::string moved_to = {};    // the storage class, of a LifecycleTransition
};

/// Of ObjectCreated events, and of those about tags and ACLs, which tell no size.
ObjectEvent event_of(std::string_view name, const std::string& key, const ObjectRecord& object);

/// Where and when an event happened.
struct EventPlace {
  std::string bucket;
  std::string region;
  std::string account;  // the bucket's owner
  runtime::Time time;
  std::uint64_t sequence = 0;  // grows from event to event of an object
};

/// The message for one rule, JSON with one record in it.
std::string event_message(const services::Context& context, const EventPlace& place,
                          const ObjectEvent& event, std::string_view configuration_id);

/// The s3:TestEvent that a target gets when a bucket is told to notify it.
std::string test_message(const services::Context& context, const std::string& bucket,
                         runtime::Time time);

}  // namespace matinee::s3
