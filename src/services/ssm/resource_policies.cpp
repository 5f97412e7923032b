// Policies by which parameters are shared with other accounts.
#include <algorithm>

#include "policy/document.h"
#include "services/arn.h"
#include "services/authorization.h"
#include "services/ssm/faults.h"
#include "services/ssm/policy_hash.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::size_t largest_policy = 1024;

using Key = ResourcePolicies::KeyType;

Key key_of(const Reference& reference, const std::string& id) {
  return {reference.place.account, reference.place.region, reference.name, id};
}

void require_hash(const std::optional<ResourcePolicyRecord>& record,
                  const std::optional<std::string>& hash) {
  if (!record)
    throw ResourcePolicyNotFoundException(
        "No policies with the specified policy ID and hash could be found.");
  if (!hash || *hash != record->hash)
    throw ResourcePolicyConflictException(
        "The hash provided in the call doesn't match the stored hash. This exception is thrown "
        "when trying to update an obsolete policy version or when multiple requests to update a "
        "policy are sent.");
}

/// Nothing where the ARN is not that of a parameter.
std::optional<Reference> parse_resource(const Context& context, std::string_view arn) {
  try {
    return arn.starts_with("arn:aws:ssm:") ? std::optional(parse_reference(context, arn))
                                           : std::nullopt;
  } catch (const protocol::ServiceError&) {
    return std::nullopt;
  }
}

}  // namespace

/// Several policies are one with all their statements.
services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  auto reference = parse_resource(inquiry.context, inquiry.resource);
  if (!reference || !catalog_.find(*reference)) return {};
  const Place& place = reference->place;
  policy::Document all;
  const auto& table = catalog_.resource_policies;
  table.scan(table.prefix(place.account, place.region, reference->name),
             [&](const Key&, const ResourcePolicyRecord& record) {
               if (auto document = policy::parse(record.text)) {
                 all.has_variables = all.has_variables || document->has_variables;
                 std::ranges::move(document->statements, std::back_inserter(all.statements));
               }
               return true;
             });
  services::Guarded guarded{.account = place.account};
  if (!all.statements.empty())
    guarded.policy = std::make_shared<const policy::Document>(std::move(all));
  return guarded;
}

Reference Service::require_resource(const Context& context, const std::string& arn) const {
  const auto parts = services::parse_arn(arn);
  if (!parts || parts->service != "ssm" || !parts->resource.starts_with("parameter/"))
    throw ResourceNotFoundException("The specified parameter to be shared could not be found.");
  Reference reference = parse_reference(context, arn);
  if (reference.place.region != context.region || !catalog_.find(reference))
    throw ResourceNotFoundException("The specified parameter to be shared could not be found.");
  return reference;
}

PutResourcePolicyResponse Service::put_resource_policy(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  const Reference reference = require_resource(context, request.resource_arn);
  if (request.policy.size() > largest_policy)
    throw ResourcePolicyLimitExceededException(
        "The policy is larger than the 1024 bytes that a resource policy may have.",
        {.limit = static_cast<std::int32_t>(largest_policy), .limit_type = "PolicySize"});
  if (!policy::parse(request.policy))
    throw MalformedResourcePolicyDocumentException(
        "The specified policy document is malformed or invalid, or excessive PutResourcePolicy or "
        "DeleteResourcePolicy calls have been made.");
  if (catalog_.find(reference.place, reference.name)->latest.tier != "Advanced")
    throw ResourcePolicyInvalidParameterException(
        "Only parameters of the advanced-parameter tier can be shared.");
  std::string id = request.policy_id.value_or("");
  if (id.empty()) {
    id = runtime_.random.uuid();
  } else {
    require_hash(catalog_.resource_policies.find(key_of(reference, id)), request.policy_hash);
  }
  const ResourcePolicyRecord record{.text = request.policy, .hash = policy_hash(request.policy)};
  catalog_.resource_policies.put(key_of(reference, id), record);
  return {.policy_id = id, .policy_hash = record.hash};
}

GetResourcePoliciesResponse Service::get_resource_policies(
    const Context& context, const GetResourcePoliciesRequest& request) {
  const Reference reference = require_resource(context, request.resource_arn);
  constexpr std::int32_t most = 50;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const auto& table = catalog_.resource_policies;
  auto range = table.prefix(reference.place.account, reference.place.region, reference.name);
  if (request.next_token && !request.next_token->empty())
    range = table.after(range, key_of(reference, *request.next_token));
  GetResourcePoliciesResponse response;
  response.policies.emplace();
  table.scan(range, [&](const Key& key, const ResourcePolicyRecord& record) {
    if (response.policies->size() == limit) {
      response.next_token = response.policies->back().policy_id;
      return false;
    }
    response.policies->push_back(
        {.policy_id = std::get<3>(key), .policy_hash = record.hash, .policy = record.text});
    return true;
  });
  return response;
}

DeleteResourcePolicyResponse Service::delete_resource_policy(
    const Context& context, const DeleteResourcePolicyRequest& request) {
  const Reference reference = require_resource(context, request.resource_arn);
  const Key key = key_of(reference, request.policy_id);
  require_hash(catalog_.resource_policies.find(key), request.policy_hash);
  catalog_.resource_policies.erase(key);
  return {};
}

}  // namespace matinee::ssm
