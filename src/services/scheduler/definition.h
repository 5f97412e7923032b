// What requests say of schedules, checked, and told again.
#pragma once

#include <string_view>

#include "scheduler/shapes.h"
#include "services/outbox.h"
#include "services/scheduler/records.h"

namespace matinee::scheduler {

/// What is called for a schedule whose target is an event bus.
inline constexpr std::string_view put_events_target =
    "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents";

/// Without an outbox nobody knows which targets are served. Throws ValidationException.
TargetRecord checked_target(const Target& target, const services::Outbox* outbox);
/// With what AWS takes where nothing was said.
Target told_target(const TargetRecord& record);

/// Expression, window, start and end. Throws ValidationException.
void check_times(const Definition& definition, runtime::Time now);

/// Of CreateSchedule and UpdateSchedule, which say the same. Throws ValidationException.
template <class Request>
Definition define(const Request& request, const services::Outbox* outbox, runtime::Time now) {
  Definition definition{
      .expression = request.schedule_expression,
      .zone = request.schedule_expression_timezone.value_or("UTC"),
      .start = request.start_date,
      .end = request.end_date,
      .description = request.description,
      .enabled = request.state.value_or("ENABLED") == "ENABLED",
      .key = request.kms_key_arn,
      .flexible = request.flexible_time_window.mode == "FLEXIBLE",
      .window_minutes = request.flexible_time_window.maximum_window_in_minutes,
      .deletes_itself = request.action_after_completion.value_or("NONE") == "DELETE"};
  check_times(definition, now);
  definition.target = checked_target(request.target, outbox);
  return definition;
}

}  // namespace matinee::scheduler
