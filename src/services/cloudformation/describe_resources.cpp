// What is told of the resources of stacks.
#include <fmt/format.h>

#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::string_view delete_complete = "DELETE_COMPLETE";

/// What was removed is told of stacks that were removed as a whole; what nothing was done for yet,
/// of none.
bool is_told(const StackRecord& stack, const ResourceRecord& resource) {
  if (resource.status.empty()) return false;
  return resource.status != delete_complete || stack.status == delete_complete;
}

std::string drift_of(const ResourceRecord& resource) {
  return resource.drift_status.empty() ? "NOT_CHECKED" : resource.drift_status;
}

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

StackResource told(const StackKey& key, const std::string& logical_id,
                   const ResourceRecord& record) {
  StackResource resource{.stack_name = name_of(key), .stack_id = arn_of(key)};
  resource.logical_resource_id = logical_id;
  resource.physical_resource_id = unless_empty(record.state.id);
  resource.resource_type = record.state.type;
  resource.timestamp = record.changed;
  resource.resource_status = record.status;
  resource.resource_status_reason = unless_empty(record.reason);
  resource.description = unless_empty(record.description);
  resource.drift_information = {.stack_resource_drift_status = drift_of(record),
                                .last_check_timestamp = record.drift_checked};
  return resource;
}

}  // namespace

DescribeStackResourceResponse Service::describe_stack_resource(
    const Context& context, const DescribeStackResourceRequest& request) {
  const std::optional<FoundStack> stack = catalog_.find(context, request.stack_name);
  if (!stack) throw ValidationError(fmt::format("Stack '{}' does not exist", request.stack_name));
  const std::optional<ResourceRecord> record =
      catalog_.resources.find({stack->key, request.logical_resource_id});
  if (!record || !is_told(stack->record, *record))
    throw ValidationError(fmt::format("Resource {} does not exist for stack {}",
                                      request.logical_resource_id, request.stack_name));
  const StackResource resource = told(stack->key, request.logical_resource_id, *record);
  StackResourceDetail detail{.stack_name = resource.stack_name, .stack_id = resource.stack_id};
  detail.logical_resource_id = resource.logical_resource_id;
  detail.physical_resource_id = resource.physical_resource_id;
  detail.resource_type = resource.resource_type;
  detail.last_updated_timestamp = resource.timestamp;
  detail.resource_status = resource.resource_status;
  detail.resource_status_reason = resource.resource_status_reason;
  detail.description = resource.description;
  detail.metadata = record->state.metadata.empty() ? "{}" : record->state.metadata;
  detail.drift_information = resource.drift_information;
  return {.stack_resource_detail = std::move(detail)};
}

std::optional<StackKey> Service::stack_of_resource(const Context& context,
                                                   const std::string& physical_id) const {
  std::optional<StackKey> found;
  catalog_.resources.scan(catalog_.resources.prefix(context.account, context.region),
                          [&](const ResourceKey& key, const ResourceRecord& record) {
                            const bool is_it =
                                record.state.id == physical_id && record.status != delete_complete;
                            if (is_it) found = std::get<0>(key);
                            return !is_it;
                          });
  return found;
}

DescribeStackResourcesResponse Service::describe_stack_resources(
    const Context& context, const DescribeStackResourcesRequest& request) {
  if (request.stack_name.has_value() == request.physical_resource_id.has_value())
    throw ValidationError(
        request.stack_name ? "Only one of StackName and PhysicalResourceId may be given."
                           : "StackName must be specified if PhysicalResourceId is not specified.");
  std::optional<FoundStack> stack;
  if (request.stack_name) {
    stack = require_with_id(context, *request.stack_name);
  } else {
    const auto key = stack_of_resource(context, *request.physical_resource_id);
    if (!key)
      throw ValidationError(
          fmt::format("Stack for {} does not exist", *request.physical_resource_id));
    stack = catalog_.require(context, arn_of(*key));
  }
  DescribeStackResourcesResponse response{.stack_resources = std::vector<StackResource>()};
  catalog_.resources.scan(catalog_.resources.prefix(stack->key), [&](const ResourceKey& key,
                                                                     const ResourceRecord& record) {
    const std::string& logical_id = std::get<1>(key);
    if (is_told(stack->record, record) &&
        request.logical_resource_id.value_or(logical_id) == logical_id)
      response.stack_resources->push_back(told(stack->key, logical_id, record));
    return response.stack_resources->size() < page_size;
  });
  if (request.logical_resource_id && response.stack_resources->empty())
    throw ValidationError(fmt::format("Resource {} does not exist for stack {}",
                                      *request.logical_resource_id,
                                      request.stack_name.value_or(name_of(stack->key))));
  return response;
}

ListStackResourcesResponse Service::list_stack_resources(const Context& context,
                                                         const ListStackResourcesRequest& request) {
  const FoundStack stack = require_with_id(context, request.stack_name);
  const std::optional<std::string> after = read_page_token("resources", request.next_token);
  ListStackResourcesResponse response{.stack_resource_summaries =
                                          std::vector<StackResourceSummary>()};
  auto range = catalog_.resources.prefix(stack.key);
  if (after) range = catalog_.resources.after(range, {stack.key, *after});
  catalog_.resources.scan(range, [&](const ResourceKey& key, const ResourceRecord& record) {
    if (!is_told(stack.record, record)) return true;
    auto& summaries = *response.stack_resource_summaries;
    if (summaries.size() == page_size) {
      response.next_token = page_token("resources", summaries.back().logical_resource_id);
      return false;
    }
    const StackResource resource = told(stack.key, std::get<1>(key), record);
    StackResourceSummary& summary = summaries.emplace_back();
    summary.logical_resource_id = resource.logical_resource_id;
    summary.physical_resource_id = resource.physical_resource_id;
    summary.resource_type = resource.resource_type;
    summary.last_updated_timestamp = resource.timestamp;
    summary.resource_status = resource.resource_status;
    summary.resource_status_reason = resource.resource_status_reason;
    summary.drift_information = {.stack_resource_drift_status = drift_of(record),
                                 .last_check_timestamp = record.drift_checked};
    return true;
  });
  return response;
}

}  // namespace matinee::cloudformation
