// API destinations: HTTP endpoints that events are sent to.
#include <fmt/format.h>

#include "events/errors.h"
#include "services/events/names.h"
#include "services/events/service.h"

namespace matinee::events {

namespace {

constexpr std::int32_t most_in_a_page = 100;

HttpKey key_of(const Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

ApiDestinationRecord require_destination(const HttpDestinations& http, const HttpKey& key,
                                         std::string_view purpose) {
  std::optional<ApiDestinationRecord> record = http.destinations.find(key);
  if (!record)
    throw ResourceNotFoundException(
        fmt::format("Failed to {} the api-destination(s). An api-destination '{}' does not exist.",
                    purpose, std::get<2>(key)));
  return *std::move(record);
}

/// Of the caller's account and region.
void require_connection(const HttpDestinations& http, const Context& context,
                        const std::string& arn) {
  const auto place = read_http_arn(connection_kind, arn);
  const auto connection = place ? http.connections.find(place->first) : std::nullopt;
  if (!connection || connection->id != place->second ||
      std::get<0>(place->first) != context.account || std::get<1>(place->first) != context.region)
    throw ResourceNotFoundException(fmt::format("Connection '{}' does not exist.", arn));
}

template <class Response>
Response answer(const HttpDestinations& http, const HttpKey& key,
                const ApiDestinationRecord& record) {
  Response response;
  response.api_destination_arn = http_arn(destination_kind, key, record.id);
  response.api_destination_state = http.state_of(record);
  response.creation_time = record.created;
  response.last_modified_time = record.modified;
  return response;
}

template <class Response>
void describe(Response& response, const ApiDestinationRecord& record) {
  response.connection_arn = record.connection;
  response.invocation_endpoint = record.endpoint;
  response.http_method = record.method;
  response.invocation_rate_limit_per_second = record.rate;
}

}  // namespace

CreateApiDestinationResponse Service::create_api_destination(
    const Context& context, const CreateApiDestinationRequest& request) {
  const HttpKey key = key_of(context, request.name);
  if (http_.destinations.contains(key))
    throw ResourceAlreadyExistsException(
        fmt::format("An api-destination '{}' already exists.", request.name));
  require_connection(http_, context, request.connection_arn);
  http_.count(destination_kind, key, 1);
  const runtime::Time now = runtime_.clock.now();
  const ApiDestinationRecord record{.id = runtime_.random.uuid(),
                                    .description = request.description,
                                    .connection = request.connection_arn,
                                    .endpoint = request.invocation_endpoint,
                                    .method = request.http_method,
                                    .rate = request.invocation_rate_limit_per_second,
                                    .created = now,
                                    .modified = now};
  http_.destinations.put(key, record);
  return answer<CreateApiDestinationResponse>(http_, key, record);
}

UpdateApiDestinationResponse Service::update_api_destination(
    const Context& context, const UpdateApiDestinationRequest& request) {
  const HttpKey key = key_of(context, request.name);
  ApiDestinationRecord record = require_destination(http_, key, "update");
  if (request.connection_arn) {
    require_connection(http_, context, *request.connection_arn);
    record.connection = *request.connection_arn;
  }
  if (request.description) record.description = request.description;
  if (request.invocation_endpoint) record.endpoint = *request.invocation_endpoint;
  if (request.http_method) record.method = *request.http_method;
  if (request.invocation_rate_limit_per_second)
    record.rate = request.invocation_rate_limit_per_second;
  record.modified = runtime_.clock.now();
  http_.destinations.put(key, record);
  return answer<UpdateApiDestinationResponse>(http_, key, record);
}

DeleteApiDestinationResponse Service::delete_api_destination(
    const Context& context, const DeleteApiDestinationRequest& request) {
  const HttpKey key = key_of(context, request.name);
  require_destination(http_, key, "delete");
  http_.destinations.erase(key);
  http_.count(destination_kind, key, -1);
  return {};
}

DescribeApiDestinationResponse Service::describe_api_destination(
    const Context& context, const DescribeApiDestinationRequest& request) {
  const HttpKey key = key_of(context, request.name);
  const ApiDestinationRecord record = require_destination(http_, key, "describe");
  auto response = answer<DescribeApiDestinationResponse>(http_, key, record);
  response.name = request.name;
  response.description = record.description;
  describe(response, record);
  return response;
}

ListApiDestinationsResponse Service::list_api_destinations(
    const Context& context, const ListApiDestinationsRequest& request) {
  ListApiDestinationsResponse response;
  auto& listed = response.api_destinations.emplace();
  const auto most = static_cast<std::size_t>(request.limit.value_or(most_in_a_page));
  const std::string prefix = request.name_prefix.value_or("");
  HttpKey from = key_of(context, prefix);
  const std::string last = read_page_token(request.next_token);
  if (last > prefix) std::get<2>(from) = last;
  const auto range =
      http_.destinations.from(http_.destinations.prefix(context.account, context.region), from);
  http_.destinations.scan(range, [&](const HttpKey& key, const ApiDestinationRecord& record) {
    const std::string& name = std::get<2>(key);
    if (!name.starts_with(prefix)) return false;
    if (!last.empty() && name == last) return true;
    if (request.connection_arn && *request.connection_arn != record.connection) return true;
    if (listed.size() == most) {
      response.next_token = page_token(*listed.back().name);
      return false;
    }
    auto destination = answer<ApiDestination>(http_, key, record);
    destination.name = name;
    describe(destination, record);
    listed.push_back(std::move(destination));
    return true;
  });
  return response;
}

}  // namespace matinee::events
