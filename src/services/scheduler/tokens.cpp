// Deletions that clients repeat because they have not heard the answer: known by their token, they
// are answered as they were the first time, also if something of that name has been made since.
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

/// AWS does not say how long tokens are known; clients repeat calls for some minutes.
constexpr runtime::Duration known_for = std::chrono::hours(1);
/// How many that are no longer known go with each that comes.
constexpr std::size_t forgotten_with_one = 2;

}  // namespace

bool Service::was_deleted_by(const ScheduleKey& key,
                             const std::optional<std::string>& token) const {
  if (!token) return false;
  const std::optional<DeletionRecord> deletion = deletions_.find(key);
  return deletion && deletion->token == *token && deletion->time + known_for > now();
}

void Service::remember_deletion(const ScheduleKey& key, const std::optional<std::string>& token) {
  if (!token) return;
  for (std::size_t count = 0; count < forgotten_with_one; ++count) {
    const auto oldest = deletion_times_.first();
    if (!oldest || std::get<0>(oldest->first) + known_for > now()) break;
    const ScheduleKey known = schedule_of(oldest->first);
    const std::optional<DeletionRecord> deletion = deletions_.find(known);
    if (deletion && deletion->time == std::get<0>(oldest->first)) deletions_.erase(known);
    deletion_times_.erase(oldest->first);
  }
  deletions_.put(key, {.token = *token, .time = now()});
  deletion_times_.put(due_key(now(), key), {});
}

}  // namespace matinee::scheduler
