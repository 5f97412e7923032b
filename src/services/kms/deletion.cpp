// The end of a key: it waits for some days, in which it can be had back, and is gone.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::int32_t default_days = 30;
constexpr std::int32_t fewest_days = 7;
constexpr std::int32_t most_days = 30;

void require_window(std::int32_t days) {
  if (days >= fewest_days && days <= most_days) return;
  refuse(fmt::format(
      "1 validation error detected: Value '{}' at 'pendingWindowInDays' failed to "
      "satisfy constraint: Member must have value {} than or equal to {}",
      days, days < fewest_days ? "greater" : "less", days < fewest_days ? fewest_days : most_days));
}

}  // namespace

void Service::begin_deletion(Key& key) {
  key.record.state = State::pending_deletion;
  key.record.deletion_at = clock_.now() + std::chrono::days(key.record.deletion_days);
  schedule(key.name, *key.record.deletion_at, Due::deletion);
}

/// A primary key with replicas waits for theirs first.
ScheduleKeyDeletionResponse Service::schedule_key_deletion(
    const Context& context, const ScheduleKeyDeletionRequest& request) {
  const std::int32_t days = request.pending_window_in_days.value_or(default_days);
  require_window(days);
  Key key = require_own(context, request.key_id, "ScheduleKeyDeletion");
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  key.record.deletion_days = days;
  ScheduleKeyDeletionResponse response;
  response.key_id = key.arn();
  response.pending_window_in_days = days;
  if (has_replicas(key)) {
    key.record.state = State::pending_replica_deletion;
    response.key_state = "PendingReplicaDeletion";
  } else {
    begin_deletion(key);
    response.key_state = "PendingDeletion";
    response.deletion_date = key.record.deletion_at;
  }
  catalog_.put(key);
  return response;
}

/// It can be used again once it is enabled.
CancelKeyDeletionResponse Service::cancel_key_deletion(const Context& context,
                                                       const CancelKeyDeletionRequest& request) {
  Key key = require_own(context, request.key_id, "CancelKeyDeletion");
  require_state(key, {State::pending_deletion, State::pending_replica_deletion});
  unschedule(key.name, key.record.deletion_at, Due::deletion);
  key.record.deletion_at.reset();
  key.record.state = State::disabled;
  if (key.record.is_external && !is_complete(key)) key.record.state = State::pending_import;
  catalog_.put(key);
  return {.key_id = key.arn()};
}

void Service::end_key(const Key& key) {
  if (key.record.state != State::pending_deletion) return;
  unschedule(key.name, key.record.next_rotation, Due::rotation);
  catalog_.remove(key.name);
  announce(key, "KMS CMK Deletion");
  if (!key.record.is_multi_region || key.record.primary_region == key.name.region) return;
  std::optional<Key> primary =
      catalog_.find({key.name.account, key.record.primary_region, key.name.id});
  if (!primary) return;
  std::erase(primary->record.replica_regions, key.name.region);
  if (primary->record.state == State::pending_replica_deletion && !has_replicas(*primary))
    begin_deletion(*primary);
  catalog_.put(*primary);
}

}  // namespace matinee::kms
