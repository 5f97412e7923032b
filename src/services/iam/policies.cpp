// Managed policies: those of customers, made and removed here, and AWS's own.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/documents.h"
#include "services/iam/limits.h"
#include "services/iam/managed_policies.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"

namespace matinee::iam {

CreatePolicyResponse Service::create_policy(const Context& context,
                                            const CreatePolicyRequest& request) {
  const std::string& account = context.account;
  PolicyRecord policy{.name = request.policy_name,
                      .path = request.path.value_or("/"),
                      .id = make_id("ANPA", runtime_.random),
                      .created = now(),
                      .tags = make_tags(request.tags),
                      .updated = now(),
                      .description = request.description};
  require_managed_policy(request.policy_document);
  require_within(policy_size, size_of_policy(request.policy_document));
  if (catalog_.policies.contains({account, fold(policy.name)}))
    throw EntityAlreadyExistsException(fmt::format(
        "A policy called {} already exists. Duplicate names are not allowed.", policy.name));
  count_one(catalog_, account, Counter::policies, policies_per_account);
  catalog_.add(account, Counter::policy_versions, 1);
  catalog_.put(account, policy);
  catalog_.policy_versions.put({account, policy.id, policy.default_version},
                               {request.policy_document, policy.created});
  Policy described = describe(account, policy, PolicyUsage{});
  if (!policy.tags.empty()) described.tags = describe_tags(policy.tags);
  return {.policy = std::move(described)};
}

GetPolicyResponse Service::get_policy(const Context& context, const GetPolicyRequest& request) {
  const std::string& account = context.account;
  const PolicyReference reference = catalog_.require_any_policy(account, request.policy_arn);
  const PolicyUsage usage = catalog_.usage_of(account, reference.arn);
  if (reference.is_aws_managed) {
    Policy described = describe(*find_managed_policy(reference.arn), usage);
    described.tags.emplace();
    return {.policy = std::move(described)};
  }
  const PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  Policy described = describe(account, policy, usage);
  described.description = policy.description;
  described.tags = describe_tags(policy.tags);
  return {.policy = std::move(described)};
}

DeletePolicyResponse Service::delete_policy(const Context& context,
                                            const DeletePolicyRequest& request) {
  const std::string& account = context.account;
  require_writable_policy(context, "DeletePolicy", request.policy_arn);
  const PolicyRecord policy = catalog_.require_policy(account, request.policy_arn);
  const PolicyUsage usage = catalog_.usage_of(account, request.policy_arn);
  if (usage.attachments != 0 || usage.boundaries != 0)
    throw DeleteConflictException("Cannot delete a policy attached to entities.");
  std::uint64_t versions = 0;
  const auto range = catalog_.policy_versions.prefix(account, policy.id);
  catalog_.policy_versions.scan(range, [&](const auto&, const auto&) { return ++versions > 0; });
  if (versions > 1)
    throw DeleteConflictException(
        "This policy has more than one version. Before you delete a policy, you must delete the "
        "policy's versions. The default version is deleted with the policy.");
  catalog_.policy_versions.erase_range(range);
  catalog_.erase(account, policy);
  catalog_.add(account, Counter::policies, -1);
  catalog_.add(account, Counter::policy_versions, -1);
  identities_.forget_all();
  return {};
}

/// AWS's own policies belong to an account that lets nobody else change them.
void Service::require_writable_policy(const Context& context, std::string_view operation,
                                      const std::string& arn) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts || parts->account != "aws") return;
  throw AccessDenied(
      fmt::format("User: {} is not authorized to perform: iam:{} on resource: policy {}",
                  context.caller_arn, operation, arn));
}

namespace {

/// The order in which policies are listed: first the customer's, by name, then AWS's, by ARN. A
/// marker begins with which of them it is about.
constexpr char local_mark = 'l';
constexpr char aws_mark = 'a';

struct Wanted {
  std::string path_prefix;
  bool only_used = false;
  std::optional<std::string> usage;

  bool is_about_use() const { return only_used || usage; }
  bool takes(std::string_view path, const PolicyUsage& used) const {
    if (!path.starts_with(path_prefix)) return false;
    if (!is_about_use()) return true;
    if (!usage) return used.attachments != 0 || used.boundaries != 0;
    return *usage == "PermissionsBoundary" ? used.boundaries != 0 : used.attachments != 0;
  }
};

}  // namespace

/// Only a policy that belongs to the list after the last of the page shows that there are more.
ListPoliciesResponse Service::list_policies(const Context& context,
                                            const ListPoliciesRequest& request) {
  const std::string& account = context.account;
  const std::string scope = request.scope.value_or("All");
  const Wanted wanted{request.path_prefix.value_or("/"), request.only_attached.value_or(false),
                      request.policy_usage_filter};
  const std::size_t most = page_size(request);
  std::string marker = request.marker ? read_marker(*request.marker) : std::string(1, local_mark);
  ListPoliciesResponse response;
  response.policies.emplace();
  std::string last;
  bool is_more = false;
  const auto add = [&](Policy policy, std::string place) {
    is_more = response.policies->size() == most;
    if (is_more) return false;
    response.policies->push_back(std::move(policy));
    last = std::move(place);
    return true;
  };
  if (scope != "AWS" && marker.starts_with(local_mark)) {
    const ByName from{account, marker.substr(1)};
    auto range = catalog_.policies.prefix(account);
    if (marker.size() > 1) range = catalog_.policies.after(range, from);
    catalog_.policies.scan(range, [&](const ByName& key, const PolicyRecord& policy) {
      const PolicyUsage usage = catalog_.usage_of(account, arn_of(account, Kind::policy, policy));
      if (!wanted.takes(policy.path, usage)) return true;
      return add(describe(account, policy, usage), local_mark + std::get<1>(key));
    });
  }
  // Of AWS's, so many that those in use are found by what is in use.
  const std::string after = marker.starts_with(aws_mark) ? marker.substr(1) : std::string();
  if (scope != "Local" && !is_more && wanted.is_about_use()) {
    auto range = catalog_.usage.prefix(account);
    if (!after.empty()) range = catalog_.usage.after(range, {account, after});
    catalog_.usage.scan(range, [&](const ByName& key, const PolicyUsage& usage) {
      const auto policy = find_managed_policy(std::get<1>(key));
      if (!policy || !wanted.takes(policy->path, usage)) return true;
      return add(describe(*policy, usage), aws_mark + policy->arn);
    });
  } else if (scope != "Local" && !is_more) {
    std::size_t place = after.empty() ? 0 : managed_policy_place(after);
    for (; place < managed_policy_count(); ++place) {
      const ManagedPolicy policy = managed_policy_at(place);
      if (policy.arn == after || !policy.path.starts_with(wanted.path_prefix)) continue;
      const PolicyUsage usage = catalog_.usage_of(account, policy.arn);
      if (!add(describe(policy, usage), aws_mark + policy.arn)) break;
    }
  }
  response.is_truncated = is_more;
  if (is_more) response.marker = protocol::base64_encode(last);
  return response;
}

}  // namespace matinee::iam
