// Who may use a repository, and when its images expire.
#include <fmt/format.h>

#include "ecr/errors.h"
#include "policy/document.h"
#include "services/ecr/lifecycle.h"
#include "services/ecr/repositories.h"
#include "services/ecr/service.h"

namespace matinee::ecr {
namespace {

void require_policy(const RepositoryKey& key, const RepositoryRecord& record) {
  if (record.policy.empty())
    throw RepositoryPolicyNotFoundException(
        fmt::format("Repository policy does not exist for {}", place_of(key)));
}

void require_lifecycle(const RepositoryKey& key, const RepositoryRecord& record) {
  if (record.lifecycle.empty())
    throw LifecyclePolicyNotFoundException(
        fmt::format("Lifecycle policy does not exist for {}", place_of(key)));
}

}  // namespace

SetRepositoryPolicyResponse Service::set_repository_policy(
    const Context& context, const SetRepositoryPolicyRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  if (!policy::parse(request.policy_text))
    throw InvalidParameterException(
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository "
        "policy provided'");
  found.record.policy = request.policy_text;
  repositories_.put(found.key, found.record);
  return {.registry_id = std::get<0>(found.key),
          .repository_name = request.repository_name,
          .policy_text = request.policy_text};
}

GetRepositoryPolicyResponse Service::get_repository_policy(
    const Context& context, const GetRepositoryPolicyRequest& request) {
  const Found found = require(context, request.registry_id, request.repository_name);
  require_policy(found.key, found.record);
  return {.registry_id = std::get<0>(found.key),
          .repository_name = request.repository_name,
          .policy_text = found.record.policy};
}

DeleteRepositoryPolicyResponse Service::delete_repository_policy(
    const Context& context, const DeleteRepositoryPolicyRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  require_policy(found.key, found.record);
  DeleteRepositoryPolicyResponse response{.registry_id = std::get<0>(found.key),
                                          .repository_name = request.repository_name,
                                          .policy_text = std::move(found.record.policy)};
  found.record.policy.clear();
  repositories_.put(found.key, found.record);
  return response;
}

PutLifecyclePolicyResponse Service::put_lifecycle_policy(const Context& context,
                                                         const PutLifecyclePolicyRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  if (const auto fault = fault_of_lifecycle(request.lifecycle_policy_text))
    throw InvalidParameterException(
        fmt::format("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
                    "'Lifecycle policy validation failure: {}'",
                    *fault));
  found.record.lifecycle = request.lifecycle_policy_text;
  repositories_.put(found.key, found.record);
  return {.registry_id = std::get<0>(found.key),
          .repository_name = request.repository_name,
          .lifecycle_policy_text = request.lifecycle_policy_text};
}

GetLifecyclePolicyResponse Service::get_lifecycle_policy(const Context& context,
                                                         const GetLifecyclePolicyRequest& request) {
  const Found found = require(context, request.registry_id, request.repository_name);
  require_lifecycle(found.key, found.record);
  GetLifecyclePolicyResponse response{.registry_id = std::get<0>(found.key),
                                      .repository_name = request.repository_name,
                                      .lifecycle_policy_text = found.record.lifecycle};
  return response;
}

DeleteLifecyclePolicyResponse Service::delete_lifecycle_policy(
    const Context& context, const DeleteLifecyclePolicyRequest& request) {
  Found found = require(context, request.registry_id, request.repository_name);
  require_lifecycle(found.key, found.record);
  DeleteLifecyclePolicyResponse response{
      .registry_id = std::get<0>(found.key),
      .repository_name = request.repository_name,
      .lifecycle_policy_text = std::move(found.record.lifecycle)};
  found.record.lifecycle.clear();
  repositories_.put(found.key, found.record);
  return response;
}

}  // namespace matinee::ecr
