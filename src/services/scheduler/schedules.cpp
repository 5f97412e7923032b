// Schedules come and go.
#include <fmt/format.h>

#include "scheduler/errors.h"
#include "scheduler/operations.h"
#include "services/scheduler/definition.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

constexpr std::int32_t page_size = 100;
/// How many schedules a call looks at for a page, if few of them have the state that is asked for.
constexpr std::size_t most_looked_at = 10'000;

template <class Request>
ScheduleKey key_of(const Context& context, const Request& request) {
  return {context.account, context.region, request.group_name.value_or(default_group),
          request.name};
}

std::string state_of(const ScheduleRecord& record) {
  return record.definition.enabled ? "ENABLED" : "DISABLED";
}

services::KeyUse use_of(const ScheduleKey& key, const std::string& kms_key) {
  return {.key = kms_key,
          .service = std::string(service_principal),
          .context = {{"aws:scheduler:schedule:arn", arn_of_schedule(key)}}};
}

ScheduleSummary summary_of(const ScheduleKey& key, const ScheduleRecord& record) {
  return {.arn = arn_of_schedule(key),
          .name = std::get<3>(key),
          .group_name = std::get<2>(key),
          .state = state_of(record),
          .creation_date = record.created,
          .last_modification_date = record.modified,
          .target = TargetSummary{.arn = record.definition.target.arn}};
}

}  // namespace

ScheduleRecord Service::require_schedule(const ScheduleKey& key) const {
  std::optional<ScheduleRecord> record = schedules_.find(key);
  if (!record)
    throw ResourceNotFoundException(fmt::format("Schedule {} does not exist.", std::get<3>(key)));
  return *std::move(record);
}

/// Whether a schedule is as a request wants it, whose input is not encrypted.
bool Service::is_the_same(const ScheduleKey& key, const Context& context,
                          const ScheduleRecord& known, const Definition& wanted) const {
  Definition definition = known.definition;
  definition.target.input = input_of(key, context, definition);
  return definition == wanted;
}

/// As it was given, whether or not it is kept encrypted.
std::optional<std::string> Service::input_of(const ScheduleKey& key, const Context& context,
                                             const Definition& definition) const {
  if (!definition.key || !definition.target.input || !neighbours_.keys)
    return definition.target.input;
  services::KeyUse use = use_of(key, *definition.key);
  use.opens = true;
  return neighbours_.keys->decrypt(context, use, *definition.target.input);
}

void Service::put_schedule(const Context& context, const ScheduleKey& key, ScheduleRecord record) {
  Definition& definition = record.definition;
  if (definition.key && neighbours_.keys) {
    const services::KeyUse use = use_of(key, *definition.key);
    neighbours_.keys->require_key(context, use);
    if (definition.target.input)
      definition.target.input = neighbours_.keys->encrypt(context, use, *definition.target.input);
  }
  schedules_.put(key, record);
}

CreateScheduleResponse Service::create_schedule(const Context& context,
                                                const CreateScheduleRequest& request) {
  const ScheduleKey key = key_of(context, request);
  const std::string arn = arn_of_schedule(key);
  ScheduleRecord record{.definition = define(request, neighbours_.outbox, now()),
                        .created = to_the_millisecond(),
                        .modified = to_the_millisecond(),
                        .origin = request.start_date.value_or(now()),
                        .token = request.client_token.value_or("")};
  zone_of(record.definition);
  if (require_group(context, std::get<2>(key)).deleting)
    throw ConflictException(fmt::format("Schedule group {} is being deleted.", std::get<2>(key)));
  if (const std::optional<ScheduleRecord> known = schedules_.find(key)) {
    // The same call, repeated by a client that has not heard the answer.
    if (!record.token.empty() && known->token == record.token &&
        is_the_same(key, context, *known, record.definition))
      return {.schedule_arn = arn};
    throw ConflictException(fmt::format("Schedule {} already exists.", request.name));
  }
  require_role({.context = context,
                .operation = operations::CreateSchedule,
                .request = &request,
                .action = "scheduler:CreateSchedule",
                .resource = arn},
               request.target.role_arn);
  plan(key, record, first_time(record));
  put_schedule(context, key, std::move(record));
  return {.schedule_arn = arn};
}

/// Whether the times of a schedule stay as they were.
bool Service::goes_on(const ScheduleRecord& record, const ScheduleRecord& before) const {
  const Definition& now_wanted = record.definition;
  const Definition& known = before.definition;
  return known.enabled && now_wanted.expression == known.expression &&
         now_wanted.zone == known.zone && now_wanted.start == known.start;
}

