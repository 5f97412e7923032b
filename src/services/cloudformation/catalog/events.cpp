#include "services/cloudformation/catalog/events.h"

#include <fmt/format.h>

#include "protocol/timestamps.h"

namespace matinee::cloudformation {

void Events::add(const StackKey& key, StackRecord& stack, const EventSource& source) {
  EventRecord event{.id = random_.uuid(),
                    .time = std::chrono::floor<std::chrono::milliseconds>(clock_.now()),
                    .logical_id = name_of(key),
                    .physical_id = arn_of(key),
                    .type = "AWS::CloudFormation::Stack",
                    .status = stack.status,
                    .reason = std::nullopt,
                    .properties = std::nullopt,
                    .client_token = source.client_token,
                    .operation_id = source.operation_id};
  if (!stack.reason.empty()) event.reason = stack.reason;
  store(key, stack, event);
}

runtime::Time Events::add(const StackKey& key, StackRecord& stack, const EventSource& source,
                          const ResourceEvent& told) {
  constexpr runtime::Duration millisecond = std::chrono::milliseconds(1);
  const runtime::Time now =
      std::max(runtime::Time(std::chrono::floor<std::chrono::milliseconds>(clock_.now())),
               told.previous + millisecond);
  std::string time;
  protocol::append_iso8601_milliseconds(time, now);
  EventRecord event{.id = fmt::format("{}-{}-{}", told.logical_id, told.status, time),
                    .time = now,
                    .logical_id = std::string(told.logical_id),
                    .physical_id = std::string(told.physical_id),
                    .type = std::string(told.type),
                    .status = std::string(told.status),
                    .reason = std::nullopt,
                    .properties = told.properties,
                    .client_token = source.client_token,
                    .operation_id = source.operation_id};
  if (!told.reason.empty()) event.reason = std::string(told.reason);
  store(key, stack, event);
  return now;
}

void Events::store(const StackKey& key, StackRecord& stack, const EventRecord& event) {
  catalog_.events.put({key, stack.events++}, event);
  if (listener_) listener_(key, stack, event);
}

}  // namespace matinee::cloudformation
