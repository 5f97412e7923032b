// When schedules fire, and the table in which that stands.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "scheduler/errors.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

using std::chrono::minutes;

/// The smallest step of time.
constexpr runtime::Duration tick{1};
/// Schedules fire within a minute of their time: what is so late is on time.
constexpr runtime::Duration precision = minutes(1);

std::optional<schedules::Schedule> parse(const Definition& definition) {
  return schedules::Schedule::parse(definition.expression, schedules::Grammar::scheduler);
}

}  // namespace

const schedules::TimeZone& Service::zone_of(const Definition& definition) {
  const auto zone = zones_.find(definition.zone);
  if (zone) return **zone;
  if (zone.error().kind == schedules::ZoneError::Kind::no_database)
    throw InternalServerException(zone.error().message);
  throw ValidationException(
      fmt::format("Invalid Schedule Expression Timezone {}.", definition.zone));
}

/// The first time that is not over. What falls once has no start and no end; one that was to fire
/// a moment ago still does, since AWS invokes targets within a minute.
std::optional<runtime::Time> Service::first_time(const ScheduleRecord& record) {
  const Definition& definition = record.definition;
  const auto schedule = parse(definition);
  const runtime::Time after = schedule->is_at() ? now() - precision : now() - tick;
  if (schedule->is_at()) return schedule->next_after(after, record.origin, zone_of(definition));
  return time_after(record, schedule->is_cron() ? now() : after);
}

std::optional<runtime::Time> Service::time_after(const ScheduleRecord& record,
                                                 runtime::Time after) {
  const Definition& definition = record.definition;
  const auto schedule = parse(definition);
  if (schedule->is_at()) return std::nullopt;
  if (definition.start) after = std::max(after, *definition.start - tick);
  const auto time = schedule->next_after(after, record.origin, zone_of(definition));
  if (time && definition.end && *time > *definition.end) return std::nullopt;
  return time;
}

/// Of the times since `scheduled`, which nobody was there for, the latest: found by halves, since
/// there may be many.
runtime::Time Service::latest_time(const ScheduleRecord& record, runtime::Time scheduled) {
  const runtime::Time end = now();
  const auto next = [&](runtime::Time after) {
    const auto time = time_after(record, after);
    return time && *time <= end ? time : std::nullopt;
  };
  runtime::Time latest = scheduled;
  runtime::Time later = end;  // than the latest
  while (later - latest > precision) {
    const runtime::Time middle = latest + (later - latest) / 2;
    if (const auto time = next(middle))
      latest = *time;
    else
      later = middle;
  }
  while (const auto time = next(latest)) latest = *time;
  return latest;
}

void Service::plan(const ScheduleKey& key, const ScheduleRecord& record,
                   std::optional<runtime::Time> scheduled) {
  unplan(key);
  if (!scheduled || !record.definition.enabled) return;
  runtime::Time due = *scheduled;
  if (record.definition.flexible && record.definition.window_minutes) {
    const runtime::Duration window = minutes(*record.definition.window_minutes);
    due += runtime::Duration(static_cast<std::int64_t>(
        runtime_.random.below(static_cast<std::uint64_t>(window.count()))));
  }
  due = std::max(due, now());
  due_.put(due_key(due, key), {.scheduled = *scheduled});
  next_.put(key, {.due = due, .scheduled = *scheduled});
  look_after_commit();
}

void Service::unplan(const ScheduleKey& key) {
  const std::optional<NextRecord> next = next_.find(key);
  if (!next) return;
  due_.erase(due_key(next->due, key));
  next_.erase(key);
  look_after_commit();
}

}  // namespace matinee::scheduler
