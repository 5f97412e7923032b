// The blocks against public access, and who owns the objects of a bucket.
#include "services/s3/access/public_access.h"

#include <fmt/format.h>

#include "s3/errors.h"
#include "services/s3/access/access.h"

namespace matinee::s3 {

namespace {

struct OwnershipName {
  std::string_view name;
  Ownership ownership;
};
constexpr OwnershipName ownership_names[] = {{"BucketOwnerEnforced", Ownership::enforced},
                                             {"BucketOwnerPreferred", Ownership::preferred},
                                             {"ObjectWriter", Ownership::writer}};

/// The model's enumeration has no others.
Ownership ownership_of(std::string_view name) {
  return std::ranges::find(ownership_names, name, &OwnershipName::name)->ownership;
}

template <class E>
E missing(const char* message, const std::string& bucket) {
  E error(message);
  error.details = {{"BucketName", bucket}};
  return error;
}

[[noreturn]] void refuse_public(const Context& context, const PublicRequest& request,
                                std::string_view reason) {
  if (context.anonymous || context.account != request.bucket_account)
    throw AccessDenied("Access Denied");
  const std::string root = fmt::format("arn:aws:iam::{}:root", context.account);
  throw AccessDenied(fmt::format(
      "User: {} is not authorized to perform: {} on resource: \"{}\" because {} in S3 Block Public "
      "Access.",
      context.caller_arn.empty() ? root : context.caller_arn, request.action, request.resource,
      reason));
}

InvalidBucketAclWithObjectOwnership lists_without_meaning() {
  return InvalidBucketAclWithObjectOwnership(
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
}

}  // namespace

void refuse_public_acl(const Context& context, const PublicRequest& request) {
  refuse_public(context, request, "public ACLs are prevented by the BlockPublicAcls setting");
}

void refuse_public_policy(const Context& context, const PublicRequest& request) {
  refuse_public(context, request, "public policies are prevented by the BlockPublicPolicy setting");
}

PutPublicAccessBlockResponse BucketAccess::put_public_access_block(
    const Context& context, const PutPublicAccessBlockRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const PublicAccessBlockConfiguration& asked = request.public_access_block_configuration;
  AccessRecord record = access_of(request.bucket);
  record.block = {.block_acls = asked.block_public_acls.value_or(false),
                  .ignore_acls = asked.ignore_public_acls.value_or(false),
                  .block_policy = asked.block_public_policy.value_or(false),
                  .restrict_buckets = asked.restrict_public_buckets.value_or(false)};
  put_access(request.bucket, record);
  return {};
}

GetPublicAccessBlockResponse BucketAccess::get_public_access_block(
    const Context& context, const GetPublicAccessBlockRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const PublicBlockRecord block = access_of(request.bucket).block;
  if (block.removed)
    throw missing<NoSuchPublicAccessBlockConfiguration>(
        "The public access block configuration was not found", request.bucket);
  return {.public_access_block_configuration =
              PublicAccessBlockConfiguration{.block_public_acls = block.block_acls,
                                             .ignore_public_acls = block.ignore_acls,
                                             .block_public_policy = block.block_policy,
                                             .restrict_public_buckets = block.restrict_buckets}};
}

DeletePublicAccessBlockResponse BucketAccess::delete_public_access_block(
    const Context& context, const DeletePublicAccessBlockRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  AccessRecord record = access_of(request.bucket);
  record.block = {.block_acls = false,
                  .ignore_acls = false,
                  .block_policy = false,
                  .restrict_buckets = false,
                  .removed = true};
  put_access(request.bucket, record);
  return {};
}

/// Lists must have lost their meaning before they lose their effect.
PutBucketOwnershipControlsResponse BucketAccess::put_bucket_ownership_controls(
    const Context& context, const PutBucketOwnershipControlsRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (request.ownership_controls.rules.size() != 1)
    throw MalformedXML(
        "The XML you provided was not well-formed or did not validate against our published "
        "schema");
  AccessRecord record = access_of(request.bucket);
  record.ownership = ownership_of(request.ownership_controls.rules.front().object_ownership);
  if (record.ownership == Ownership::enforced && record.acl) {
    const std::string owner = owner_id(bucket.account);
    for (const GrantRecord& grant : record.acl->grants)
      if (grant.to_group || grant.grantee != owner) throw lists_without_meaning();
  }
  put_access(request.bucket, record);
  return {};
}

GetBucketOwnershipControlsResponse BucketAccess::get_bucket_ownership_controls(
    const Context& context, const GetBucketOwnershipControlsRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const Ownership ownership = access_of(request.bucket).ownership;
  if (ownership == Ownership::removed)
    throw missing<OwnershipControlsNotFoundError>("The bucket ownership controls were not found",
                                                  request.bucket);
  const auto named = std::ranges::find(ownership_names, ownership, &OwnershipName::ownership);
  GetBucketOwnershipControlsResponse response;
  response.ownership_controls.emplace().rules.push_back(
      {.object_ownership = std::string(named->name)});
  return response;
}

DeleteBucketOwnershipControlsResponse BucketAccess::delete_bucket_ownership_controls(
    const Context& context, const DeleteBucketOwnershipControlsRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  AccessRecord record = access_of(request.bucket);
  record.ownership = Ownership::removed;
  put_access(request.bucket, record);
  return {};
}

void BucketAccess::set_up_access(const Context& context, const CreateBucketRequest& request) {
  const AclHeaders headers = acl_headers_of(request);
  AccessRecord record;
  if (request.object_ownership) record.ownership = ownership_of(*request.object_ownership);
  if (headers.present()) {
    AclRecord acl = read_acl(headers, {.owner = context.account, .bucket_owner = context.account});
    const std::string owner = owner_id(context.account);
    const bool lets_others = std::ranges::any_of(acl.grants, [&](const GrantRecord& grant) {
      return grant.to_group || grant.grantee != owner;
    });
    if (lets_others && record.ownership == Ownership::enforced) throw lists_without_meaning();
    // New buckets block public lists.
    if (is_public(acl))
      throw InvalidBucketAclWithBlockPublicAccessError(
          "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
    if (record.ownership != Ownership::enforced) record.acl = std::move(acl);
  }
  if (record.ownership != Ownership::enforced) put_access(request.bucket, record);
}

}  // namespace matinee::s3
