// Connections: how calls to API destinations are authorized.
#include <fmt/format.h>

#include "events/errors.h"
#include "services/events/credentials.h"
#include "services/events/names.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

constexpr std::int32_t most_in_a_page = 100;

HttpKey key_of(const Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

HttpConnectionRecord require_connection(const HttpDestinations& http, const HttpKey& key,
                                        std::string_view purpose) {
  std::optional<HttpConnectionRecord> record = http.connections.find(key);
  if (!record)
    throw ResourceNotFoundException(
        fmt::format("Failed to {} the connection(s). Connection '{}' does not exist.", purpose,
                    std::get<2>(key)));
  return *std::move(record);
}

/// What all answers about a connection have.
template <class Response>
Response answer(const HttpKey& key, const HttpConnectionRecord& record) {
  Response response;
  response.connection_arn = http_arn(connection_kind, key, record.id);
  response.connection_state = record.state;
  response.creation_time = record.created;
  response.last_modified_time = record.modified;
  return response;
}

}  // namespace

CreateConnectionResponse Service::create_connection(const Context& context,
                                                    const CreateConnectionRequest& request) {
  if (request.invocation_connectivity_parameters || request.auth_parameters.connectivity_parameters)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Connections to private endpoints are not served.");
  const HttpKey key = key_of(context, request.name);
  if (http_.connections.contains(key))
    throw ResourceAlreadyExistsException(
        fmt::format("Connection {} already exists.", request.name));
  const Credentials credentials =
      credentials_of(request.authorization_type, request.auth_parameters);
  http_.count(connection_kind, key, 1);
  const runtime::Time now = runtime_.clock.now();
  HttpConnectionRecord record{.id = runtime_.random.uuid(),
                              .description = request.description,
                              .key = request.kms_key_identifier,
                              .created = now,
                              .modified = now};
  http_.authorize(context, key, record, credentials);
  http_.connections.put(key, record);
  return answer<CreateConnectionResponse>(key, record);
}

UpdateConnectionResponse Service::update_connection(const Context& context,
                                                    const UpdateConnectionRequest& request) {
  if (request.invocation_connectivity_parameters ||
      (request.auth_parameters && request.auth_parameters->connectivity_parameters))
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Connections to private endpoints are not served.");
  const HttpKey key = key_of(context, request.name);
  HttpConnectionRecord record = require_connection(http_, key, "update");
  if (request.description) record.description = request.description;
  if (request.kms_key_identifier) {
    record.key = request.kms_key_identifier;
    if (record.key->empty()) record.key.reset();
  }
  record.modified = runtime_.clock.now();
  const std::string type = request.authorization_type.value_or(record.shown.type);
  if (request.auth_parameters || type != record.shown.type || request.kms_key_identifier) {
    // Another type starts anew; of the same one what is not given stays.
    Credentials credentials{.type = type};
    if (type == record.shown.type)
      credentials = http_.credentials_of(key, record).value_or(record.shown);
    if (request.auth_parameters) change(credentials, *request.auth_parameters);
    require_complete(credentials);
    http_.authorize(context, key, record, credentials);
  }
  http_.connections.put(key, record);
  auto response = answer<UpdateConnectionResponse>(key, record);
  response.last_authorized_time = record.authorized;
  return response;
}

DeleteConnectionResponse Service::delete_connection(const Context& context,
                                                    const DeleteConnectionRequest& request) {
  const HttpKey key = key_of(context, request.name);
  const HttpConnectionRecord record = require_connection(http_, key, "delete");
  http_.drop_secret(key, record);
  http_.connections.erase(key);
  http_.count(connection_kind, key, -1);
  auto response = answer<DeleteConnectionResponse>(key, record);
  response.last_authorized_time = record.authorized;
  response.connection_state = "DELETING";
  return response;
}

DescribeConnectionResponse Service::describe_connection(const Context& context,
                                                        const DescribeConnectionRequest& request) {
  const HttpKey key = key_of(context, request.name);
  const HttpConnectionRecord record = require_connection(http_, key, "describe");
  auto response = answer<DescribeConnectionResponse>(key, record);
  response.name = request.name;
  response.description = record.description;
  if (!record.reason.empty()) response.state_reason = record.reason;
  response.authorization_type = record.shown.type;
  if (!record.secret_arn.empty()) response.secret_arn = record.secret_arn;
  response.kms_key_identifier = record.key;
  response.auth_parameters = describe(record.shown);
  response.last_authorized_time = record.authorized;
  return response;
}

DeauthorizeConnectionResponse Service::deauthorize_connection(
    const Context& context, const DeauthorizeConnectionRequest& request) {
  const HttpKey key = key_of(context, request.name);
  HttpConnectionRecord record = require_connection(http_, key, "deauthorize");
  http_.drop_secret(key, record);
  record.secret_arn.clear();
  record.state = "DEAUTHORIZED";
  record.reason = "The connection was deauthorized.";
  record.modified = runtime_.clock.now();
  http_.connections.put(key, record);
  auto response = answer<DeauthorizeConnectionResponse>(key, record);
  response.connection_state = "DEAUTHORIZING";
  response.last_authorized_time = record.authorized;
  return response;
}

ListConnectionsResponse Service::list_connections(const Context& context,
                                                  const ListConnectionsRequest& request) {
  ListConnectionsResponse response;
  auto& listed = response.connections.emplace();
  const auto most = static_cast<std::size_t>(request.limit.value_or(most_in_a_page));
  const std::string prefix = request.name_prefix.value_or("");
  HttpKey from = key_of(context, prefix);
  const std::string last = read_page_token(request.next_token);
  if (last > prefix) std::get<2>(from) = last;
  const auto range =
      http_.connections.from(http_.connections.prefix(context.account, context.region), from);
  http_.connections.scan(range, [&](const HttpKey& key, const HttpConnectionRecord& record) {
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) return false;
    if (!last.empty() && name == last) return true;
    if (request.connection_state && *request.connection_state != record.state) return true;
    if (listed.size() == most) {
      response.next_token = page_token(*listed.back().name);
      return false;
    }
    auto connection = answer<Connection>(key, record);
    connection.name = name;
    if (!record.reason.empty()) connection.state_reason = record.reason;
    connection.authorization_type = record.shown.type;
    connection.last_authorized_time = record.authorized;
    listed.push_back(std::move(connection));
    return true;
  });
  return response;
}

}  // namespace matinee::events
