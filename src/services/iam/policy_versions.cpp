// Versions of managed policies, one of which is in force.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "services/iam/describe.h"
#include "services/iam/documents.h"
#include "services/iam/limits.h"
#include "services/iam/managed_policies.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

/// "v12" as a number; 0, which no version has, for what is too large or has a suffix.
std::uint32_t number_of(std::string_view version_id) {
  std::uint32_t number = 0;
  const char* end = version_id.data() + version_id.size();
  const auto read = std::from_chars(version_id.data() + 1, end, number);
  return read.ec == std::errc() && read.ptr == end ? number : 0;
}

[[noreturn]] void not_found(std::string_view arn, std::string_view version_id) {
  throw NoSuchEntityException(
      fmt::format("Policy {} version {} does not exist or is not "
                  "attachable.",
                  arn, version_id));
}

PolicyVersion describe(std::uint32_t number, runtime::Time created, bool is_default) {
  PolicyVersion version;
  version.version_id = describe_version(number);
  version.is_default_version = is_default;
  version.create_date = timestamp_of(created);
  return version;
}

}  // namespace

CreatePolicyVersionResponse Service::create_policy_version(
    const Context& context, const CreatePolicyVersionRequest& request) {
  const std::string& account = context.account;
  require_writable_policy(context, "CreatePolicyVersion", request.policy_arn);
  PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  require_managed_policy(request.policy_document);
  require_within(policy_size, size_of_policy(request.policy_document));
  std::uint64_t versions = 0;
  catalog_.policy_versions.scan(catalog_.policy_versions.prefix(account, policy.id),
                                [&](const auto&, const auto&) { return ++versions > 0; });
  if (versions >= versions_per_policy)
    throw LimitExceededException(
        "A managed policy can have up to 5 versions. Before you create a new version, you must "
        "delete an existing version.");
  const std::uint32_t number = ++policy.latest_version;
  const bool is_default = request.set_as_default.value_or(false);
  if (is_default) policy.default_version = number;
  policy.updated = now();
  catalog_.put(account, policy);
  catalog_.policy_versions.put({account, policy.id, number}, {request.policy_document, now()});
  catalog_.add(account, Counter::policy_versions, 1);
  if (is_default) identities_.forget_all();
  return {.policy_version = describe(number, now(), is_default)};
}

GetPolicyVersionResponse Service::get_policy_version(const Context& context,
                                                     const GetPolicyVersionRequest& request) {
  const std::string& account = context.account;
  const PolicyReference reference = catalog_.require_any_policy(account, request.policy_arn);
  const std::uint32_t number = number_of(request.version_id);
  if (reference.is_aws_managed) {
    const auto version = find_managed_policy_version(reference.arn, number);
    if (!version) not_found(reference.arn, request.version_id);
    const std::uint32_t in_force = find_managed_policy(reference.arn)->default_version;
    PolicyVersion described = describe(number, version->created, number == in_force);
    described.document = encode_document(version->text);
    return {.policy_version = std::move(described)};
  }
  const PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  const auto version = catalog_.policy_versions.find({account, policy.id, number});
  if (!version) not_found(reference.arn, request.version_id);
  PolicyVersion described = describe(number, version->created, number == policy.default_version);
  described.document = encode_document(version->text);
  return {.policy_version = std::move(described)};
}

DeletePolicyVersionResponse Service::delete_policy_version(
    const Context& context, const DeletePolicyVersionRequest& request) {
  const std::string& account = context.account;
  require_writable_policy(context, "DeletePolicyVersion", request.policy_arn);
  const PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  const std::uint32_t number = number_of(request.version_id);
  if (!catalog_.policy_versions.contains({account, policy.id, number}))
    not_found(request.policy_arn, request.version_id);
  if (number == policy.default_version)
    throw DeleteConflictException("Cannot delete the default version of a policy.");
  catalog_.policy_versions.erase({account, policy.id, number});
  catalog_.add(account, Counter::policy_versions, -1);
  return {};
}

SetDefaultPolicyVersionResponse Service::set_default_policy_version(
    const Context& context, const SetDefaultPolicyVersionRequest& request) {
  const std::string& account = context.account;
  require_writable_policy(context, "SetDefaultPolicyVersion", request.policy_arn);
  PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  const std::uint32_t number = number_of(request.version_id);
  if (!catalog_.policy_versions.contains({account, policy.id, number}))
    not_found(request.policy_arn, request.version_id);
  policy.default_version = number;
  policy.updated = now();
  catalog_.put(account, policy);
  identities_.forget_all();
  return {};
}

/// The newest first.
ListPolicyVersionsResponse Service::list_policy_versions(const Context& context,
                                                         const ListPolicyVersionsRequest& request) {
  const std::string& account = context.account;
  const PolicyReference reference = catalog_.require_any_policy(account, request.policy_arn);
  std::vector<PolicyVersion> versions;
  if (reference.is_aws_managed) {
    const std::uint32_t in_force = find_managed_policy(reference.arn)->default_version;
    for (const ManagedPolicyVersion& version : managed_policy_versions(reference.arn))
      versions.push_back(describe(version.number, version.created, version.number == in_force));
  } else {
    const PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
    catalog_.policy_versions.scan(
        catalog_.policy_versions.prefix(account, policy.id),
        [&](const auto& key, const PolicyVersionRecord& version) {
          const std::uint32_t number = std::get<2>(key);
          versions.push_back(describe(number, version.created, number == policy.default_version));
          return true;
        },
        storage::Order::backward);
  }
  ListPolicyVersionsResponse response;
  cut_page(versions, request).tell(response);
  response.versions = std::move(versions);
  return response;
}

}  // namespace matinee::iam
