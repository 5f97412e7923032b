// The tags of buckets, which S3 keeps and S3 Control serves under other names: services do not know
// each other, so this is all that the one sees of the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/context.h"

namespace matinee::services {

/// Keys with their values, in the order in which they were put.
using Tags = std::vector<std::pair<std::string, std::string>>;

class BucketTags {
 public:
  virtual ~BucketTags() = default;

  /// Throws NoSuchBucket, and AccessDenied where the caller may not.
  virtual Tags tags_of_bucket(const Context& context, const std::string& bucket) const = 0;
  /// In place of those that are there; none is none. Throws what tags_of_bucket throws, InvalidTag,
  /// and BadRequest above 50 tags.
  virtual void put_tags_of_bucket(const Context& context, const std::string& bucket,
                                  const Tags& tags) = 0;
};

}  // namespace matinee::services
