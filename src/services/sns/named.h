// A subscription together with its topic, found by its ARN.
#pragma once

#include "services/sns/service.h"

namespace matinee::sns {

struct Service::Named {
  LiveTopic* topic;
  std::string id;
  SubscriptionRecord record;

  std::string arn() const { return topic->arn + ":" + id; }
  StoredSubscription key() const {
    return {topic->key.account, topic->key.region, topic->key.name, id};
  }
};

struct Service::Accepted {
  std::string message_id;
  std::optional<std::string> sequence;
};

}  // namespace matinee::sns
