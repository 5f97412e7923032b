// The policy of a secret, by which others may use it. There is one, whose name is "default".
#include "policy/document.h"
#include "policy/publicity.h"
#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::string_view only_policy = "default";
constexpr std::string_view grants_broad_access =
    "The resource policy did not prevent broad access to the secret.";

policy::Document require_policy(const std::string& text) {
  auto document = policy::parse(text);
  if (!document) throw MalformedPolicyDocumentException("This policy has invalid syntax.");
  return *std::move(document);
}

void require_default(const std::optional<std::string>& name) {
  if (name && *name != only_policy)
    throw InvalidParameterException(
        "The only policy that a secret can have is the default policy.");
}

}  // namespace

PutResourcePolicyResponse Service::put_resource_policy(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  require_default(request.policy_name);
  Found found = require_writable(context, request.secret_id);
  const policy::Document document = require_policy(request.resource_policy);
  if (request.block_public_policy.value_or(false) && policy::is_public(document))
    throw PublicPolicyException(
        "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent "
        "broad access to the secret.");
  found.secret.policy = request.resource_policy;
  save(context, found);
  PutResourcePolicyResponse response{.arn = secret_arn(found.place, found.secret),
                                     .name = found.secret.name};
  response.policy_name = request.policy_name;
  return response;
}

GetResourcePolicyResponse Service::get_resource_policy(const Context& context,
                                                       const GetResourcePolicyRequest& request) {
  require_default(request.policy_name);
  const Found found = require_live(context, request.secret_id);
  GetResourcePolicyResponse response{.arn = secret_arn(found.place, found.secret),
                                     .name = found.secret.name};
  if (!found.secret.policy.empty()) response.resource_policy = found.secret.policy;
  response.policy_name = request.policy_name;
  return response;
}

DeleteResourcePolicyResponse Service::delete_resource_policy(
    const Context& context, const DeleteResourcePolicyRequest& request) {
  require_default(request.policy_name);
  Found found = require_writable(context, request.secret_id);
  found.secret.policy.clear();
  save(context, found);
  DeleteResourcePolicyResponse response{.arn = secret_arn(found.place, found.secret),
                                        .name = found.secret.name};
  response.policy_name = request.policy_name;
  return response;
}

ListResourcePoliciesResponse Service::list_resource_policies(
    const Context& context, const ListResourcePoliciesRequest& request) {
  const Found found = require_live(context, request.secret_id);
  ListResourcePoliciesResponse response;
  if (!found.secret.policy.empty())
    response.resource_policies.push_back({.policy_name = std::string(only_policy)});
  return response;
}

ValidateResourcePolicyResponse Service::validate_resource_policy(
    const Context& context, const ValidateResourcePolicyRequest& request) {
  if (request.secret_id) require_live(context, *request.secret_id);
  const policy::Document document = require_policy(request.resource_policy);
  ValidateResourcePolicyResponse response{.policy_validation_passed = !policy::is_public(document)};
  response.validation_errors.emplace();
  if (!*response.policy_validation_passed)
    response.validation_errors->push_back(
        {.check_name = "PUBLIC_POLICY", .error_message = std::string(grants_broad_access)});
  return response;
}

}  // namespace matinee::secretsmanager
