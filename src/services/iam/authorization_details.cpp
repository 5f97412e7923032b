// GetAccountAuthorizationDetails: who there is in an account, and what it may do.
#include <fmt/format.h>

#include <algorithm>

#include "services/iam/describe.h"
#include "services/iam/documents.h"
#include "services/iam/managed_policies.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

/// The lists that follow each other; a marker begins with the one it is about.
constexpr std::string_view lists = "ugrla";

bool wants(const GetAccountAuthorizationDetailsRequest& request, char list) {
  if (!request.filter || request.filter->empty()) return true;
  const auto filters = [&](std::string_view name) {
    return std::ranges::find(*request.filter, name) != request.filter->end();
  };
  switch (list) {
    case 'u':
      return filters("User");
    case 'g':
      return filters("Group");
    case 'r':
      return filters("Role");
    case 'l':
      return filters("LocalManagedPolicy");
    default:
      return filters("AWSManagedPolicy");
  }
}

std::vector<PolicyDetail> inline_policies_of(const Catalog& catalog, const std::string& account,
                                             const std::string& id) {
  std::vector<PolicyDetail> policies;
  catalog.inline_policies.scan(
      catalog.inline_policies.prefix(account, id), [&](const ById& key, const std::string& text) {
        policies.push_back(
            {.policy_name = std::get<2>(key), .policy_document = encode_document(text)});
        return true;
      });
  return policies;
}

UserDetail detail_of(const Catalog& catalog, const std::string& account, const UserRecord& user) {
  UserDetail detail;
  detail.path = user.path;
  detail.user_name = user.name;
  detail.user_id = user.id;
  detail.arn = arn_of(account, Kind::user, user);
  detail.create_date = timestamp_of(user.created);
  if (auto policies = inline_policies_of(catalog, account, user.id); !policies.empty())
    detail.user_policy_list = std::move(policies);
  detail.group_list.emplace();
  catalog.groups_of_users.scan(
      catalog.groups_of_users.prefix(account, user.id), [&](const ById& key, runtime::Time) {
        if (const auto group = catalog.entities.find({account, std::get<2>(key)}))
          detail.group_list->push_back(group->name);
        return true;
      });
  std::ranges::sort(*detail.group_list);
  if (!user.boundary.empty()) detail.permissions_boundary = describe_boundary(user.boundary);
  detail.tags = describe_tags(user.tags);
  return detail;
}

GroupDetail detail_of(const Catalog& catalog, const std::string& account,
                      const GroupRecord& group) {
  GroupDetail detail;
  detail.path = group.path;
  detail.group_name = group.name;
  detail.group_id = group.id;
  detail.arn = arn_of(account, Kind::group, group);
  detail.create_date = timestamp_of(group.created);
  detail.group_policy_list = inline_policies_of(catalog, account, group.id);
  return detail;
}

RoleDetail detail_of(const Catalog& catalog, const std::string& account, const RoleRecord& role) {
  const Role described = describe(catalog, account, role, Detail::whole);
  RoleDetail detail;
  detail.path = role.path;
  detail.role_name = role.name;
  detail.role_id = role.id;
  detail.arn = described.arn;
  detail.create_date = described.create_date;
  detail.assume_role_policy_document = described.assume_role_policy_document;
  detail.instance_profile_list.emplace();
  catalog.profiles_of_roles.scan(
      catalog.profiles_of_roles.prefix(account, role.id), [&](const ById& key, const std::string&) {
        if (const auto profile = catalog.find_profile(account, std::get<2>(key)))
          detail.instance_profile_list->push_back(
              describe(catalog, account, *profile, Detail::listed));
        return true;
      });
  detail.role_policy_list = inline_policies_of(catalog, account, role.id);
  detail.permissions_boundary = described.permissions_boundary;
  detail.tags = describe_tags(role.tags);
  detail.role_last_used = described.role_last_used;
  return detail;
}

ManagedPolicyDetail detail_of(const Policy& policy) {
  ManagedPolicyDetail detail;
  detail.policy_name = policy.policy_name;
  detail.policy_id = policy.policy_id;
  detail.arn = policy.arn;
  detail.path = policy.path;
  detail.default_version_id = policy.default_version_id;
  detail.attachment_count = policy.attachment_count;
  detail.permissions_boundary_usage_count = policy.permissions_boundary_usage_count;
  detail.is_attachable = policy.is_attachable;
  detail.description = policy.description;
  detail.create_date = policy.create_date;
  detail.update_date = policy.update_date;
  detail.policy_version_list.emplace();
  return detail;
}

PolicyVersion version_of(std::uint32_t number, runtime::Time created, const std::string& text) {
  PolicyVersion version;
  version.document = encode_document(text);
  version.version_id = describe_version(number);
  version.create_date = timestamp_of(created);
  version.is_default_version = false;
  return version;
}

