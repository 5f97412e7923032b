// Which changes of a bucket's objects are told to whom, as it is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/record.h"

namespace matinee::s3 {

/// One configuration of a queue or a topic.
struct NotificationRule {
  std::string id;
  std::string target;               // an ARN
  std::vector<std::string> events;  // "s3:ObjectCreated:*"
  /// As the client wrote them: in the form of a URL, where a plus is a space.
  std::optional<std::string> prefix;
  std::optional<std::string> suffix;

  /// Whether this rule is about an event, "ObjectCreated:Put", of an object with this key.
  bool matches(std::string_view event, std::string_view key) const;

  /// Whether it tells a topic, and not a queue.
  bool is_topic() const;
  bool is_function() const;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&NotificationRule::id), storage::field<2>(&NotificationRule::target),
      storage::field<3>(&NotificationRule::events), storage::field<4>(&NotificationRule::prefix),
      storage::field<5>(&NotificationRule::suffix)};
};

/// Those of a bucket, in the order the client gave.
struct NotificationRecord {
  std::vector<NotificationRule> rules;
  bool to_event_bridge = false;  // whatever happens, whether or not a rule is about it

  bool is_empty() const { return rules.empty() && !to_event_bridge; }

  static constexpr auto fields =
      std::tuple{storage::field<1>(&NotificationRecord::rules),
                 storage::field<2>(&NotificationRecord::to_event_bridge)};
};

}  // namespace matinee::s3
