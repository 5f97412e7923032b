// Scheduled actions: kept and told, never carried out.
#include "protocol/json.h"
#include "schedules/schedule.h"
#include "services/applicationautoscaling/service.h"
#include "services/applicationautoscaling/targets.h"

namespace matinee::applicationautoscaling {
namespace {

ScheduledAction show(const PartKey& key, const PartRecord& record) {
  ScheduledAction action;
  // It has the members of the request that made it, and two more.
  std::string json = record.json;
  protocol::json::read(ScheduledAction::shape, json, &action, nullptr);
  action.scheduled_action_arn = arn_of(key, record, "scheduledAction", "scheduledActionName");
  action.creation_time = record.created;
  return action;
}

void require_action(const PutScheduledActionRequest& request) {
  if (!request.schedule)
    throw ValidationException("Schedule is required for a new scheduled action");
  if (!schedules::Schedule::parse(*request.schedule, schedules::Grammar::scheduler))
    throw ValidationException("Invalid schedule expression: " + *request.schedule);
  const auto& change = request.scalable_target_action;
  if (!change || (!change->min_capacity && !change->max_capacity))
    throw ValidationException("ScalableTargetAction must have MinCapacity or MaxCapacity");
  if (change->min_capacity && change->max_capacity && *change->max_capacity < *change->min_capacity)
    throw ValidationException("Maximum capacity cannot be less than minimum capacity");
  if (request.start_time && request.end_time && *request.end_time <= *request.start_time)
    throw ValidationException("The end time must be after the start time");
}

}  // namespace

/// Put again, an action keeps its schedule, time zone and capacities where they are not given;
/// start and end are those of the request, or none.
PutScheduledActionResponse Service::put_scheduled_action(const Context& context,
                                                         const PutScheduledActionRequest& request) {
  const PartKey key = require_part(context, request, request.scheduled_action_name);
  require_target(target_of(key));
  std::optional<PartRecord> record = actions_.find(key);
  PutScheduledActionRequest action = request;
  if (record) {
    const ScheduledAction old = show(key, *record);
    if (!action.schedule) action.schedule = old.schedule;
    if (!action.timezone) action.timezone = old.timezone;
    if (!action.scalable_target_action) action.scalable_target_action = old.scalable_target_action;
  } else {
    record = new_part();
  }
  require_action(action);
  record->json.clear();
  protocol::json::append_structure(record->json, PutScheduledActionRequest::shape, &action);
  actions_.put(key, *record);
  return {};
}

DescribeScheduledActionsResponse Service::describe_scheduled_actions(
    const Context& context, const DescribeScheduledActionsRequest& request) {
  require_resource_with_dimension(request, request.resource_id.has_value());
  DescribeScheduledActionsResponse response;
  auto page =
      read_page(actions_, context, request, [&](const PartKey& key, const PartRecord& record) {
        return is_of(request, key) && lists(request.scheduled_action_names, std::get<5>(key))
                   ? std::optional(show(key, record))
                   : std::nullopt;
      });
  response.scheduled_actions = std::move(page.entries);
  response.next_token = std::move(page.next_token);
  return response;
}

DeleteScheduledActionResponse Service::delete_scheduled_action(
    const Context& context, const DeleteScheduledActionRequest& request) {
  const PartKey key = require_part(context, request, request.scheduled_action_name);
  if (!actions_.contains(key))
    throw ObjectNotFoundException(
        fmt::format("No scheduled action found for {}, scheduled action name: {}",
                    place_of(target_of(key)), request.scheduled_action_name));
  actions_.erase(key);
  return {};
}

}  // namespace matinee::applicationautoscaling
