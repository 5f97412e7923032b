// Key policies and tags.
#include <fmt/format.h>

#include "services/kms/pages.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view policy_name = "default";

/// There is one policy to a key, of that name.
void require_policy_name(const Key& key, const std::optional<std::string>& name) {
  if (name && *name != policy_name)
    throw NotFoundException(fmt::format("No such policy exists: {} for {}", *name, key.arn()));
}

}  // namespace

GetKeyPolicyResponse Service::get_key_policy(const Context& context,
                                             const GetKeyPolicyRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  require_policy_name(key, request.policy_name);
  return {.policy = catalog_.details(key.name).policy, .policy_name = std::string(policy_name)};
}

PutKeyPolicyResponse Service::put_key_policy(const Context& context,
                                             const PutKeyPolicyRequest& request) {
  const Key key = require_own(context, request.key_id, "PutKeyPolicy");
  require_policy_name(key, request.policy_name);
  require_policy(context, key, request.policy,
                 request.bypass_policy_lockout_safety_check.value_or(false));
  DetailsRecord details = catalog_.details(key.name);
  details.policy = request.policy;
  catalog_.put_details(key.name, details);
  return {};
}

ListKeyPoliciesResponse Service::list_key_policies(const Context& context,
                                                   const ListKeyPoliciesRequest& request) {
  require_named(context, request.key_id, Naming::key_only);
  return {.policy_names = std::vector{std::string(policy_name)},
          .next_marker = std::nullopt,
          .truncated = false};
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  const Key key = require_own(context, request.key_id, "TagResource");
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  DetailsRecord details = catalog_.details(key.name);
  add_tags(details.tags, request.tags, context);
  catalog_.put_details(key.name, details);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  const Key key = require_own(context, request.key_id, "UntagResource");
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  DetailsRecord details = catalog_.details(key.name);
  for (const std::string& tag : request.tag_keys) details.tags.erase(tag);
  catalog_.put_details(key.name, details);
  return {};
}

ListResourceTagsResponse Service::list_resource_tags(const Context& context,
                                                     const ListResourceTagsRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  const Tags tags = catalog_.details(key.name).tags;
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_small_limit));
  auto next = tags.upper_bound(read_marker(request.marker));
  if (!request.marker) next = tags.begin();
  ListResourceTagsResponse response;
  response.tags.emplace();
  for (; next != tags.end() && response.tags->size() < most; ++next)
    response.tags->push_back({.tag_key = next->first, .tag_value = next->second});
  response.truncated = next != tags.end();
  if (*response.truncated) response.next_marker = make_marker(response.tags->back().tag_key);
  return response;
}

}  // namespace matinee::kms
