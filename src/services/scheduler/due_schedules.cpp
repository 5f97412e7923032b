#include "services/scheduler/due_schedules.h"

#include "services/scheduler/names.h"

namespace matinee::scheduler {

std::vector<services::DueThing> DueSchedules::due(const services::Context& context,
                                                  runtime::Time now, std::size_t most) const {
  std::vector<services::DueThing> found;
  if (most == 0) return found;
  // What has been removed lies before `now`, and is not stepped over.
  const storage::KeyRange left = due_.from(due_.all(), {now, "", "", "", ""});
  due_.scan(left, [&](const DueKey& key, const DueRecord&) {
    const auto& [at, account, region, group, name] = key;
    if (account == context.account && region == context.region)
      found.push_back(
          {.at = at, .what = "the schedule fires", .resource = arn_of_schedule(schedule_of(key))});
    return found.size() < most;
  });
  return found;
}

}  // namespace matinee::scheduler
