// S3 Control: the tags of buckets under the names that all services of AWS give to these
// operations. What they read and change are the tags that S3's GetBucketTagging shows.
#pragma once

#include <span>

#include "s3control/operations.h"
#include "services/bucket_tags.h"
#include "services/endpoint.h"

namespace matinee::s3control {

using services::Context;

/// Resources are buckets, "arn:aws:s3:::bucket". Each operation throws NoSuchBucket, AccessDenied
/// where the bucket is not of the account that is named, and NotImplemented for other resources.
class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// `tags` must outlive this service.
  explicit Service(services::BucketTags& tags);

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;

  /// By the policy of the bucket: s3:ListTagsForResource, s3:TagResource, s3:UntagResource.
  void authorize(const Context& context, const protocol::Operation& operation,
                 const void* request) override;

  /// With what S3 knows of the bucket.
  bool judges_itself() const override { return true; }

  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);
  /// Adds tags, and gives new values to those that are there. Throws InvalidTag and BadRequest.
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  /// Removing tags that are not there is a success.
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);

 private:
  services::BucketTags& tags_;
};

}  // namespace matinee::s3control
