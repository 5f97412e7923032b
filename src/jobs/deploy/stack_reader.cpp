#include "jobs/deploy/stack_reader.h"

#include <algorithm>

#include "cloudformation/errors.h"

namespace matinee::jobs::deploy {

namespace {

constexpr std::string_view stack_type = "AWS::CloudFormation::Stack";
constexpr std::size_t deepest_nesting = 10;

StackEvent to_event(const cloudformation::StackEvent& event) {
  StackEvent result{.time = event.timestamp,
                    .name = event.logical_resource_id.value_or(""),
                    .type = event.resource_type.value_or(""),
                    .id = event.physical_resource_id.value_or(""),
                    .status = event.resource_status.value_or(""),
                    .reason = event.resource_status_reason.value_or("")};
  result.is_stack = result.type == stack_type && result.id == event.stack_id;
  return result;
}

}  // namespace

runtime::Task<> Pause::wait() {
  const runtime::Duration now = next_;
  next_ = std::min(next_ * 2, pace_.longest);
  co_await runtime::sleep_until(clock_, clock_.now() + now);
}

runtime::Task<std::optional<cloudformation::Stack>> StackReader::find(std::string stack) const {
  try {
    auto response = co_await client_.describe_stacks({.stack_name = std::move(stack)});
    if (response.stacks && !response.stacks->empty()) co_return std::move(response.stacks->front());
  } catch (const protocol::ServiceError& error) {
    if (error.code() != "ValidationError" || !error.message().contains("does not exist")) throw;
  }
  co_return std::nullopt;
}

runtime::Task<std::string> StackReader::newest_event(std::string stack_id) const {
  const auto response = co_await client_.describe_stack_events({.stack_name = std::move(stack_id)});
  if (!response.stack_events || response.stack_events->empty()) co_return "";
  co_return response.stack_events->front().event_id;
}

runtime::Task<std::vector<StackEvent>> StackReader::events_after(std::string stack_id,
                                                                 std::string since,
                                                                 std::string& newest) const {
  std::vector<StackEvent> events;
  cloudformation::DescribeStackEventsRequest request{.stack_name = std::move(stack_id)};
  for (;;) {
    const auto response = co_await client_.describe_stack_events(request);
    for (const cloudformation::StackEvent& event :
         response.stack_events.value_or(std::vector<cloudformation::StackEvent>())) {
      if (event.event_id == since) {
        std::ranges::reverse(events);
        co_return events;
      }
      if (events.empty()) newest = event.event_id;
      events.push_back(to_event(event));
    }
    if (!response.next_token || response.next_token->empty()) break;
    request.next_token = response.next_token;
  }
  std::ranges::reverse(events);
  co_return events;
}

runtime::Task<std::vector<StackEvent>> StackReader::follow(std::string stack_id, std::string since,
                                                           StackListener& listener) const {
  std::vector<StackEvent> all;
  Pause pause(clock_, pace_);
  for (;;) {
    std::string newest = since;
    const std::vector<StackEvent> events = co_await events_after(stack_id, since, newest);
    since = newest;
    bool is_over = false;
    for (const StackEvent& event : events) {
      listener.event(event);
      if (event.is_stack) is_over = is_at_rest(event.status);
    }
    all.insert(all.end(), events.begin(), events.end());
    if (is_over) co_return all;
    if (!events.empty()) pause.restart();
    co_await pause.wait();
  }
}

runtime::Task<std::optional<Failure>> StackReader::find_cause(
    const std::vector<StackEvent>& events) const {
  std::optional<Failure> failure = find_failure(events);
  std::vector<StackEvent> level = events;
  std::string path;
  for (std::size_t depth = 0; failure && depth < deepest_nesting; ++depth) {
    const auto nested = std::ranges::find_if(level, [&](const StackEvent& event) {
      return event.name == failure->name && event.type == stack_type && !event.is_stack &&
             event.id.starts_with("arn:");
    });
    if (nested == level.end()) break;
    std::string newest;
    std::vector<StackEvent> inner = co_await events_after(nested->id, "", newest);
    const std::optional<Failure> cause = find_failure(inner);
    if (!cause) break;
    path += failure->name + "/";
    failure = cause;
    level = std::move(inner);
  }
  if (failure) failure->name.insert(0, path);
  co_return failure;
}

std::vector<StackOutput> outputs_of(const cloudformation::Stack& stack) {
  std::vector<StackOutput> outputs;
  for (const cloudformation::Output& output :
       stack.outputs.value_or(std::vector<cloudformation::Output>()))
    outputs.push_back({output.output_key.value_or(""), output.output_value.value_or(""),
                       output.description.value_or("")});
  return outputs;
}

}  // namespace matinee::jobs::deploy
