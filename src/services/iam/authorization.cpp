// What decisions about IAM's own resources need to know beside their names: paths, tags,
// permissions boundaries, and the names that they are to get.
#include <array>

#include "policy/wildcard.h"
#include "services/iam/service.h"
#include "services/request_members.h"

namespace matinee::iam {

namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(std::string value) {
  if (value.empty()) return std::nullopt;
  return std::vector{std::move(value)};
}

/// What is told of it by its name only: the type is followed by no path.
bool is_name_of(const std::optional<EntityArn>& arn, std::string_view account) {
  return arn && arn->account == account && arn->path == "/" && !arn->name.empty();
}

/// Lists are about a path, and what is to be made is at the path that is asked for.
bool knows_its_path(std::string_view operation) {
  constexpr std::array<std::string_view, 6> operations = {
      "CreateGroup", "CreateInstanceProfile", "UploadServerCertificate",
      "ListGroups",  "ListInstanceProfiles",  "ListServerCertificates"};
  return std::ranges::find(operations, operation) != operations.end();
}

}  // namespace

/// A name stands for the entity with its path.
void Service::complete_path(std::string& arn, std::string_view account) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!is_name_of(parts, account)) return;
  std::optional<std::string> path;
  if (parts->type == "group") {
    if (const auto group = catalog_.find_group(account, parts->name)) path = group->path;
  } else if (parts->type == "instance-profile") {
    if (const auto profile = catalog_.find_profile(account, parts->name)) path = profile->path;
  } else if (parts->type == "server-certificate") {
    if (const auto found =
            credentials_.server_certificates.find({parts->account, fold(parts->name)}))
      path = found->path;
  }
  if (path) arn = make_arn(account, parts->type, *path, parts->name);
}

/// The ARN that something is to have after a change of its name, its path, or both.
std::optional<std::string> Service::changed_arn(const Context& context,
                                                const protocol::Operation& operation,
                                                const void* request) const {
  struct Change {
    std::string_view operation, type, name, new_name;
  };
  constexpr std::array<Change, 3> changes = {
      Change{"UpdateUser", "user", "UserName", "NewUserName"},
      Change{"UpdateGroup", "group", "GroupName", "NewGroupName"},
      Change{"UpdateServerCertificate", "server-certificate", "ServerCertificateName",
             "NewServerCertificateName"}};
  const auto* change =
      std::ranges::find(changes, std::string_view(operation.name), &Change::operation);
  if (change == changes.end()) return std::nullopt;
  const std::string* name = services::find_text(operation, request, change->name);
  const std::string* new_name = services::find_text(operation, request, change->new_name);
  const std::string* new_path = services::find_text(operation, request, "NewPath");
  if (!name || (!new_name && !new_path)) return std::nullopt;
  std::string path = "/";
  if (new_path) {
    path = *new_path;
  } else if (change->type == "user") {
    if (const auto user = catalog_.find_user(context.account, *name)) path = user->path;
  } else if (change->type == "group") {
    if (const auto group = catalog_.find_group(context.account, *name)) path = group->path;
  } else if (const auto found =
                 credentials_.server_certificates.find({context.account, fold(*name)})) {
    path = found->path;
  }
  return make_arn(context.account, change->type, path, new_name ? *new_name : *name);
}

/// Who renames something has to be allowed that with both names.
void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<services::Need>& needs) const {
  const std::size_t first = needs.size();
  ServiceBase::add_needs(context, operation, request, needs);
  if (!knows_its_path(operation.name))
    for (std::size_t i = first; i < needs.size(); ++i)
      complete_path(needs[i].resource, context.account);
  if (needs.size() == first) return;
  std::optional<std::string> changed = changed_arn(context, operation, request);
  if (changed && *changed != needs[first].resource)
    needs.push_back({.action = needs[first].action, .resource = *std::move(changed)});
}

/// Groups have no tags.
std::optional<Tags> Service::tags_of(std::string_view arn) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts) return std::nullopt;
  const auto tags = [](const auto& record) -> std::optional<Tags> {
    if (!record) return std::nullopt;
    return record->tags;
  };
  const std::string& account = parts->account;
  if (parts->type == "user") return tags(catalog_.find_user(account, parts->name));
  if (parts->type == "role") return tags(catalog_.find_role(account, parts->name));
  if (parts->type == "policy") return tags(catalog_.find_policy(account, arn));
  if (parts->type == "instance-profile") return tags(catalog_.find_profile(account, parts->name));
  if (parts->type == "server-certificate")
    return tags(credentials_.server_certificates.find({account, fold(parts->name)}));
  if (parts->type == "mfa") return tags(credentials_.mfa_devices.find({account, std::string(arn)}));
  if (parts->type == "saml-provider")
    return tags(credentials_.saml_providers.find({account, parts->name}));
  constexpr std::string_view provider = ":oidc-provider/";
  if (const std::size_t at = arn.find(provider); at != std::string_view::npos)
    return tags(credentials_.open_id_providers.find(
        {account, std::string(arn.substr(at + provider.size()))}));
  return std::nullopt;
}

/// That of the user or role that an operation is about, unless the request is to set another.
std::optional<std::string> Service::boundary_of(const services::Inquiry& inquiry) const {
  if (services::find_text(inquiry.operation, inquiry.request, "PermissionsBoundary"))
    return std::nullopt;
  const std::optional<EntityArn> parts = parse_entity_arn(inquiry.resource);
  if (!parts) return std::nullopt;
  if (parts->type == "user")
    if (const auto user = catalog_.find_user(parts->account, parts->name)) return user->boundary;
  if (parts->type == "role")
    if (const auto role = catalog_.find_role(parts->account, parts->name)) return role->boundary;
  return std::nullopt;
}

Values Service::find_key(const services::Inquiry& inquiry, std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (key.starts_with(tag)) {
    const std::optional<Tags> tags = tags_of(inquiry.resource);
    if (!tags) return std::nullopt;
    for (const auto& [name, value] : *tags)
      if (policy::equals_ignoring_case(name, key.substr(tag.size()))) return std::vector{value};
    return std::nullopt;
  }
  // CreateUser and CreateRole name somebody who is not there yet.
  const bool makes_it = inquiry.action == "iam:CreateUser" || inquiry.action == "iam:CreateRole";
  if (key == "iam:permissionsboundary" && !makes_it) return one(boundary_of(inquiry).value_or(""));
  // What is in an instance profile is for instances.
  if (key == "iam:passedtoservice" && inquiry.action == "iam:PassRole")
    return one("ec2.amazonaws.com");
  if (key == "iam:servicespecificcredentialservicename") {
    const std::string* id =
        services::find_text(inquiry.operation, inquiry.request, "ServiceSpecificCredentialId");
    if (id) return one(service_of_credential(inquiry.context, inquiry.resource, *id));
  }
  return std::nullopt;
}

/// Empty where there is no such credential of the user.
std::string Service::service_of_credential(const Context& context, std::string_view user_arn,
                                           const std::string& id) const {
  const std::optional<EntityArn> parts = parse_entity_arn(user_arn);
  const auto user = parts ? catalog_.find_user(context.account, parts->name) : std::nullopt;
  if (!user) return {};
  const auto found = credentials_.service_credentials.find({context.account, user->id, id});
  return found ? found->service : std::string();
}

}  // namespace matinee::iam