/// What the request does not say goes back to what AWS takes for it.
UpdateScheduleResponse Service::update_schedule(const Context& context,
                                                const UpdateScheduleRequest& request) {
  const ScheduleKey key = key_of(context, request);
  const ScheduleRecord before = require_schedule(key);
  ScheduleRecord record = before;
  // A start that is over is no fault where it was one before.
  const runtime::Time judged = request.start_date && request.start_date == before.definition.start
                                   ? std::min(now(), *request.start_date)
                                   : now();
  record.definition = define(request, neighbours_.outbox, judged);
  zone_of(record.definition);
  record.modified = to_the_millisecond();
  record.update_token = request.client_token.value_or("");
  const std::string arn = arn_of_schedule(key);
  // The same call, repeated by a client that has not heard the answer.
  if (!record.update_token.empty() && before.update_token == record.update_token) {
    if (is_the_same(key, context, before, record.definition)) return {.schedule_arn = arn};
    throw ConflictException(
        fmt::format("Schedule {} was updated with this token and other parameters.", request.name));
  }
  require_role({.context = context,
                .operation = operations::UpdateSchedule,
                .request = &request,
                .action = "scheduler:UpdateSchedule",
                .resource = arn},
               request.target.role_arn);
  if (goes_on(record, before)) {
    const std::optional<NextRecord> next = next_.find(key);
    std::optional<runtime::Time> scheduled;
    if (next) scheduled = next->scheduled;
    const auto& end = record.definition.end;
    const bool falls_once = record.definition.expression.starts_with("at");
    // A later end brings back what was over, and an earlier one ends what was not.
    if (!falls_once) scheduled = scheduled ? scheduled : time_after(record, now());
    if (!falls_once && scheduled && end && *scheduled > *end) scheduled.reset();
    plan(key, record, scheduled);
  } else {
    record.origin = request.start_date.value_or(now());
    plan(key, record, first_time(record));
  }
  put_schedule(context, key, std::move(record));
  return {.schedule_arn = arn};
}

GetScheduleResponse Service::get_schedule(const Context& context,
                                          const GetScheduleRequest& request) {
  const ScheduleKey key = key_of(context, request);
  const ScheduleRecord record = require_schedule(key);
  const Definition& definition = record.definition;
  Target target = told_target(definition.target);
  target.input = input_of(key, context, definition);
  return {.arn = arn_of_schedule(key),
          .group_name = std::get<2>(key),
          .name = request.name,
          .schedule_expression = definition.expression,
          .start_date = definition.start,
          .end_date = definition.end,
          .description = definition.description,
          .schedule_expression_timezone = definition.zone,
          .state = state_of(record),
          .creation_date = record.created,
          .last_modification_date = record.modified,
          .kms_key_arn = definition.key,
          .target = std::move(target),
          .flexible_time_window =
              FlexibleTimeWindow{.mode = definition.flexible ? "FLEXIBLE" : "OFF",
                                 .maximum_window_in_minutes = definition.window_minutes},
          .action_after_completion = definition.deletes_itself ? "DELETE" : "NONE"};
}

DeleteScheduleResponse Service::delete_schedule(const Context& context,
                                                const DeleteScheduleRequest& request) {
  const ScheduleKey key = key_of(context, request);
  if (was_deleted_by(key, request.client_token)) return {};
  require_schedule(key);
  unplan(key);
  schedules_.erase(key);
  remember_deletion(key, request.client_token);
  return {};
}

ListSchedulesResponse Service::list_schedules(const Context& context,
                                              const ListSchedulesRequest& request) {
  const auto most = static_cast<std::size_t>(request.max_results.value_or(page_size));
  const std::string prefix = request.name_prefix.value_or("");
  storage::KeyRange range = schedules_.prefix(context.account, context.region);
  if (request.group_name) {
    require_group(context, *request.group_name);
    range = schedules_.prefix(context.account, context.region, *request.group_name);
  }
  auto place = schedules_.cursor(range);
  std::string last_group;
  std::string last_name;
  if (request.next_token) {
    const auto names = read_page_token("schedules", *request.next_token, 2);
    last_group = names[0];
    last_name = names[1];
    place.seek(ScheduleKey(context.account, context.region, last_group, last_name));
    if (place.valid() && std::get<2>(place.key()) == last_group &&
        std::get<3>(place.key()) == last_name)
      place.next();
  }
  ListSchedulesResponse response;
  for (std::size_t count = 0; place.valid(); ++count) {
    const ScheduleKey key = place.key();
    const auto& [account, region, group, name] = key;
    if (response.schedules.size() == most || count == most_looked_at) {
      response.next_token = page_token("schedules", {last_group, last_name});
      break;
    }
    if (name < prefix) {
      place.seek(ScheduleKey(account, region, group, prefix));
      continue;
    }
    if (!name.starts_with(prefix)) {
      // No name of this group that follows begins so.
      place.seek_past(storage::encode_key(std::tuple(account, region, group)));
      continue;
    }
    last_group = group;
    last_name = name;
    const ScheduleRecord record = place.record();
    if (!request.state || *request.state == state_of(record))
      response.schedules.push_back(summary_of(key, record));
    place.next();
  }
  return response;
}

}  // namespace matinee::scheduler
