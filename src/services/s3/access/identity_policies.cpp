// Buckets and objects where policies of identities are looked at too: these, the bucket's policy
// and the lists are put together as AWS does. In the owner's account one of them has to allow; from
// another account the caller's own policies have to, and something of the bucket or object.
#include <fmt/format.h>

#include "policy/publicity.h"
#include "s3/errors.h"
#include "services/policy_context.h"
#include "services/s3/access/authorization.h"

namespace matinee::s3 {

namespace {

/// S3 puts ARNs in quotes.
std::string quoted(std::string sentence, const std::string& arn) {
  const std::string before = " on resource: ";
  if (const std::size_t at = sentence.find(before + arn); at != std::string::npos)
    sentence.replace(at, before.size() + arn.size(), fmt::format("{}\"{}\"", before, arn));
  return sentence;
}

bool is_about_policy(std::string_view action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
         action == "s3:DeleteBucketPolicy";
}

/// What the bucket owner's policies say nothing of, if the object is somebody else's.
bool is_objects_own(std::string_view action) {
  return action.starts_with("s3:GetObject") || action.starts_with("s3:PutObjectAcl") ||
         action.starts_with("s3:PutObjectVersionAcl");
}

}  // namespace

void BucketAccess::deny() const {
  throw AccessDenied(refusal_.empty() ? "Access Denied" : std::exchange(refusal_, {}));
}

BucketAccess::Judgement BucketAccess::judge_by_all(const Inquiry& inquiry,
                                                   std::string_view action) const {
  const State& state = inquiry.state;
  const Context& context = inquiry.context;
  if (is_about_policy(action) && services::is_root_of(context, state.account))
    return Judgement::allowed;
  std::optional<ObjectRecord> object;
  if (inquiry.key && state.has_lists())
    object = find_object(inquiry.bucket, *inquiry.key, inquiry.version_id);
  const AclRecord* acl = object && object->attributes.acl ? &*object->attributes.acl : nullptr;
  const bool is_foreign = acl && acl->owner != state.account && is_objects_own(action);
  const std::string& owner = is_foreign ? acl->owner : state.account;
  const bool is_own =
      !context.anonymous && context.service_principal.empty() && context.account == owner;
  const bool is_restricted = state.block.restrict_buckets && state.policy_is_public &&
                             !inquiry.by_owner() && context.service_principal.empty();
  const services::Guarded guarded{
      .account = owner,
      .policy = is_foreign || is_restricted ? nullptr : state.policy,
      .let_in = !is_own && state.has_lists() && list_permits(inquiry, action, object)};
  const std::string arn = inquiry.arn();
  const services::Inquiry asked{.context = context,
                                .operation = inquiry.operation,
                                .request = inquiry.request,
                                .action = action,
                                .resource = arn};
  const policy::Keys keys = [&](std::string_view key) { return find_key(inquiry, key); };
  identity::Decision decision = decider()->decide(asked, guarded, keys);
  // What a policy allows may not count; what it denies always does.
  if (decision.allowed && state.policy && !guarded.policy) {
    const services::Guarded denying{.account = owner, .policy = state.policy, .let_in = true};
    const identity::Decision other = decider()->decide(asked, denying, keys);
    if (!other.allowed && other.explicit_deny) decision = other;
  }
  if (decision.allowed) return Judgement::allowed;
  std::string sentence = quoted(decider()->sentence(asked, guarded, decision), arn);
  if (!decider()->enforces() && !inquiry.is_aside) decider()->note_refusal(asked, sentence);
  // To other accounts S3 gives no reasons.
  if (decider()->enforces() && is_own) refusal_ = std::move(sentence);
  return decision.explicit_deny ? Judgement::denied : Judgement::refused;
}

void BucketAccess::judge_by_identity(const Context& context, const protocol::Operation& operation,
                                     const void* request) const {
  if (context.anonymous || context.access_key.empty()) return;
  std::vector<services::Need> needs;
  add_needs(context, operation, request, needs);
  for (const services::Need& need : needs) {
    const services::Inquiry asked{.context = context,
                                  .operation = operation,
                                  .request = request,
                                  .action = need.action,
                                  .resource = need.resource};
    const identity::Decision decision = decider()->decide(*this, asked, services::Guarded());
    if (decision.allowed) continue;
    std::string sentence = decider()->sentence(asked, services::Guarded(), decision);
    if (decider()->enforces()) refusal(asked, std::move(sentence)).raise();
    decider()->note_refusal(asked, std::move(sentence));
  }
}

services::Guarded BucketAccess::guard_of(const services::Inquiry& inquiry) const {
  constexpr std::string_view prefix = "arn:aws:s3:::";
  // A bucket that is to be made is nobody's, whoever has one of that name.
  if (&inquiry.operation == &operations::CreateBucket || !inquiry.resource.starts_with(prefix))
    return {};
  const std::string_view path = inquiry.resource.substr(prefix.size());
  const State* state = find_state(std::string(path.substr(0, path.find('/'))));
  if (!state) return {};
  const Context& context = inquiry.context;
  const bool by_owner = !context.anonymous && context.account == state->account;
  const bool is_restricted = state->block.restrict_buckets && state->policy_is_public &&
                             !by_owner && context.service_principal.empty();
  return {.account = state->account, .policy = is_restricted ? nullptr : state->policy};
}

protocol::ServiceError BucketAccess::refusal(const services::Inquiry& inquiry,
                                             std::string sentence) const {
  return AccessDenied(quoted(std::move(sentence), std::string(inquiry.resource)));
}

std::optional<std::vector<std::string>> BucketAccess::find_key(const services::Inquiry& inquiry,
                                                               std::string_view key) const {
  if (key == "s3:locationconstraint" && &inquiry.operation == &operations::CreateBucket) {
    const auto& asked = *static_cast<const CreateBucketRequest*>(inquiry.request);
    if (asked.create_bucket_configuration && asked.create_bucket_configuration->location_constraint)
      return std::vector{*asked.create_bucket_configuration->location_constraint};
  }
  constexpr std::string_view tag = "aws:resourcetag/";
  constexpr std::string_view bucket = "arn:aws:s3:::";
  if (key.starts_with(tag) && inquiry.resource.starts_with(bucket) &&
      !inquiry.resource.contains('/'))
    return find_bucket_tag(std::string(inquiry.resource.substr(bucket.size())),
                           key.substr(tag.size()));
  return std::nullopt;
}

}  // namespace matinee::s3
