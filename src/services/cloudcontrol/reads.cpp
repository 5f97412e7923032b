// What there is, and its properties.
#include <fmt/format.h>

#include "services/cloudcontrol/service.h"
#include "templates/text_readers.h"

namespace matinee::cloudcontrol {

namespace {

constexpr std::int32_t page_size = 20;

}  // namespace

runtime::Task<Value> Service::read(const Context& context, const resources::ResourceType& type,
                                   const std::string& identifier) {
  const std::unique_ptr<resources::Calls> calls = calls_.calls_as(context);
  resources::Subject subject = subject_of(*calls, context, type, runtime_.random.uuid());
  const std::optional<ResourceRecord> made = resources_.find(
      {context.account, context.region, std::string(type.schema().type_name()), identifier});
  const Value identifying = identifying_properties(type.schema(), identifier);
  const std::string id = id_of(type, identifying, made);
  subject.known = made ? templates::read_json(made->properties) : Value::map();
  for (const templates::Member& part : identifying.members())
    subject.known.set(part.name, part.value);
  Value told = co_await type.read(subject, id);
  for (const templates::Member& part : identifying.members())
    if (!told.find(part.name)) told.set(part.name, part.value);
  co_return told;
}

runtime::Task<GetResourceResponse> Service::get_resource(const Context& context,
                                                         const GetResourceRequest& request) {
  const resources::ResourceType& type = require_type(request.type_name);
  const Context caller =
      caller_of({context.account, context.region, ""}, caller_record(context, request.role_arn));
  GetResourceResponse response;
  response.type_name = request.type_name;
  try {
    const Value properties = co_await read(caller, type, request.identifier);
    response.resource_description.emplace() = {.identifier = request.identifier,
                                               .properties = to_json(properties)};
  } catch (const resources::HandlerError& error) {
    raise(type, error, runtime_.random.uuid());
  }
  co_return response;
}

runtime::Task<ListResourcesResponse> Service::list_resources(const Context& context,
                                                             const ListResourcesRequest& request) {
  const resources::ResourceType& type = require_type(request.type_name);
  const Value narrowed =
      request.resource_model ? document_of(*request.resource_model, "ResourceModel") : Value::map();
  const Context caller =
      caller_of({context.account, context.region, ""}, caller_record(context, request.role_arn));
  const std::unique_ptr<resources::Calls> calls = calls_.calls_as(caller);
  resources::Subject subject = subject_of(*calls, caller, type, runtime_.random.uuid());
  std::vector<std::string> all;
  try {
    all = co_await type.list(subject, narrowed);
  } catch (const resources::HandlerError& error) {
    raise(type, error, runtime_.random.uuid());
  }
  const auto size = static_cast<std::size_t>(request.max_results.value_or(page_size));
  const std::optional<std::int64_t> first = Value(request.next_token.value_or("0")).integer();
  if (!first || *first < 0) throw InvalidRequestException("NextToken is not valid.");
  const std::size_t begin = std::min(static_cast<std::size_t>(*first), all.size());
  const std::size_t end = std::min(begin + size, all.size());
  ListResourcesResponse response;
  response.type_name = request.type_name;
  auto& descriptions = response.resource_descriptions.emplace();
  for (std::size_t i = begin; i < end; ++i)
    descriptions.push_back({.identifier = all[i],
                            .properties = to_json(identifying_properties(type.schema(), all[i]))});
  if (end < all.size()) response.next_token = std::to_string(end);
  co_return response;
}

}  // namespace matinee::cloudcontrol
