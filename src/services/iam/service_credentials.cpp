// Credentials for single services: user names and passwords for Git and Cassandra, keys for
// Bedrock.
#include <fmt/format.h>

#include <array>

#include "protocol/base64.h"
#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"

namespace matinee::iam {

namespace {

constexpr Quota credentials_per_user{"ServiceSpecificCredentialsPerUser", 2};
constexpr std::string_view bedrock = "bedrock.amazonaws.com";

bool is_supported(std::string_view service) {
  constexpr std::array<std::string_view, 3> services = {"codecommit.amazonaws.com",
                                                        "cassandra.amazonaws.com", bedrock};
  return std::ranges::find(services, service) != services.end();
}

void require_supported(const std::string& service) {
  if (!is_supported(service))
    throw NoSuchEntityException(
        fmt::format("No such service {} is supported for Service Specific Credentials", service));
}

std::string make_password(std::string_view service, runtime::Random& random) {
  if (service == bedrock) {
    constexpr std::size_t bytes = 96;
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return "ABSK" + protocol::base64_encode(random.text(bytes, letters));
  }
  constexpr std::size_t bytes = 32;
  std::array<std::uint8_t, bytes> secret{};
  random.fill(secret);
  return protocol::base64_encode({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::string status_of(const ServiceCredentialRecord& credential) {
  return credential.active ? "Active" : "Inactive";
}

ServiceSpecificCredential describe_credential(const std::string& user_name, const std::string& id,
                                              const ServiceCredentialRecord& credential) {
  ServiceSpecificCredential shown{.create_date = timestamp_of(credential.created)};
  if (credential.expires) shown.expiration_date = timestamp_of(*credential.expires);
  shown.service_name = credential.service;
  if (credential.service == bedrock) {
    shown.service_credential_alias = credential.service_user;
    shown.service_credential_secret = credential.password;
  } else {
    shown.service_user_name = credential.service_user;
    shown.service_password = credential.password;
  }
  shown.service_specific_credential_id = id;
  shown.user_name = user_name;
  shown.status = status_of(credential);
  return shown;
}

ServiceSpecificCredentialMetadata describe_metadata(const std::string& user_name,
                                                    const std::string& id,
                                                    const ServiceCredentialRecord& credential) {
  ServiceSpecificCredentialMetadata shown{.user_name = user_name, .status = status_of(credential)};
  if (credential.service == bedrock)
    shown.service_credential_alias = credential.service_user;
  else
    shown.service_user_name = credential.service_user;
  shown.create_date = timestamp_of(credential.created);
  if (credential.expires) shown.expiration_date = timestamp_of(*credential.expires);
  shown.service_specific_credential_id = id;
  shown.service_name = credential.service;
  return shown;
}

}  // namespace

ServiceCredentialRecord Credentials::require_service_credential(
    const Context& context, const std::optional<std::string>& name, const std::string& id,
    Holder& user) const {
  user = require_holder(context, name);
  auto credential = credentials_.service_credentials.find({context.account, user.id, id});
  if (!credential) throw NoSuchEntityException(fmt::format("No such credential {} exists", id));
  return *std::move(credential);
}

/// The user is looked up first. The second credential of a service is called "USER+1".
CreateServiceSpecificCredentialResponse Credentials::create_service_specific_credential(
    const Context& context, const CreateServiceSpecificCredentialRequest& request) {
  const std::string& account = context.account;
  const Holder user = require_holder(context, request.user_name);
  require_supported(request.service_name);
  std::uint64_t credentials = 0;
  credentials_.service_credentials.scan(credentials_.service_credentials.prefix(account, user.id),
                                        [&](const ById&, const ServiceCredentialRecord& other) {
                                          if (other.service == request.service_name) ++credentials;
                                          return true;
                                        });
  require_room_for_one(credentials_per_user, credentials);
  ServiceCredentialRecord credential{
      .service = request.service_name,
      .service_user = fmt::format("{}{}-at-{}", user.name, credentials > 0 ? "+1" : "", account),
      .password = make_password(request.service_name, runtime_.random),
      .created = now(),
      .expires = std::nullopt};
  if (request.credential_age_days)
    credential.expires = credential.created + std::chrono::days(*request.credential_age_days);
  const std::string id = make_id("ACCA", runtime_.random);
  credentials_.service_credentials.put({account, user.id, id}, credential);
  return {.service_specific_credential = describe_credential(user.name, id, credential)};
}

ListServiceSpecificCredentialsResponse Credentials::list_service_specific_credentials(
    const Context& context, const ListServiceSpecificCredentialsRequest& request) {
  const std::string& account = context.account;
  const bool of_all = request.all_users.value_or(false) && !request.user_name;
  const Holder user = of_all ? Holder{} : require_holder(context, request.user_name);
  if (request.service_name) require_supported(*request.service_name);
  ListServiceSpecificCredentialsResponse response;
  response.service_specific_credentials.emplace();
  const auto name_of = [&](const std::string& id) {
    if (!of_all) return user.name;
    const auto entity = catalog_.entities.find({account, id});
    return entity ? entity->name : std::string();
  };
  const auto range = of_all ? credentials_.service_credentials.prefix(account)
                            : credentials_.service_credentials.prefix(account, user.id);
  const PageEnd end = list_page(
      credentials_.service_credentials, range, request,
      Visitor{[&](const ById&, const ServiceCredentialRecord& credential) {
                return !request.service_name || credential.service == *request.service_name;
              },
              [&](const ById& key, const ServiceCredentialRecord& credential) {
                response.service_specific_credentials->push_back(
                    describe_metadata(name_of(std::get<1>(key)), std::get<2>(key), credential));
              }});
  // Unlike other lists this one says nothing where it is complete.
  if (end.marker) end.tell(response);
  return response;
}

UpdateServiceSpecificCredentialResponse Credentials::update_service_specific_credential(
    const Context& context, const UpdateServiceSpecificCredentialRequest& request) {
  Holder user;
  ServiceCredentialRecord credential = require_service_credential(
      context, request.user_name, request.service_specific_credential_id, user);
  credential.active = request.status == "Active";
  credentials_.service_credentials.put(
      {context.account, user.id, request.service_specific_credential_id}, credential);
  return {};
}

ResetServiceSpecificCredentialResponse Credentials::reset_service_specific_credential(
    const Context& context, const ResetServiceSpecificCredentialRequest& request) {
  const std::string& id = request.service_specific_credential_id;
  Holder user;
  ServiceCredentialRecord credential =
      require_service_credential(context, request.user_name, id, user);
  credential.password = make_password(credential.service, runtime_.random);
  credentials_.service_credentials.put({context.account, user.id, id}, credential);
  return {.service_specific_credential = describe_credential(user.name, id, credential)};
}

DeleteServiceSpecificCredentialResponse Credentials::delete_service_specific_credential(
    const Context& context, const DeleteServiceSpecificCredentialRequest& request) {
  Holder user;
  require_service_credential(context, request.user_name, request.service_specific_credential_id,
                             user);
  credentials_.service_credentials.erase(
      {context.account, user.id, request.service_specific_credential_id});
  return {};
}

}  // namespace matinee::iam
