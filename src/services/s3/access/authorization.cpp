#include "services/s3/access/authorization.h"

#include <fmt/format.h>

#include "policy/publicity.h"
#include "s3/errors.h"
#include "services/policy_context.h"
#include "services/s3/access/authorization.h"
#include "services/s3/access/public_access.h"
#include "services/s3/headers/names.h"

namespace matinee::s3 {

namespace {

/// The root user of the owner is never locked out: somebody must be able to mend a policy.
bool is_about_policy(std::string_view action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
         action == "s3:DeleteBucketPolicy";
}

/// Signatures of version 2 name no region. Those that opened before 2014 accept them still.
void require_older_region(std::string_view region) {
  constexpr std::string_view accepting[] = {
      "us-east-1",      "us-west-1",      "us-west-2",      "eu-west-1", "EU",
      "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"};
  if (std::ranges::find(accepting, region) != std::end(accepting)) return;
  throw InvalidRequest(
      "The authorization mechanism you have provided is not supported. Please use "
      "AWS4-HMAC-SHA256.");
}

/// What needs the object's owner rather than the bucket's.
bool is_objects_own(std::string_view action) {
  return action.starts_with("s3:GetObject") || action.starts_with("s3:PutObjectAcl") ||
         action.starts_with("s3:PutObjectVersionAcl");
}

/// What a list must give for an action, and whose list.
struct Needed {
  Permission permission = Permission::read;
  bool of_object = false;
};

std::optional<Needed> find_needed(std::string_view action) {
  constexpr std::pair<std::string_view, Needed> table[] = {
      {"s3:ListBucket", {Permission::read}},
      {"s3:ListBucketVersions", {Permission::read}},
      {"s3:ListBucketMultipartUploads", {Permission::read}},
      {"s3:PutObject", {Permission::write}},
      {"s3:AbortMultipartUpload", {Permission::write}},
      {"s3:ListMultipartUploadParts", {Permission::write}},
      {"s3:DeleteObject", {Permission::write}},
      {"s3:GetBucketAcl", {Permission::read_acp}},
      {"s3:PutBucketAcl", {Permission::write_acp}},
      {"s3:GetObject", {Permission::read, true}},
      {"s3:GetObjectVersion", {Permission::read, true}},
      {"s3:GetObjectAttributes", {Permission::read, true}},
      {"s3:GetObjectVersionAttributes", {Permission::read, true}},
      {"s3:GetObjectAcl", {Permission::read_acp, true}},
      {"s3:GetObjectVersionAcl", {Permission::read_acp, true}},
      {"s3:PutObjectAcl", {Permission::write_acp, true}},
      {"s3:PutObjectVersionAcl", {Permission::write_acp, true}},
  };
  for (const auto& [name, needed] : table)
    if (name == action) return needed;
  return std::nullopt;
}

/// What a request needs besides to lock the version that it stores, or to get around a lock.
std::vector<std::string_view> lock_actions(const protocol::Operation& operation,
                                           const void* request) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> table = {
      {{"ObjectLockMode", "s3:PutObjectRetention"},
       {"ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold"},
       {"BypassGovernanceRetention", "s3:BypassGovernanceRetention"}}};
  std::vector<std::string_view> needed;
  for (const auto& [member, action] : table) {
    const protocol::Field* field = operation.input->find(member);
    const void* value = field ? field->find(request) : nullptr;
    const bool is_flag = field && field->type->kind == protocol::Kind::boolean;
    if (value && (!is_flag || *static_cast<const bool*>(value))) needed.push_back(action);
  }
  return needed;
}

}  // namespace

std::optional<std::string> text_of(const protocol::Field* field, const void* request) {
  if (!field) return std::nullopt;
  const void* value = field->find(request);
  if (!value) return std::nullopt;
  return *static_cast<const std::string*>(value);
}

BucketAccess::BucketAccess(storage::Store& store, const runtime::Runtime& runtime)
    : BucketConfigurations(store, runtime),
      access_(store, storage::TableId{0x0320}),
      owners_(store, storage::TableId{0x0301}),
      clock_(runtime.clock),
      rules_(make_action_rules()) {}

