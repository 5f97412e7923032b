// Requests that change resources, and what is told of them.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudcontrol/patch.h"
#include "services/cloudcontrol/service.h"

namespace matinee::cloudcontrol {

namespace {

using resources::Fault;

constexpr std::chrono::days kept_for{7};
constexpr std::int32_t page_size = 20;

/// What can be said of properties at once; what is missing is told by the request's status.
void require_known(const resources::Schema& schema, const Value& properties) {
  std::vector<Fault> faults = schema.check(properties);
  std::erase_if(faults, [](const Fault& fault) { return fault.rule == Fault::Rule::required; });
  if (!faults.empty()) throw ValidationException(resources::describe_model(faults));
}

/// Properties that may be set.
Value settable(const resources::Schema& schema, const Value& all) {
  Value properties = Value::map();
  for (const std::string& name : schema.properties())
    if (const Value* value = all.find(name)) properties.set(name, *value);
  return properties;
}

/// What a path of the schema names: "/properties/Code/S3Bucket".
const Value* at(const Value& properties, std::string_view path) {
  path.remove_prefix(std::string_view("/properties/").size());
  const Value* value = &properties;
  while (value && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    value = value->find(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return value;
}

void require_updatable(const resources::Schema& schema, const Value& before, const Value& after) {
  std::string refused;
  for (const std::string& path : schema.create_only()) {
    const Value* one = at(before, path);
    const Value* other = at(after, path);
    if (one ? other && *one == *other : !other) continue;
    refused += (refused.empty() ? "" : ", ") + path;
  }
  if (!refused.empty())
    throw NotUpdatableException(
        fmt::format("Invalid patch update: createOnlyProperties [{}] cannot be updated", refused));
}

ProgressEvent event_of(const std::string& token, const RequestRecord& record) {
  ProgressEvent event;
  event.type_name = record.type;
  if (!record.identifier.empty()) event.identifier = record.identifier;
  event.request_token = token;
  event.operation = record.operation;
  event.operation_status = record.status;
  event.event_time = record.changed_at;
  if (!record.error_code.empty()) event.error_code = record.error_code;
  if (!record.message.empty()) event.status_message = record.message;
  return event;
}

template <class Response>
Response response_of(ProgressEvent event) {
  Response response;
  response.progress_event = std::move(event);
  return response;
}

std::string request_text(std::string_view operation, const std::string& type,
                         const std::string& identifier, const std::string& document) {
  return fmt::format("{}\n{}\n{}\n{}", operation, type, identifier, document);
}

bool contains(const std::optional<std::vector<std::string>>& list, const std::string& value) {
  return !list || list->empty() || std::ranges::find(*list, value) != list->end();
}

}  // namespace

CreateResourceResponse Service::create_resource(const Context& context,
                                                const CreateResourceRequest& request) {
  const resources::ResourceType& type = require_type(request.type_name);
  const std::string text = request_text("CREATE", request.type_name, "", request.desired_state);
  if (auto earlier = find_earlier(context, request.client_token, text))
    return response_of<CreateResourceResponse>(*std::move(earlier));
  const Value properties = document_of(request.desired_state, "DesiredState");
  require_known(type.schema(), properties);
  RequestRecord record{.type = request.type_name,
                       .identifier = identifier_of(type.schema(), properties),
                       .operation = "CREATE",
                       .wanted = to_json(properties),
                       .client_token = request.client_token.value_or(""),
                       .caller = caller_record(context, request.role_arn)};
  return response_of<CreateResourceResponse>(begin(context, std::move(record), text));
}

runtime::Task<UpdateResourceResponse> Service::update_resource(
    const Context& context, const UpdateResourceRequest& request) {
  const resources::ResourceType& type = require_type(request.type_name);
  const std::string text =
      request_text("UPDATE", request.type_name, request.identifier, request.patch_document);
  if (auto earlier = find_earlier(context, request.client_token, text))
    co_return response_of<UpdateResourceResponse>(*std::move(earlier));
  const Value patch = document_of(request.patch_document, "PatchDocument");
  const Context caller =
      caller_of({context.account, context.region, ""}, caller_record(context, request.role_arn));
  Value before;
  try {
    before = settable(type.schema(), co_await read(caller, type, request.identifier));
  } catch (const resources::HandlerError& error) {
    raise(type, error, runtime_.random.uuid());
  }
  Value after;
  try {
    after = settable(type.schema(), apply_patch(before, patch));
  } catch (const PatchError& error) {
    throw ValidationException(fmt::format("Invalid patch update: {}", error.what()));
  }
  require_updatable(type.schema(), before, after);
  require_known(type.schema(), after);
  RequestRecord record{.type = request.type_name,
                       .identifier = request.identifier,
                       .operation = "UPDATE",
                       .before = to_json(before),
                       .wanted = to_json(after),
                       .client_token = request.client_token.value_or(""),
                       .caller = caller_record(context, request.role_arn)};
  storage::Transaction transaction(store_);
  ProgressEvent event = begin(context, std::move(record), text);
  transaction.commit();
  co_return response_of<UpdateResourceResponse>(std::move(event));
}

DeleteResourceResponse Service::delete_resource(const Context& context,
                                                const DeleteResourceRequest& request) {
  require_type(request.type_name);
  const std::string text = request_text("DELETE", request.type_name, request.identifier, "");
  if (auto earlier = find_earlier(context, request.client_token, text))
    return response_of<DeleteResourceResponse>(*std::move(earlier));
  RequestRecord record{.type = request.type_name,
                       .identifier = request.identifier,
                       .operation = "DELETE",
                       .client_token = request.client_token.value_or(""),
                       .caller = caller_record(context, request.role_arn)};
  return response_of<DeleteResourceResponse>(begin(context, std::move(record), text));
}

/// What was made stays; nothing more is said of it.
CancelResourceRequestResponse Service::cancel_resource_request(
    const Context& context, const CancelResourceRequestRequest& request) {
  RequestRecord record = require_request(context, request.request_token);
  if (record.status == "IN_PROGRESS") {
    record.status = "CANCEL_COMPLETE";
    change({context.account, context.region, request.request_token}, record);
    record = require_request(context, request.request_token);
  } else if (record.status != "CANCEL_COMPLETE") {
    throw ValidationException(
        fmt::format("Request {} is already in status {}", request.request_token, record.status));
  }
  return response_of<CancelResourceRequestResponse>(event_of(request.request_token, record));
}

GetResourceRequestStatusResponse Service::get_resource_request_status(
    const Context& context, const GetResourceRequestStatusRequest& request) {
  return response_of<GetResourceRequestStatusResponse>(
      event_of(request.request_token, require_request(context, request.request_token)));
}

ListResourceRequestsResponse Service::list_resource_requests(
    const Context& context, const ListResourceRequestsRequest& request) {
  const auto size = static_cast<std::size_t>(request.max_results.value_or(page_size));
  ListResourceRequestsResponse response;
  response.resource_request_status_summaries.emplace();
  auto& events = *response.resource_request_status_summaries;
  std::string last;
  auto place = request_times_.cursor(request_times_.prefix(context.account, context.region));
  place.seek_last();
  if (request.next_token) {
    const std::optional<RequestRecord> from =
        requests_.find({context.account, context.region, *request.next_token});
    if (!from) throw InvalidRequestException("NextToken is not valid.");
    place.seek_before(
        RequestTimeKey{context.account, context.region, from->made_at, *request.next_token});
  }
  for (; place.valid(); place.previous()) {
    const std::string token = std::get<3>(place.key());
    const RequestRecord record = require_request(context, token);
    const auto& filter = request.resource_request_status_filter;
    if (filter && (!contains(filter->operations, record.operation) ||
                   !contains(filter->operation_statuses, record.status)))
      continue;
    if (events.size() == size) {
      response.next_token = last;
      break;
    }
    events.push_back(event_of(token, record));
    last = token;
  }
  return response;
}

std::optional<ProgressEvent> Service::find_earlier(const Context& context,
                                                   const std::optional<std::string>& client_token,
                                                   const std::string& request) const {
  if (!client_token) return std::nullopt;
  const auto earlier = client_tokens_.find({context.account, context.region, *client_token});
  if (!earlier) return std::nullopt;
  if (earlier->request != request)
    throw ClientTokenConflictException(
        fmt::format("ClientToken {} is already associated with an existing operation with "
                    "RequestToken {}",
                    *client_token, earlier->request_token));
  return event_of(earlier->request_token, require_request(context, earlier->request_token));
}

ProgressEvent Service::begin(const Context& context, RequestRecord record,
                             const std::string& request) {
  if (!record.identifier.empty())
    require_idle({context.account, context.region, record.type, record.identifier});
  forget_old_requests(context);
  const std::string token = runtime_.random.uuid();
  const RequestKey key{context.account, context.region, token};
  record.status = "IN_PROGRESS";
  record.made_at = runtime_.clock.now();
  record.changed_at = record.made_at;
  requests_.put(key, record);
  request_times_.put({context.account, context.region, record.made_at, token}, "");
  if (!record.client_token.empty())
    client_tokens_.put({context.account, context.region, record.client_token},
                       {.request_token = token, .request = request});
  start_later(key, false);
  return event_of(token, record);
}

void Service::forget_old_requests(const Context& context) {
  const runtime::Time oldest = runtime_.clock.now() - kept_for;
  std::vector<RequestTimeKey> old;
  request_times_.scan(request_times_.prefix(context.account, context.region),
                      [&](const RequestTimeKey& key, const std::string&) {
                        if (std::get<2>(key) >= oldest) return false;
                        old.push_back(key);
                        return true;
                      });
  for (const RequestTimeKey& key : old) {
    const RequestKey request{context.account, context.region, std::get<3>(key)};
    const std::optional<RequestRecord> record = requests_.find(request);
    if (record && !record->has_ended()) continue;
    if (record && !record->client_token.empty())
      client_tokens_.erase({context.account, context.region, record->client_token});
    requests_.erase(request);
    request_times_.erase(key);
  }
}

RequestRecord Service::require_request(const Context& context, const std::string& token) const {
  std::optional<RequestRecord> record = requests_.find({context.account, context.region, token});
  if (!record) throw RequestTokenNotFoundException(fmt::format("Request {} was not found.", token));
  return *std::move(record);
}

void Service::require_idle(const ResourceKey& key) const {
  if (busy_.contains(key))
    throw ConcurrentOperationException(
        fmt::format("Another operation is in progress on {}.", std::get<3>(key)));
}

}  // namespace matinee::cloudcontrol
