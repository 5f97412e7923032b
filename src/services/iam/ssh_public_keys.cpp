// SSH keys of users.
#include <fmt/format.h>

#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/pem.h"

namespace matinee::iam {

namespace {

constexpr Quota ssh_keys_per_user{"SSHPublicKeysPerUser", 5};

std::string status_of(const SshKeyRecord& key) {
  return key.active ? "Active" : "Inactive";
}

}  // namespace

SshKeyRecord Credentials::require_ssh_key(const Context& context, const Holder& user,
                                          const std::string& id) const {
  auto key = credentials_.ssh_keys.find({context.account, user.id, id});
  if (!key)
    throw NoSuchEntityException(fmt::format("The Public Key with id {} cannot be found.", id));
  return *std::move(key);
}

UploadSSHPublicKeyResponse Credentials::upload_ssh_public_key(
    const Context& context, const UploadSSHPublicKeyRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  const std::string& text = request.ssh_public_key_body;
  if (!text.starts_with("ssh-") && !text.starts_with("-----BEGIN"))
    throw UnrecognizedPublicKeyEncodingException("Unable to recognize the encoding of the key.");
  const auto body = to_ssh_key(text);
  if (!body) throw InvalidPublicKeyException("Key is in invalid format: only RSA keys are valid.");
  const SshKeyRecord key{.body = *body, .fingerprint = ssh_fingerprint(*body), .uploaded = now()};
  std::uint64_t keys = 0;
  credentials_.ssh_keys.scan(credentials_.ssh_keys.prefix(context.account, user.id),
                             [&](const ById&, const SshKeyRecord& other) {
                               if (other.fingerprint == key.fingerprint)
                                 throw DuplicateSSHPublicKeyException(
                                     "The SSH public key is already associated with the user.");
                               return ++keys > 0;
                             });
  require_room_for_one(ssh_keys_per_user, keys);
  const std::string id = make_id("APKA", runtime_.random);
  credentials_.ssh_keys.put({context.account, user.id, id}, key);
  return {.ssh_public_key = SSHPublicKey{.user_name = user.name,
                                         .ssh_public_key_id = id,
                                         .fingerprint = key.fingerprint,
                                         .ssh_public_key_body = key.body,
                                         .status = status_of(key),
                                         .upload_date = timestamp_of(key.uploaded)}};
}

GetSSHPublicKeyResponse Credentials::get_ssh_public_key(const Context& context,
                                                        const GetSSHPublicKeyRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  const SshKeyRecord key = require_ssh_key(context, user, request.ssh_public_key_id);
  return {.ssh_public_key =
              SSHPublicKey{.user_name = user.name,
                           .ssh_public_key_id = request.ssh_public_key_id,
                           .fingerprint = key.fingerprint,
                           .ssh_public_key_body =
                               request.encoding == "PEM" ? ssh_key_to_pem(key.body) : key.body,
                           .status = status_of(key),
                           .upload_date = timestamp_of(key.uploaded)}};
}

UpdateSSHPublicKeyResponse Credentials::update_ssh_public_key(
    const Context& context, const UpdateSSHPublicKeyRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  SshKeyRecord key = require_ssh_key(context, user, request.ssh_public_key_id);
  if (request.status == "Expired")
    throw InvalidInputException("The status Expired cannot be set for an SSH public key.");
  key.active = request.status == "Active";
  credentials_.ssh_keys.put({context.account, user.id, request.ssh_public_key_id}, key);
  return {};
}

DeleteSSHPublicKeyResponse Credentials::delete_ssh_public_key(
    const Context& context, const DeleteSSHPublicKeyRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  require_ssh_key(context, user, request.ssh_public_key_id);
  credentials_.ssh_keys.erase({context.account, user.id, request.ssh_public_key_id});
  return {};
}

ListSSHPublicKeysResponse Credentials::list_ssh_public_keys(
    const Context& context, const ListSSHPublicKeysRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  ListSSHPublicKeysResponse response;
  response.ssh_public_keys.emplace();
  list_page(credentials_.ssh_keys, credentials_.ssh_keys.prefix(context.account, user.id), request,
            visit_all([&](const ById& key, const SshKeyRecord& record) {
              response.ssh_public_keys->push_back({.user_name = user.name,
                                                   .ssh_public_key_id = std::get<2>(key),
                                                   .status = status_of(record),
                                                   .upload_date = timestamp_of(record.uploaded)});
            }))
      .tell(response);
  return response;
}

}  // namespace matinee::iam
