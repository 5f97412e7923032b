// A topic in memory, with its confirmed subscriptions, as publishing needs them: read from the
// store when something is first published to it, kept up to date with what changes, and forgotten
// when many others are used.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "services/sns/live_subscriptions.h"
#include "services/sns/topic_attributes.h"

namespace matinee::sns {

struct LiveTopic {
  TopicKey key;
  std::string arn;
  TopicRecord record;
  TopicSettings settings;
  /// Nothing until something is published. Thousands are read piece by piece.
  std::optional<LiveSubscriptions> subscriptions;
  std::string read_to;             // the id of the last one that was read
  bool has_all_read = false;       // those after it do not exist
  std::uint64_t swept_minute = 0;  // in which what is too old was removed last

  LiveTopic(TopicKey topic_key, TopicRecord topic_record)
      : key(std::move(topic_key)), arn(arn_of(key)), record(std::move(topic_record)) {
    settings = read_settings(key, record);
  }
};

}  // namespace matinee::sns
