// Access keys of users, and of the root user.
#include <fmt/format.h>

#include "services/access_key_id.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

constexpr std::string_view secret_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string status_of(const AccessKeyRecord& key) {
  return key.active ? "Active" : "Inactive";
}

services::AccessKeyOwner owner_of(const std::string& account, const AccessKeyRecord& key) {
  return {.secret = key.secret,
          .account = account,
          .user_arn = key.user_arn,
          .user_id = key.user_id,
          .active = key.active};
}

}  // namespace

void Service::load_keys() {
  catalog_.access_keys.scan(catalog_.access_keys.all(),
                            [&](const ByName& key, const AccessKeyRecord& record) {
                              keys_->put(std::get<1>(key), owner_of(std::get<0>(key), record));
                              return true;
                            });
}

void Service::put_key(const std::string& account, const std::string& id,
                      const AccessKeyRecord& key) {
  catalog_.access_keys.put({account, id}, key);
  store_.on_commit([keys = keys_, id, owner = owner_of(account, key)] { keys->put(id, owner); });
}

void Service::erase_key(const std::string& account, const std::string& id,
                        const AccessKeyRecord& key) {
  catalog_.access_keys.erase({account, id});
  catalog_.keys_of_users.erase({account, key.user_id, id});
  store_.on_commit([keys = keys_, id] { keys->erase(id); });
}

Service::KeyOwner Service::require_key_owner(const Context& context,
                                             const std::optional<std::string>& user_name) const {
  const std::string name = user_name ? *user_name : name_of_caller(context);
  if (name.empty())
    return {{}, context.account, fmt::format("arn:aws:iam::{}:root", context.account)};
  const UserRecord user = catalog_.require_user(context.account, name);
  return {user.name, user.id, arn_of(context.account, Kind::user, user)};
}

AccessKeyRecord Service::require_key(const Context& context, const KeyOwner& owner,
                                     const std::string& id) const {
  std::optional<AccessKeyRecord> key = catalog_.access_keys.find({context.account, id});
  if (!key || key->user_id != owner.id)
    throw NoSuchEntityException(fmt::format("The Access Key with id {} cannot be found.", id));
  return *std::move(key);
}

CreateAccessKeyResponse Service::create_access_key(const Context& context,
                                                   const CreateAccessKeyRequest& request) {
  constexpr std::size_t secret_size = 40;
  const std::string& account = context.account;
  const KeyOwner owner = require_key_owner(context, request.user_name);
  std::uint64_t keys = 0;
  catalog_.keys_of_users.scan(catalog_.keys_of_users.prefix(account, owner.id),
                              [&](const ById&, runtime::Time) { return ++keys > 0; });
  require_room_for_one(keys_per_user, keys);
  const std::string id =
      services::make_access_key_id(services::long_term_key_prefix, account, runtime_.random);
  const AccessKeyRecord key{.secret = runtime_.random.text(secret_size, secret_letters),
                            .user_id = owner.id,
                            .user_arn = owner.arn,
                            .created = now()};
  put_key(account, id, key);
  catalog_.keys_of_users.put({account, owner.id, id}, key.created);
  AccessKey made{.access_key_id = id, .status = "Active", .secret_access_key = key.secret};
  if (!owner.name.empty()) made.user_name = owner.name;
  made.create_date = timestamp_of(key.created);
  return {.access_key = std::move(made)};
}

UpdateAccessKeyResponse Service::update_access_key(const Context& context,
                                                   const UpdateAccessKeyRequest& request) {
  const KeyOwner owner = require_key_owner(context, request.user_name);
  AccessKeyRecord key = require_key(context, owner, request.access_key_id);
  // Only AWS lets keys expire.
  if (request.status == "Expired")
    throw InvalidInputException("The status Expired cannot be set for an access key.");
  key.active = request.status == "Active";
  put_key(context.account, request.access_key_id, key);
  return {};
}

DeleteAccessKeyResponse Service::delete_access_key(const Context& context,
                                                   const DeleteAccessKeyRequest& request) {
  const KeyOwner owner = require_key_owner(context, request.user_name);
  const AccessKeyRecord key = require_key(context, owner, request.access_key_id);
  erase_key(context.account, request.access_key_id, key);
  return {};
}

ListAccessKeysResponse Service::list_access_keys(const Context& context,
                                                 const ListAccessKeysRequest& request) {
  const KeyOwner owner = require_key_owner(context, request.user_name);
  ListAccessKeysResponse response;
  catalog_.keys_of_users.scan(catalog_.keys_of_users.prefix(context.account, owner.id),
                              [&](const ById& place, runtime::Time created) {
                                const std::string& id = std::get<2>(place);
                                const auto key = catalog_.access_keys.find({context.account, id});
                                AccessKeyMetadata listed;
                                if (!owner.name.empty()) listed.user_name = owner.name;
                                listed.access_key_id = id;
                                listed.status = status_of(*key);
                                listed.create_date = timestamp_of(created);
                                response.access_key_metadata.push_back(std::move(listed));
                                return true;
                              });
  std::ranges::sort(response.access_key_metadata, {}, &AccessKeyMetadata::create_date);
  cut_page(response.access_key_metadata, request).tell(response);
  return response;
}

/// A key that was never used has the region and the service "N/A".
GetAccessKeyLastUsedResponse Service::get_access_key_last_used(
    const Context& context, const GetAccessKeyLastUsedRequest& request) {
  const auto key = catalog_.access_keys.find({context.account, request.access_key_id});
  if (!key)
    throw NoSuchEntityException(
        fmt::format("The Access Key with id {} cannot be found.", request.access_key_id));
  GetAccessKeyLastUsedResponse response;
  if (const auto user = parse_entity_arn(key->user_arn); user && user->type == "user")
    response.user_name = user->name;
  AccessKeyLastUsed used{.service_name = "N/A", .region = "N/A"};
  if (auto use = last_use_of_key(request.access_key_id)) {
    used.last_used_date = timestamp_of(use->when);
    used.service_name = std::move(use->service);
    used.region = std::move(use->region);
  }
  response.access_key_last_used = std::move(used);
  return response;
}

}  // namespace matinee::iam