const BucketAccess::State* BucketAccess::find_state(const std::string& bucket) const {
  if (const auto found = states_.find(bucket); found != states_.end()) return &found->second;
  std::optional<BucketRecord> record = owners_.find(bucket);
  if (!record) return nullptr;
  AccessRecord access = access_of(bucket);
  State state{.account = std::move(record->account),
              .region = std::move(record->region),
              .ownership = access.ownership,
              .block = access.block,
              .acl = std::move(access.acl)};
  if (access.policy) {
    // It was checked when it was put.
    if (auto document = policy::parse(*access.policy)) {
      state.policy_is_public = policy::is_public(*document);
      state.policy_has_canonical_users =
          std::ranges::any_of(document->statements, [](const policy::Statement& statement) {
            return statement.principals && !statement.principals->canonical.empty();
          });
      state.policy = std::make_shared<const policy::Document>(std::move(*document));
    }
  }
  return &states_.emplace(bucket, std::move(state)).first->second;
}

AccessRecord BucketAccess::access_of(const std::string& bucket) const {
  return access_.find(bucket).value_or(AccessRecord());
}

void BucketAccess::put_access(const std::string& bucket, const AccessRecord& record) {
  access_.put(bucket, record);
  states_.erase(bucket);
}

void BucketAccess::remove_access(const std::string& bucket) {
  access_.erase(bucket);
  states_.erase(bucket);
}

/// A request has to be signed for the bucket's region. Which one that is, the reply tells: SDKs
/// that follow buckets across regions sign again. Here one address serves all regions, so the
/// answer is that of the bucket's own endpoint, and never a redirect to another address.
void BucketAccess::require_region(const Context& context, const std::string& region) {
  const bool is_signed = !context.access_key.empty();
  if (!is_signed) return;
  if (context.signed_by == services::SignedBy::version_2) return require_older_region(region);
  if (context.region == region) return;
  const std::string fault =
      fmt::format("the region '{}' is wrong; expecting '{}'", context.region, region);
  const auto refuse = [&region](auto error) {
    error.details.emplace_back("Region", region);
    error.headers.emplace_back("x-amz-bucket-region", region);
    throw error;
  };
  if (context.signed_by == services::SignedBy::query)
    refuse(protocol::ServiceError("AuthorizationQueryParametersError", 400,
                                  "Error parsing the X-Amz-Credential parameter; " + fault));
  refuse(AuthorizationHeaderMalformed("The authorization header is malformed; " + fault));
}

void BucketAccess::authorize(const Context& context, const protocol::Operation& operation,
                             const void* request) {
  const ActionRule& rule = rules_.at(&operation);
  refusal_.clear();
  if (!rule.bucket || &operation == &operations::CreateBucket) {
    if (context.anonymous) deny();
    if (decider()) judge_by_identity(context, operation, request);
    return;
  }
  const auto& bucket = *static_cast<const std::string*>(rule.bucket->find(request));
  if (const State* state = find_state(bucket)) {
    if (&operation != &operations::GetBucketLocation) require_region(context, state->region);
    Inquiry inquiry{.context = context,
                    .operation = operation,
                    .request = request,
                    .state = *state,
                    .bucket = bucket};
    const bool is_free = inquiry.by_owner() && state->is_plain() && !decider();
    // The objects of a DeleteObjects are judged one by one.
    if (!is_free && &operation != &operations::DeleteObjects) {
      inquiry.key = text_of(rule.key, request);
      inquiry.version_id = text_of(rule.version, request);
      const bool of_version = inquiry.version_id && !rule.version_action.empty();
      const std::string_view action = of_version ? rule.version_action : rule.action;
      if (rule.reads_object ? !may_read(inquiry, action) : !may(inquiry, action)) deny();
      const bool has_list = std::ranges::any_of(rule.lists, [&](const protocol::Field* field) {
        return field->find(request) != nullptr;
      });
      if (has_list && !may(inquiry, "s3:PutObjectAcl")) deny();
      if (rule.tagging && text_of(rule.tagging, request) && !may(inquiry, "s3:PutObjectTagging"))
        deny();
      for (const std::string_view lock_action : lock_actions(operation, request))
        if (!may(inquiry, lock_action)) deny();
    }
  } else if (decider()) {
    judge_by_identity(context, operation, request);
  }
  if (rule.copy_source) require_source_readable(context, rule, operation, request);
}

