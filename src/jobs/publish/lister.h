// Pages of a bucket's listing.
#pragma once

#include <vector>

#include "jobs/publish/options.h"
#include "s3/client.h"

namespace matinee::jobs::publish {

struct ListedObject {
  std::string key;
  std::string etag;  // without quotes
  runtime::Time modified;
};

struct Page {
  std::vector<ListedObject> objects;  // in the order of their keys
  bool has_more = false;
};

class Lister {
 public:
  /// `options` must outlive it.
  Lister(const PublishOptions& options, s3::Client client) : options_(options), client_(client) {}

  // Both throw JobError with a sentence where the bucket cannot be listed.

  runtime::Task<> require_bucket();
  /// The next page of keys behind `after`, at most 1,000; without keys only at the end.
  runtime::Task<Page> list(std::string after);

  std::uint64_t pages() const { return pages_; }

 private:
  const PublishOptions& options_;
  s3::Client client_;
  std::uint64_t pages_ = 0;

  runtime::Task<s3::ListObjectsV2Response> call(s3::ListObjectsV2Request request);
  [[noreturn]] void explain(const protocol::ServiceError& error) const;
};

/// What a key in a listing stands for that was asked for with encoding-type "url".
std::string decode_key(std::string_view encoded);

}  // namespace matinee::jobs::publish
