// Access control lists of buckets and objects: set and told.
#include "s3/errors.h"
#include "services/s3/access/access.h"
#include "services/s3/access/public_access.h"

namespace matinee::s3 {

namespace {

/// The list that a PutBucketAcl or PutObjectAcl brings, in one of three ways.
template <class Request>
AclRecord requested_acl(const Request& request, const AclOwners& owners) {
  const AclHeaders headers = acl_headers_of(request);
  if (!request.access_control_policy) {
    if (headers.present()) return read_acl(headers, owners);
    MissingSecurityHeader error("Your request was missing a required header");
    error.details = {{"MissingHeaderName", "x-amz-acl"}};
    throw error;
  }
  if (headers.present()) throw UnexpectedContent("This request does not support content");
  return read_acl(*request.access_control_policy, owners.owner);
}

/// What a bucket whose owner has everything accepts: nothing that it would have to keep. `acl` is
/// what the request asks for; that it is well-formed comes first.
template <class Request>
void require_no_change(const Request& request, const AclRecord& acl, const std::string& account) {
  const AclHeaders headers = acl_headers_of(request);
  bool is_accepted = headers.present() && gives_bucket_owner_full_control(headers, account);
  if (request.access_control_policy)
    is_accepted = acl.grants.size() == 1 && !acl.grants.front().to_group &&
                  acl.grants.front().permission == Permission::full_control &&
                  acl.grants.front().grantee == owner_id(account);
  if (!is_accepted) throw AccessControlListNotSupported("The bucket does not allow ACLs");
}

}  // namespace

PutBucketAclResponse BucketAccess::put_bucket_acl(const Context& context,
                                                  const PutBucketAclRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  AccessRecord record = access_of(request.bucket);
  AclRecord acl = requested_acl(request, {.owner = bucket.account, .bucket_owner = bucket.account});
  if (record.ownership == Ownership::enforced) {
    require_no_change(request, acl, bucket.account);
    return {};
  }
  if (record.block.block_acls && is_public(acl))
    refuse_public_acl(context, {.bucket_account = bucket.account,
                                .action = "s3:PutBucketAcl",
                                .resource = "arn:aws:s3:::" + request.bucket});
  record.acl = std::move(acl);
  put_access(request.bucket, record);
  return {};
}

GetBucketAclResponse BucketAccess::get_bucket_acl(const Context& context,
                                                  const GetBucketAclRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const AccessRecord record = access_of(request.bucket);
  const AclRecord acl = record.acl && record.ownership != Ownership::enforced
                            ? *record.acl
                            : private_acl(bucket.account);
  GetBucketAclResponse response;
  response.owner.emplace().id = owner_id(acl.owner);
  response.grants = describe(acl);
  return response;
}

PutObjectAclResponse BucketAccess::put_object_acl(const Context& context,
                                                  const PutObjectAclRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  ObjectRecord object = require_object(request.bucket, request.key, request.version_id, "PUT");
  const AccessRecord record = access_of(request.bucket);
  const bool has_lists = record.ownership != Ownership::enforced;
  const std::string owner =
      has_lists && object.attributes.acl ? object.attributes.acl->owner : bucket.account;
  AclRecord acl = requested_acl(request, {.owner = owner, .bucket_owner = bucket.account});
  if (!has_lists) {
    require_no_change(request, acl, bucket.account);
    return {};
  }
  if (record.block.block_acls && is_public(acl))
    refuse_public_acl(context, {.bucket_account = bucket.account,
                                .action = "s3:PutObjectAcl",
                                .resource = "arn:aws:s3:::" + request.bucket + "/" + request.key});
  object.attributes.acl = std::move(acl);
  replace_object(context, request.bucket, request.key, object);
  return {};
}

GetObjectAclResponse BucketAccess::get_object_acl(const Context& context,
                                                  const GetObjectAclRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const ObjectRecord object =
      require_object(request.bucket, request.key, request.version_id, "GET");
  const bool has_list =
      object.attributes.acl && access_of(request.bucket).ownership != Ownership::enforced;
  const AclRecord acl = has_list ? *object.attributes.acl : private_acl(bucket.account);
  GetObjectAclResponse response;
  response.owner.emplace().id = owner_id(acl.owner);
  response.grants = describe(acl);
  return response;
}

}  // namespace matinee::s3