bool BucketAccess::may_read(const Inquiry& inquiry, std::string_view action) const {
  const Judgement judgement = judge(inquiry, action);
  if (judgement == Judgement::denied) return false;
  const auto exists = [&] {
    return find_object(inquiry.bucket, *inquiry.key, inquiry.version_id).has_value();
  };
  std::string refusal = std::exchange(refusal_, {});
  Inquiry listing = inquiry;
  listing.key.reset();
  listing.is_aside = true;
  const bool may_list = may(listing, "s3:ListBucket");
  if (judgement == Judgement::allowed) return may_list || exists();
  refusal_ = std::move(refusal);
  return may_list && !exists();
}

void BucketAccess::require_source_readable(const Context& context, const ActionRule& rule,
                                           const protocol::Operation& operation,
                                           const void* request) const {
  const CopySource source = parse_copy_source(*text_of(rule.copy_source, request));
  const State* state = find_state(source.bucket);
  if (!state) return;
  Inquiry inquiry{.context = context,
                  .operation = operation,
                  .request = request,
                  .state = *state,
                  .bucket = source.bucket};
  if (inquiry.by_owner() && state->is_plain() && !decider()) return;
  inquiry.key = source.key;
  inquiry.version_id = source.version_id;
  if (!may_read(inquiry, source.version_id ? "s3:GetObjectVersion" : "s3:GetObject")) deny();
}

