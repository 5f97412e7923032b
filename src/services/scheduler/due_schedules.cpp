#include "services/scheduler/due_schedules.h"

#include "services/due_scan.h"
#include "services/scheduler/names.h"

namespace matinee::scheduler {

runtime::Task<std::vector<services::DueThing>> DueSchedules::due(services::DueQuery query,
                                                                 runtime::Turns& turns) const {
  const storage::KeyRange range =
      due_.from(due_.all(), {query.now + runtime::Duration(1), "", "", "", ""});
  const auto tell = [query](const auto& place) -> std::optional<services::DueThing> {
    const DueKey key = place.key();
    if (!services::is_asked_for(key, query)) return std::nullopt;
    return services::DueThing{.at = std::get<0>(key),
                              .what = "the schedule fires",
                              .resource = arn_of_schedule(schedule_of(key))};
  };
  return services::scan_due(due_.cursor(range), query.most, turns, tell);
}

}  // namespace matinee::scheduler
