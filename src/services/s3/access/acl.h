// Access control lists: who owns a bucket or an object, and what others may do with it. Buckets
// whose objects all belong to the bucket's owner, as AWS makes them since April 2023, have none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/catalog/acl_record.h"

namespace matinee::s3 {

struct AccessControlPolicy;
struct Grant;

/// x-amz-acl and x-amz-grant-* of a request.
struct AclHeaders {
  std::optional<std::string> canned;
  std::optional<std::string> full_control;
  std::optional<std::string> read;
  std::optional<std::string> write;  // of buckets
  std::optional<std::string> read_acp;
  std::optional<std::string> write_acp;

  bool has_grants() const { return full_control || read || write || read_acp || write_acp; }
  bool present() const { return canned || has_grants(); }
};

template <class Request>
AclHeaders acl_headers_of(const Request& request) {
  AclHeaders headers{.canned = request.acl,
                     .full_control = request.grant_full_control,
                     .read = request.grant_read,
                     .read_acp = request.grant_read_acp,
                     .write_acp = request.grant_write_acp};
  if constexpr (requires { request.grant_write; }) headers.write = request.grant_write;
  return headers;
}

/// Whose list it is going to be. The accounts are the same but for objects of others.
struct AclOwners {
  std::string owner;
  std::string bucket_owner;
};

/// The owner alone has full control.
AclRecord private_acl(const std::string& owner);

/// What the headers ask for. Throws InvalidRequest where they ask for two things, InvalidArgument
/// for grantees that nobody can be, UnresolvableGrantByEmailAddress.
AclRecord read_acl(const AclHeaders& headers, const AclOwners& owners);

/// What a document asks for. Throws MalformedACLError and what `read_acl` throws; AccessDenied
/// where it names another owner.
AclRecord read_acl(const AccessControlPolicy& document, const std::string& owner);

/// Whether it lets in everybody, or everybody with an account, which is as good.
bool is_public(const AclRecord& acl);

/// Who asks, as lists see it; empty for anonymous callers.
struct AclCaller {
  std::string canonical_id;
  bool ignores_public_grants = false;
};
bool permits(const AclRecord& acl, const AclCaller& caller, Permission permission);

std::vector<Grant> describe(const AclRecord& acl);

/// Canonical user id of an owner, also of an anonymous one.
std::string owner_id(const std::string& account);

/// Whether the headers ask for no more than what the bucket's owner has anyway: what buckets
/// without lists accept.
bool gives_bucket_owner_full_control(const AclHeaders& headers, const std::string& bucket_owner);

}  // namespace matinee::s3
