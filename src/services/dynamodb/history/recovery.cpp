// The recovery of tables to a point in time: switched on and off, and described.
#include "dynamodb/errors.h"
#include "services/dynamodb/history/window.h"
#include "services/dynamodb/service.h"

namespace matinee::dynamodb {
namespace {

constexpr std::int32_t default_days = 35;

std::shared_ptr<const TableRecord> require_table(Catalog& catalog, const Context& context,
                                                 const std::string& name_or_arn) {
  const std::string name(table_name(context, name_or_arn));
  auto table = catalog.find_held(context, name);
  if (!table) throw TableNotFoundException("Table not found: " + name);
  return table;
}

/// On AWS every table has backups from its creation on; what is switched on is the recovery.
ContinuousBackupsDescription describe_recovery(const std::optional<RecoveryRecord>& recovery,
                                               const PastVersions& past, runtime::Time now) {
  PointInTimeRecoveryDescription description{.point_in_time_recovery_status = "DISABLED"};
  if (recovery) {
    const history::Window window = history::window_of(*recovery, past, now);
    description = {.point_in_time_recovery_status = "ENABLED",
                   .recovery_period_in_days = recovery->days,
                   .earliest_restorable_date_time = window.earliest,
                   .latest_restorable_date_time = window.latest};
  }
  return {.continuous_backups_status = "ENABLED",
          .point_in_time_recovery_description = description};
}

}  // namespace

namespace history {

Window window_of(const RecoveryRecord& recovery, const PastVersions& past, runtime::Time now) {
  const runtime::Time earliest = std::chrono::ceil<std::chrono::seconds>(past.earliest(recovery));
  const runtime::Time latest = std::chrono::floor<std::chrono::seconds>(now);
  return {earliest, std::max(earliest, latest)};
}

}  // namespace history

DescribeContinuousBackupsResponse Service::describe_continuous_backups(
    const Context& context, const DescribeContinuousBackupsRequest& request) {
  const auto table = require_table(catalog_, context, request.table_name);
  return {.continuous_backups_description =
              describe_recovery(past_.recovery(*table), past_, clock_.now())};
}

UpdateContinuousBackupsResponse Service::update_continuous_backups(
    const Context& context, const UpdateContinuousBackupsRequest& request) {
  const auto table = require_table(catalog_, context, request.table_name);
  if (table->is_being_made)
    throw ContinuousBackupsUnavailableException(
        "Backups are being enabled for the table: " + table->name + ". Please retry later");
  const PointInTimeRecoverySpecification& wanted = request.point_in_time_recovery_specification;
  if (wanted.point_in_time_recovery_enabled)
    past_.begin_recovery(*table, wanted.recovery_period_in_days.value_or(default_days));
  else
    past_.end_recovery(*table);
  return {.continuous_backups_description =
              describe_recovery(past_.recovery(*table), past_, clock_.now())};
}

}  // namespace matinee::dynamodb
