// What has happened to a stack, the newest first.
#include <fmt/format.h>

#include <charconv>

#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"
#include "services/cloudformation/told_events.h"

namespace matinee::cloudformation {

namespace {

constexpr std::size_t page_size = 100;

StackEvent told(const StackKey& key, const EventRecord& record) {
  StackEvent event{.stack_id = arn_of(key), .event_id = record.id, .stack_name = name_of(key)};
  tell_resource(record, event);
  return event;
}

}  // namespace

DescribeStackEventsResponse Service::describe_stack_events(
    const Context& context, const DescribeStackEventsRequest& request) {
  const FoundStack stack = catalog_.require(context, request.stack_name);
  auto range = catalog_.events.prefix(stack.key);
  if (const auto place = read_page_token("events", request.next_token)) {
    std::uint64_t number = 0;
    std::from_chars(place->data(), place->data() + place->size(), number);
    range = catalog_.events.before(range, {stack.key, number});
  }
  DescribeStackEventsResponse response{.stack_events = std::vector<StackEvent>()};
  std::uint64_t last = 0;
  catalog_.events.scan(
      range,
      [&](const EventKey& key, const EventRecord& record) {
        if (response.stack_events->size() == page_size) {
          response.next_token = page_token("events", fmt::format("{}", last));
          return false;
        }
        response.stack_events->push_back(told(stack.key, record));
        last = std::get<1>(key);
        return true;
      },
      storage::Order::backward);
  return response;
}

}  // namespace matinee::cloudformation
