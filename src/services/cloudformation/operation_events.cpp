// What has happened, by operation: DescribeEvents.
#include <fmt/format.h>

#include <charconv>

#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"
#include "services/cloudformation/told_events.h"

namespace matinee::cloudformation {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::string_view page_kind = "operations";

bool is_failure(const EventRecord& record) {
  return record.status.ends_with("_FAILED");
}

/// What AWS calls the end, or the course, of an operation by its stack's status.
std::string operation_status(std::string_view status) {
  if (status.ends_with("_FAILED")) return "FAILED";
  return status.ends_with("_IN_PROGRESS") ? "IN_PROGRESS" : "SUCCEEDED";
}

OperationEvent told(const StackKey& key, const EventRecord& record,
                    const std::optional<OperationIdRecord>& operation) {
  OperationEvent event{.event_id = record.id, .stack_id = arn_of(key)};
  tell_resource(record, event);
  if (operation) event.operation_type = operation->type;
  const bool is_of_stack = record.physical_id == arn_of(key);
  if (is_of_stack) {
    event.operation_status = operation_status(record.status);
    if (operation) event.start_time = operation->began;
    if (event.operation_status != "IN_PROGRESS") event.end_time = record.time;
  }
  event.event_type = is_of_stack          ? "STACK_EVENT"
                     : is_failure(record) ? "PROVISIONING_ERROR"
                                          : "PROGRESS_EVENT";
  return event;
}

/// A change set is made at once: that is one event.
OperationEvent told(const FoundChangeSet& set) {
  const auto& [stack, uuid] = set.key;
  OperationEvent event{.event_id = uuid, .stack_id = arn_of(stack)};
  event.operation_id = uuid;
  event.operation_type = "CREATE_CHANGESET";
  event.operation_status = set.record.status == "FAILED" ? "FAILED" : "SUCCEEDED";
  event.event_type = "STACK_EVENT";
  event.logical_resource_id = name_of(stack);
  event.physical_resource_id = arn_of(stack);
  event.resource_type = "AWS::CloudFormation::Stack";
  event.timestamp = set.record.created;
  event.start_time = set.record.created;
  event.end_time = set.record.created;
  if (!set.record.reason.empty()) event.resource_status_reason = set.record.reason;
  if (!set.record.client_token.empty()) event.client_request_token = set.record.client_token;
  return event;
}

}  // namespace

DescribeEventsResponse Service::describe_events(const Context& context,
                                                const DescribeEventsRequest& request) {
  if (!request.stack_name && !request.change_set_name && !request.operation_id)
    throw ValidationError(
        "One of ChangeSetName, OperationId or StackName must be specified as input.");
  const bool only_failed = request.filters && request.filters->failed_events.value_or(false);
  DescribeEventsResponse response{.operation_events = std::vector<OperationEvent>()};
  const auto tell_change_set = [&](const FoundChangeSet& set) {
    if (!only_failed || set.record.status == "FAILED")
      response.operation_events->push_back(told(set));
    return response;
  };
  if (request.change_set_name)
    return tell_change_set(
        require_change_set(context, *request.change_set_name, request.stack_name));
  std::optional<OperationIdRecord> wanted;
  if (request.operation_id) {
    wanted = catalog_.operation_ids.find({context.account, context.region, *request.operation_id});
    if (!wanted)
      throw ValidationError(fmt::format("Operation [{}] does not exist", *request.operation_id));
  }
  const FoundStack stack =
      catalog_.require(context, request.stack_name ? *request.stack_name : wanted->stack);
  if (wanted && wanted->stack != arn_of(stack.key))
    throw ValidationError(fmt::format("Operation [{}] does not exist for stack [{}]",
                                      *request.operation_id, *request.stack_name));
  if (wanted && !wanted->change_set.empty()) {
    const ChangeSetKey key{stack.key, wanted->change_set};
    if (const auto set = catalog_.change_sets.find(key))
      return tell_change_set({.key = key, .record = *set});
    return response;
  }
  auto range = catalog_.events.prefix(stack.key);
  if (const auto place = read_page_token(page_kind, request.next_token)) {
    std::uint64_t number = 0;
    std::from_chars(place->data(), place->data() + place->size(), number);
    range = catalog_.events.before(range, {stack.key, number});
  }
  std::map<std::string, std::optional<OperationIdRecord>> operations;
  std::uint64_t last = 0;
  catalog_.events.scan(
      range,
      [&](const EventKey& key, const EventRecord& record) {
        if (wanted && record.operation_id != *request.operation_id) return true;
        if (only_failed && !is_failure(record)) return true;
        if (response.operation_events->size() == page_size) {
          response.next_token = page_token(page_kind, fmt::format("{}", last));
          return false;
        }
        const auto [operation, is_new] = operations.try_emplace(record.operation_id);
        if (is_new)
          operation->second =
              catalog_.operation_ids.find({context.account, context.region, record.operation_id});
        response.operation_events->push_back(told(stack.key, record, operation->second));
        last = std::get<1>(key);
        return true;
      },
      storage::Order::backward);
  return response;
}

}  // namespace matinee::cloudformation
