#include "services/s3/access/bucket_policy.h"

#include <algorithm>

#include "policy/publicity.h"
#include "policy/wildcard.h"
#include "s3/errors.h"
#include "services/s3/access/access.h"
#include "services/s3/access/public_access.h"

namespace matinee::s3 {

namespace {

constexpr std::size_t max_policy_bytes = std::size_t{20} * 1024;
constexpr std::string_view arn_prefix = "arn:aws:s3:::";

/// What the resources of a statement are: the bucket, objects in it, or both.
struct Scope {
  bool bucket = false;
  bool objects = false;
};

void add_resource(Scope& scope, std::string_view pattern, const std::string& bucket) {
  if (!pattern.starts_with(arn_prefix)) throw MalformedPolicy("Policy has invalid resource");
  const std::string_view path = pattern.substr(arn_prefix.size());
  const std::size_t slash = path.find('/');
  const std::string_view name = path.substr(0, slash);
  if (name.empty() || !policy::matches_wildcards(name, bucket))
    throw MalformedPolicy("Policy has invalid resource");
  if (slash == std::string_view::npos) scope.bucket = true;
  // A star in the bucket's place also takes a slash, and what comes after it.
  if (slash != std::string_view::npos || name.ends_with('*')) scope.objects = true;
}

bool applies(std::string_view pattern, const Action& action) {
  return policy::matches_wildcards(pattern, action.name, policy::Case::insensitive);
}

void check_action(std::string_view pattern, const std::optional<Scope>& scope) {
  bool exists = pattern == "*";
  bool fits = pattern == "*";
  for (const Action& action : policy_actions()) {
    if (!applies(pattern, action)) continue;
    exists = true;
    fits = fits || !scope || (action.of_object ? scope->objects : scope->bucket);
  }
  if (!exists) throw MalformedPolicy("Policy has invalid action");
  if (!fits) throw MalformedPolicy("Action does not apply to any resource(s) in statement");
}

void check_statement(const policy::Statement& statement, const std::string& bucket) {
  if (!statement.resources) throw MalformedPolicy("Missing required field Resource");
  Scope scope;
  for (const std::string& pattern : statement.resources->patterns)
    add_resource(scope, pattern, bucket);
  const bool is_open = statement.resources->negated || statement.actions.negated;
  for (const std::string& pattern : statement.actions.patterns)
    check_action(pattern, is_open ? std::nullopt : std::optional(scope));
  for (const policy::Condition& condition : statement.conditions)
    if (condition.key.find(':') == std::string::npos)
      throw MalformedPolicy("Policy has an invalid condition key");
}

NoSuchBucketPolicy no_policy(const std::string& bucket) {
  NoSuchBucketPolicy error("The bucket policy does not exist");
  error.details = {{"BucketName", bucket}};
  return error;
}

}  // namespace

policy::Document require_bucket_policy(const std::string& json, const std::string& bucket) {
  if (json.size() > max_policy_bytes)
    throw MalformedPolicy("Policy exceeds the maximum allowed document size.");
  if (!json.starts_with('{')) throw MalformedPolicy(std::string(policy::not_json));
  auto document = policy::parse(json);
  if (!document) throw MalformedPolicy(std::move(document.error().message));
  for (const policy::Statement& statement : document->statements)
    check_statement(statement, bucket);
  return std::move(*document);
}

PutBucketPolicyResponse BucketAccess::put_bucket_policy(const Context& context,
                                                        const PutBucketPolicyRequest& request) {
  const BucketRecord bucket =
      require_own_bucket(context, request.bucket, request.expected_bucket_owner);
  const policy::Document document = require_bucket_policy(request.policy, request.bucket);
  AccessRecord record = access_of(request.bucket);
  if (record.block.block_policy && policy::is_public(document))
    refuse_public_policy(context, {.bucket_account = bucket.account,
                                   .action = "s3:PutBucketPolicy",
                                   .resource = std::string(arn_prefix) + request.bucket});
  record.policy = request.policy;
  put_access(request.bucket, record);
  return {};
}

GetBucketPolicyResponse BucketAccess::get_bucket_policy(const Context& context,
                                                        const GetBucketPolicyRequest& request) {
  require_own_bucket(context, request.bucket, request.expected_bucket_owner);
  AccessRecord record = access_of(request.bucket);
  if (!record.policy) throw no_policy(request.bucket);
  return {.policy = std::move(record.policy)};
}

DeleteBucketPolicyResponse BucketAccess::delete_bucket_policy(
    const Context& context, const DeleteBucketPolicyRequest& request) {
  require_own_bucket(context, request.bucket, request.expected_bucket_owner);
  AccessRecord record = access_of(request.bucket);
  if (!record.policy) return {};
  record.policy.reset();
  put_access(request.bucket, record);
  return {};
}

GetBucketPolicyStatusResponse BucketAccess::get_bucket_policy_status(
    const Context& context, const GetBucketPolicyStatusRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const AccessRecord record = access_of(request.bucket);
  if (!record.policy) throw no_policy(request.bucket);
  const auto document = policy::parse(*record.policy);
  return {.policy_status = PolicyStatus{.is_public = document && policy::is_public(*document)}};
}

}  // namespace matinee::s3
