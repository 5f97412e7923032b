#include "services/s3/access/acl.h"

#include <fmt/format.h>

#include <algorithm>

#include "s3/errors.h"
#include "s3/shapes.h"
#include "services/s3/headers/names.h"

namespace matinee::s3 {

namespace {

constexpr std::string_view all_users = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view authenticated_users =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr std::string_view log_delivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// Under these ids S3 names whoever has stored something anonymously, and EC2's image service.
constexpr std::string_view anonymous_id =
    "65a011a29cdf8ec533ec3d1ccaae921c65a011a29cdf8ec533ec3d1ccaae921c";
constexpr std::string_view image_service_id =
    "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

constexpr std::size_t max_grants = 100;

struct PermissionName {
  std::string_view name;
  Permission permission;
};
constexpr PermissionName permissions[] = {{"FULL_CONTROL", Permission::full_control},
                                          {"READ", Permission::read},
                                          {"WRITE", Permission::write},
                                          {"READ_ACP", Permission::read_acp},
                                          {"WRITE_ACP", Permission::write_acp}};

std::string_view name_of(Permission permission) {
  return std::ranges::find(permissions, permission, &PermissionName::permission)->name;
}

/// "x-amz-grant-read-acp"
std::string grant_header(Permission permission) {
  std::string header = "x-amz-grant-";
  for (const char c : name_of(permission))
    header += c == '_' ? '-' : static_cast<char>(c - 'A' + 'a');
  return header;
}

template <class E>
E with_argument(E error, std::string_view name, std::string_view value) {
  error.details = {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}};
  return error;
}

bool is_canonical_id(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

GrantRecord grant_to_id(std::string_view id, Permission permission) {
  if (!is_canonical_id(id)) throw with_argument(InvalidArgument("Invalid id"), "id", id);
  return {.grantee = std::string(id), .permission = permission};
}

GrantRecord grant_to_group(std::string_view uri, Permission permission) {
  if (uri != all_users && uri != authenticated_users && uri != log_delivery)
    throw with_argument(InvalidArgument("Invalid group uri"), "uri", uri);
  return {.to_group = true, .grantee = std::string(uri), .permission = permission};
}

[[noreturn]] void refuse_email(std::string_view address) {
  UnresolvableGrantByEmailAddress error(
      "The e-mail address you provided does not match any account on record.");
  error.details = {{"EmailAddress", std::string(address)}};
  throw error;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// id="...", uri="...", emailAddress="...": separated by commas, quotes may be left out.
void add_grants(AclRecord& acl, const std::optional<std::string>& header, Permission permission) {
  std::string_view rest = header ? std::string_view(*header) : std::string_view();
  while (!trimmed(rest).empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view grantee = trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t equals = grantee.find('=');
    if (equals == std::string_view::npos)
      throw with_argument(InvalidArgument("Argument format not recognized"),
                          grant_header(permission), grantee);
    const std::string_view type = trimmed(grantee.substr(0, equals));
    std::string_view value = trimmed(grantee.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    if (type == "id")
      acl.grants.push_back(grant_to_id(value, permission));
    else if (type == "uri")
      acl.grants.push_back(grant_to_group(value, permission));
    else if (type == "emailAddress")
      refuse_email(value);
    else
      throw with_argument(InvalidArgument("Argument format not recognized"),
                          grant_header(permission), grantee);
  }
}

AclRecord canned_acl(std::string_view name, const AclOwners& owners) {
  AclRecord acl = private_acl(owners.owner);
  const auto add = [&](std::string_view group, Permission permission) {
    acl.grants.push_back(grant_to_group(group, permission));
  };
  const auto add_bucket_owner = [&](Permission permission) {
    if (owners.owner != owners.bucket_owner)
      acl.grants.push_back(grant_to_id(owner_id(owners.bucket_owner), permission));
  };
  if (name == "public-read" || name == "public-read-write") add(all_users, Permission::read);
  if (name == "public-read-write") add(all_users, Permission::write);
  if (name == "authenticated-read") add(authenticated_users, Permission::read);
  if (name == "aws-exec-read")
    acl.grants.push_back(grant_to_id(image_service_id, Permission::read));
  if (name == "bucket-owner-read") add_bucket_owner(Permission::read);
  if (name == "bucket-owner-full-control") add_bucket_owner(Permission::full_control);
  if (name == "log-delivery-write") {
    add(log_delivery, Permission::write);
    add(log_delivery, Permission::read_acp);
  }
  return acl;
}

GrantRecord read_grant(const Grant& grant) {
  const MalformedACLError malformed(
      "The XML you provided was not well-formed or did not validate against our published schema");
  if (!grant.grantee || !grant.permission) throw malformed;
  const auto permission = std::ranges::find(permissions, *grant.permission, &PermissionName::name);
  if (permission == std::end(permissions)) throw malformed;
  const Grantee& grantee = *grant.grantee;
  if (grantee.type == "CanonicalUser" && grantee.id)
    return grant_to_id(*grantee.id, permission->permission);
  if (grantee.type == "Group" && grantee.uri)
    return grant_to_group(*grantee.uri, permission->permission);
  if (grantee.type == "AmazonCustomerByEmail" && grantee.email_address)
    refuse_email(*grantee.email_address);
  throw malformed;
}

}  // namespace

std::string owner_id(const std::string& account) {
  return account.empty() ? std::string(anonymous_id) : canonical_user_id(account);
}

AclRecord private_acl(const std::string& owner) {
  return {.owner = owner, .grants = {grant_to_id(owner_id(owner), Permission::full_control)}};
}

AclRecord read_acl(const AclHeaders& headers, const AclOwners& owners) {
  if (headers.canned && headers.has_grants())
    throw InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
  if (headers.canned) return canned_acl(*headers.canned, owners);
  if (!headers.has_grants()) return private_acl(owners.owner);
  AclRecord acl{.owner = owners.owner};
  add_grants(acl, headers.full_control, Permission::full_control);
  add_grants(acl, headers.read, Permission::read);
  add_grants(acl, headers.write, Permission::write);
  add_grants(acl, headers.read_acp, Permission::read_acp);
  add_grants(acl, headers.write_acp, Permission::write_acp);
  return acl;
}

AclRecord read_acl(const AccessControlPolicy& document, const std::string& owner) {
  if (!document.owner || !document.owner->id || !document.grants ||
      document.grants->size() > max_grants)
    throw MalformedACLError(
        "The XML you provided was not well-formed or did not validate against our published "
        "schema");
  if (*document.owner->id != owner_id(owner)) throw AccessDenied("Access Denied");
  AclRecord acl{.owner = owner};
  for (const Grant& grant : *document.grants) acl.grants.push_back(read_grant(grant));
  return acl;
}

bool is_public(const AclRecord& acl) {
  return std::ranges::any_of(acl.grants, [](const GrantRecord& grant) {
    return grant.to_group && grant.grantee != log_delivery;
  });
}

bool permits(const AclRecord& acl, const AclCaller& caller, Permission permission) {
  return std::ranges::any_of(acl.grants, [&](const GrantRecord& grant) {
    if (grant.permission != permission && grant.permission != Permission::full_control)
      return false;
    if (!grant.to_group)
      return !caller.canonical_id.empty() && grant.grantee == caller.canonical_id;
    if (caller.ignores_public_grants) return false;
    return grant.grantee == all_users ||
           (grant.grantee == authenticated_users && !caller.canonical_id.empty());
  });
}

std::vector<Grant> describe(const AclRecord& acl) {
  std::vector<Grant> grants;
  for (const GrantRecord& record : acl.grants) {
    Grant& grant = grants.emplace_back();
    Grantee& grantee = grant.grantee.emplace();
    grantee.type = record.to_group ? "Group" : "CanonicalUser";
    (record.to_group ? grantee.uri : grantee.id) = record.grantee;
    grant.permission = name_of(record.permission);
  }
  return grants;
}

bool gives_bucket_owner_full_control(const AclHeaders& headers, const std::string& bucket_owner) {
  if (headers.canned) return *headers.canned == "bucket-owner-full-control";
  if (headers.read || headers.write || headers.read_acp || headers.write_acp) return false;
  const AclRecord acl = read_acl(headers, {.owner = bucket_owner, .bucket_owner = bucket_owner});
  return acl.grants.size() == 1 && !acl.grants.front().to_group &&
         acl.grants.front().grantee == owner_id(bucket_owner);
}

}  // namespace matinee::s3