ManagedPolicyDetail detail_of(const Catalog& catalog, const std::string& account,
                              const PolicyRecord& policy) {
  const PolicyUsage usage = catalog.usage_of(account, arn_of(account, Kind::policy, policy));
  ManagedPolicyDetail detail = detail_of(describe(account, policy, usage));
  detail.description = policy.description;
  catalog.policy_versions.scan(
      catalog.policy_versions.prefix(account, policy.id),
      [&](const auto& key, const PolicyVersionRecord& stored) {
        PolicyVersion version = version_of(std::get<2>(key), stored.created, stored.text);
        version.is_default_version = std::get<2>(key) == policy.default_version;
        detail.policy_version_list->push_back(std::move(version));
        return true;
      },
      storage::Order::backward);
  return detail;
}

/// With the version that is in force: AWS has published up to two hundred of some.
ManagedPolicyDetail detail_of(const ManagedPolicy& policy, const PolicyUsage& usage) {
  ManagedPolicyDetail detail = detail_of(describe(policy, usage));
  const auto stored = find_managed_policy_version(policy.arn, policy.default_version);
  PolicyVersion version = version_of(stored->number, stored->created, stored->text);
  version.is_default_version = true;
  detail.policy_version_list->push_back(std::move(version));
  return detail;
}

}  // namespace

/// Fills one page, list by list.
class DetailsPage {
 public:
  DetailsPage(std::string account, const GetAccountAuthorizationDetailsRequest& request)
      : account_(std::move(account)),
        marker_(request.marker ? read_marker(*request.marker) : std::string()),
        most_(page_size(request)) {}

  const std::string& account() const { return account_; }
  bool is_full() const { return is_more_; }
  /// The place of the list that the request begins with.
  std::size_t first_list() const {
    return marker_.empty() ? 0 : std::min(lists.find(marker_[0]), lists.size());
  }

  /// Goes through one list, from where the marker says on; `add` tells whether it took the record.
  template <class Table, class Add>
  void go_through(char list, const Table& table, Add add) {
    auto range = table.prefix(account_);
    if (marker_.size() > 1) range = table.after(range, {account_, marker_.substr(1)});
    marker_.clear();
    table.scan(range, [&](const ByName& key, const auto& record) {
      is_more_ = listed_ == most_;
      if (is_more_) return false;
      if (!add(std::get<1>(key), record)) return true;
      last_ = list + std::get<1>(key);
      ++listed_;
      return true;
    });
  }

  void finish(GetAccountAuthorizationDetailsResponse& response) const {
    response.is_truncated = is_more_;
    if (is_more_) response.marker = protocol::base64_encode(last_);
  }

 private:
  std::string account_;
  std::string marker_;
  std::size_t most_;
  std::size_t listed_ = 0;
  std::string last_;
  bool is_more_ = false;
};

void Service::list_details(DetailsPage& page, char list,
                           GetAccountAuthorizationDetailsResponse& response) const {
  const std::string& account = page.account();
  const auto attached = [&](const std::string& id) { return attached_to(account, id, "/"); };
  switch (list) {
    case 'u':
      page.go_through(list, catalog_.users, [&](const std::string&, const UserRecord& user) {
        UserDetail detail = detail_of(catalog_, account, user);
        detail.attached_managed_policies = attached(user.id);
        response.user_detail_list->push_back(std::move(detail));
        return true;
      });
      break;
    case 'g':
      page.go_through(list, catalog_.groups, [&](const std::string&, const GroupRecord& group) {
        GroupDetail detail = detail_of(catalog_, account, group);
        detail.attached_managed_policies = attached(group.id);
        response.group_detail_list->push_back(std::move(detail));
        return true;
      });
      break;
    case 'r':
      page.go_through(list, catalog_.roles, [&](const std::string&, const RoleRecord& role) {
        RoleDetail detail = detail_of(catalog_, account, role);
        detail.attached_managed_policies = attached(role.id);
        response.role_detail_list->push_back(std::move(detail));
        return true;
      });
      break;
    case 'l':
      page.go_through(list, catalog_.policies, [&](const std::string&, const PolicyRecord& policy) {
        response.policies->push_back(detail_of(catalog_, account, policy));
        return true;
      });
      break;
    default:
      // Those of AWS that are in use here.
      page.go_through(list, catalog_.usage, [&](const std::string& arn, const PolicyUsage& usage) {
        const auto policy = find_managed_policy(arn);
        if (policy) response.policies->push_back(detail_of(*policy, usage));
        return policy.has_value();
      });
  }
}

GetAccountAuthorizationDetailsResponse Service::get_account_authorization_details(
    const Context& context, const GetAccountAuthorizationDetailsRequest& request) {
  GetAccountAuthorizationDetailsResponse response;
  response.user_detail_list.emplace();
  response.group_detail_list.emplace();
  response.role_detail_list.emplace();
  response.policies.emplace();
  DetailsPage page(context.account, request);
  for (std::size_t list = page.first_list(); list < lists.size() && !page.is_full(); ++list)
    if (wants(request, lists[list])) list_details(page, lists[list], response);
  page.finish(response);
  return response;
}

}  // namespace matinee::iam