void BucketAccess::authorize_removal(const Context& context, const DeleteObjectsRequest& request,
                                     const ObjectIdentifier& object) const {
  const State* state = find_state(request.bucket);
  if (!state) return;
  Inquiry inquiry{.context = context,
                  .operation = operations::DeleteObjects,
                  .request = &request,
                  .state = *state,
                  .bucket = request.bucket};
  if (inquiry.by_owner() && state->is_plain() && !decider()) return;
  inquiry.key = object.key;
  inquiry.version_id = object.version_id;
  if (!may(inquiry, object.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject")) deny();
  if (request.bypass_governance_retention.value_or(false) &&
      !may(inquiry, "s3:BypassGovernanceRetention"))
    deny();
}

void BucketAccess::authorize_tags(const Context& context, const std::string& bucket,
                                  std::string_view action) const {
  const State* state = find_state(bucket);
  if (!state) return;
  // The condition keys of these requests are those of any other about the bucket itself.
  const GetBucketTaggingRequest request{.bucket = bucket};
  const Inquiry inquiry{.context = context,
                        .operation = operations::GetBucketTagging,
                        .request = &request,
                        .state = *state,
                        .bucket = bucket};
  if (!may(inquiry, action)) deny();
}

bool BucketAccess::may(const Inquiry& inquiry, std::string_view action) const {
  return judge(inquiry, action) == Judgement::allowed;
}

BucketAccess::Judgement BucketAccess::judge(const Inquiry& inquiry, std::string_view action) const {
  const bool is_in_process = inquiry.context.access_key.empty() && !inquiry.context.anonymous &&
                             inquiry.context.service_principal.empty() &&
                             inquiry.context.principal == services::PrincipalKind::root;
  if (!decider() || is_in_process) return judge_by_resource(inquiry, action);
  const Judgement strict = judge_by_all(inquiry, action);
  return decider()->enforces() ? strict : judge_by_resource(inquiry, action);
}

BucketAccess::Judgement BucketAccess::judge_by_resource(const Inquiry& inquiry,
                                                        std::string_view action) const {
  const State& state = inquiry.state;
  const Context& context = inquiry.context;
  const bool by_owner = inquiry.by_owner();
  std::optional<ObjectRecord> object;
  if (inquiry.key && state.has_lists())
    object = find_object(inquiry.bucket, *inquiry.key, inquiry.version_id);
  const AclRecord* acl = object && object->attributes.acl ? &*object->attributes.acl : nullptr;
  // A bucket's policy does not give away what is not the bucket owner's; but it can deny.
  const bool is_foreign = acl && acl->owner != state.account && is_objects_own(action);

  const policy::Keys keys = [&](std::string_view key) { return find_key(inquiry, key); };
  const std::string arn = inquiry.arn();
  policy::Caller caller = services::caller_of(context);
  std::string canonical_id;
  if (state.policy_has_canonical_users && !caller.account.empty())
    canonical_id = owner_id(context.account);
  caller.canonical_id = canonical_id;
  policy::Verdict verdict;
  if (state.policy)
    verdict = policy::evaluate(*state.policy,
                               {.caller = caller, .action = action, .resource = arn, .keys = keys});
  if (verdict.effect == policy::Effect::deny)
    return is_about_policy(action) && services::is_root_of(context, state.account)
               ? Judgement::allowed
               : Judgement::denied;
  const bool is_restricted = state.block.restrict_buckets && state.policy_is_public && !by_owner &&
                             context.service_principal.empty();
  const bool is_allowed = (verdict.effect == policy::Effect::allow && !is_restricted) || by_owner;
  if (is_allowed && !is_foreign) return Judgement::allowed;
  return state.has_lists() && list_permits(inquiry, action, object) ? Judgement::allowed
                                                                    : Judgement::refused;
}

bool BucketAccess::list_permits(const Inquiry& inquiry, std::string_view action,
                                const std::optional<ObjectRecord>& object) const {
  const Context& context = inquiry.context;
  if (!context.service_principal.empty()) return false;
  AclCaller caller{.ignores_public_grants = inquiry.state.block.ignore_acls};
  if (!context.anonymous) caller.canonical_id = owner_id(context.account);
  std::optional<Needed> needed = find_needed(action);
  if (!needed) return false;
  // Who may store an object may say who else may use it.
  const bool makes_object = rules_.at(&inquiry.operation).action == "s3:PutObject";
  if (makes_object && action == "s3:PutObjectAcl") needed = Needed{Permission::write};
  const AclRecord private_one = private_acl(inquiry.state.account);
  if (!needed->of_object) {
    const AclRecord& acl = inquiry.state.acl ? *inquiry.state.acl : private_one;
    if (!permits(acl, caller, needed->permission)) return false;
    if (action != "s3:DeleteObject") return true;
    // Others than the bucket's owner remove only what is theirs.
    const std::string self = context.anonymous ? std::string() : context.account;
    return object && object->attributes.acl && object->attributes.acl->owner == self;
  }
  if (!object) return false;
  const AclRecord& acl = object->attributes.acl ? *object->attributes.acl : private_one;
  // Owners may do what they like with what is theirs.
  if (!context.anonymous && acl.owner == context.account) return true;
  return permits(acl, caller, needed->permission);
}

bool BucketAccess::has_lists(const std::string& bucket) const {
  return find_state(bucket)->has_lists();
}

std::optional<AclRecord> BucketAccess::acl_of_new_object(const Context& context,
                                                         const NewObject& object,
                                                         const AclHeaders& headers) const {
  const State* state = find_state(object.bucket);
  const bool by_bucket_owner = !context.service_principal.empty() ||
                               (!context.anonymous && context.account == state->account);
  if (!headers.present() && (by_bucket_owner || !state->has_lists())) return std::nullopt;
  std::string owner = by_bucket_owner ? state->account : context.account;
  if (context.anonymous) owner.clear();
  // What is malformed is told first, also where there are no lists.
  AclRecord acl = read_acl(headers, {.owner = owner, .bucket_owner = state->account});
  if (!state->has_lists()) {
    // What the bucket's owner stores as private is the owner's alone anyway, so it is accepted.
    const bool is_redundant = (by_bucket_owner && headers.canned == "private") ||
                              gives_bucket_owner_full_control(headers, state->account);
    if (!is_redundant) throw AccessControlListNotSupported("The bucket does not allow ACLs");
    return std::nullopt;
  }
  if (state->ownership == Ownership::preferred && headers.canned == "bucket-owner-full-control")
    return std::nullopt;
  if (state->block.block_acls && is_public(acl))
    refuse_public_acl(context,
                      {.bucket_account = state->account,
                       .action = object.action,
                       .resource = fmt::format("arn:aws:s3:::{}/{}", object.bucket, object.key)});
  return acl;
}

BucketRecord BucketAccess::require_own_bucket(const Context& context, const std::string& name,
                                              const Owner& expected_owner) const {
  BucketRecord record = require_bucket(context, name, expected_owner);
  if (context.account != record.account || !context.service_principal.empty())
    throw MethodNotAllowed("The specified method is not allowed against this resource.");
  return record;
}

}  // namespace matinee::s3
