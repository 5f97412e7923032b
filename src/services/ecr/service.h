// Amazon ECR, as far as tools need it that deploy: repositories and what is set on them. Images are
// not kept: a repository is always empty, and what would move images answers 501.
//
// A repository belongs to an account, its registry, and a region. Each method is the operation of
// AWS's model with that name, and throws its errors with AWS's messages.
#pragma once

#include <span>

#include "ecr/shapes.h"
#include "runtime/runtime.h"
#include "services/ecr/records.h"
#include "services/endpoint.h"
#include "services/key_service.h"
#include "storage/store.h"

namespace matinee::ecr {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Without keys, repositories that are encrypted by KMS are refused
  /// with 501.
  Service(storage::Store& store, runtime::Runtime& runtime, services::KeyService* keys = nullptr);

  // access.cpp
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  void reset(const services::ResetScope& scope) override;

  // repositories.cpp
  CreateRepositoryResponse create_repository(const Context&, const CreateRepositoryRequest&);
  DescribeRepositoriesResponse describe_repositories(const Context&,
                                                     const DescribeRepositoriesRequest&);
  DeleteRepositoryResponse delete_repository(const Context&, const DeleteRepositoryRequest&);
  PutImageScanningConfigurationResponse put_image_scanning_configuration(
      const Context&, const PutImageScanningConfigurationRequest&);
  PutImageTagMutabilityResponse put_image_tag_mutability(const Context&,
                                                         const PutImageTagMutabilityRequest&);

  // images.cpp
  ListImagesResponse list_images(const Context&, const ListImagesRequest&);
  DescribeImagesResponse describe_images(const Context&, const DescribeImagesRequest&);

  // policies.cpp
  SetRepositoryPolicyResponse set_repository_policy(const Context&,
                                                    const SetRepositoryPolicyRequest&);
  GetRepositoryPolicyResponse get_repository_policy(const Context&,
                                                    const GetRepositoryPolicyRequest&);
  DeleteRepositoryPolicyResponse delete_repository_policy(const Context&,
                                                          const DeleteRepositoryPolicyRequest&);
  PutLifecyclePolicyResponse put_lifecycle_policy(const Context&, const PutLifecyclePolicyRequest&);
  GetLifecyclePolicyResponse get_lifecycle_policy(const Context&, const GetLifecyclePolicyRequest&);
  DeleteLifecyclePolicyResponse delete_lifecycle_policy(const Context&,
                                                        const DeleteLifecyclePolicyRequest&);

  // tags.cpp
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

 private:
  struct Found {
    RepositoryKey key;
    RepositoryRecord record;
  };

  runtime::Runtime& runtime_;
  services::KeyService* keys_;
  Repositories repositories_;

  /// Of the registry that the request names, else the caller's. Throws
  /// RepositoryNotFoundException.
  Found require(const Context& context, const std::optional<std::string>& registry,
                const std::string& name) const;
  Found require_tagged(const Context& context, const std::string& arn) const;
  /// The ARN of KMS's key. Throws KmsException.
  std::string require_key(const Context& context, const EncryptionConfiguration& wanted) const;
};

}  // namespace matinee::ecr
