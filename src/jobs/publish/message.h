// The message that stands for one object, and what makes the queue drop it when it comes twice.
#pragma once

#include "jobs/publish/entries.h"
#include "jobs/sha256.h"

namespace matinee::jobs::publish {

struct OutgoingMessage {
  std::string body;              // {"bucket":"B","key":"K"}
  std::string deduplication_id;  // SHA-256 over bucket, key, ETag and edition, in hexadecimal
  std::string group;             // "publish-17": by a hash of the key
};

/// Makes the messages of one bucket. The same entry always gives the same message, in whatever run.
class MessageMaker {
 public:
  explicit MessageMaker(std::string bucket) : bucket_(std::move(bucket)) {}

  /// `entry` has a doubt, which says how many groups there are.
  OutgoingMessage make(const Entry& entry);

 private:
  std::string bucket_;
  Sha256 digest_;
};

/// Whether SQS takes the key in a message: it must be well-formed UTF-8.
bool is_utf8(const std::string& key);

}  // namespace matinee::jobs::publish
