// The tags of buckets, which S3 keeps and S3 Control serves under other names: services do not know
// each other, so this is all that the one sees of the other.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/context.h"

namespace matinee::services {

/// Keys with their values, in the order in which they were put.
using Tags = std::vector<std::pair<std::string, std::string>>;

class BucketTags {
 public:
  virtual ~BucketTags() = default;

  /// Throws AccessDenied where the caller may not do this ("s3:TagResource") with the bucket. What
  /// does not exist is for the others to tell.
  virtual void authorize_tags(const Context& context, const std::string& bucket,
                              std::string_view action) const = 0;
  /// Throws NoSuchBucket, and AccessDenied where it is another account's than `owner`.
  virtual Tags tags_of_bucket(const std::string& bucket, const std::string& owner) const = 0;
  /// In place of those that are there; none is none. For a bucket that is there. Throws InvalidTag,
  /// and BadRequest above 50 tags.
  virtual void put_tags_of_bucket(const std::string& bucket, const Tags& tags) = 0;
};

}  // namespace matinee::services
