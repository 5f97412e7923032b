// The operations that make tables of the past of others.
#include <fmt/format.h>

#include "dynamodb/errors.h"
#include "services/arn.h"
#include "services/dynamodb/history/backup_store.h"
#include "services/dynamodb/history/chores.h"
#include "services/dynamodb/history/restores.h"
#include "services/dynamodb/history/window.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

template <class Request>
void refuse_unserved(const Request& request) {
  if (!request.vector_index_override || request.vector_index_override->empty()) return;
  throw protocol::ServiceError("NotImplemented", 501,
                               "Matinee does not serve the parameter VectorIndexOverride.");
}

/// By its name, or by its ARN: that may be of another region.
std::shared_ptr<const TableRecord> require_source(Catalog& catalog, const Context& context,
                                                  const RestoreTableToPointInTimeRequest& request) {
  if (request.source_table_name.has_value() == request.source_table_arn.has_value())
    throw validation_error("Exactly one of SourceTableName and SourceTableArn must be specified");
  Context owner = context;
  if (request.source_table_arn)
    if (const auto arn = services::parse_arn(*request.source_table_arn)) owner.region = arn->region;
  const std::string name(table_name(
      owner, request.source_table_arn ? *request.source_table_arn : *request.source_table_name));
  auto table = catalog.find_held(owner, name);
  if (!table) throw TableNotFoundException("Table not found: " + name);
  return table;
}

bool wants_latest(const RestoreTableToPointInTimeRequest& request) {
  const bool latest = request.use_latest_restorable_time.value_or(false);
  if (latest == request.restore_date_time.has_value())
    throw validation_error(
        "Exactly one of RestoreDateTime and UseLatestRestorableTime must be specified");
  return latest;
}

}  // namespace

/// The reply comes at once; the table is CREATING until all its items are there.
TableDescription Service::begin_restore(const Context& context, const history::RestorePlan& plan) {
  if (const auto there = catalog_.find_held(context, plan.target)) {
    if (there->is_being_made) throw TableInUseException("Table is being created: " + plan.target);
    throw TableAlreadyExistsException("Table already exists: " + plan.target);
  }
  TableRecord table = restored_settings(plan);
  table.id = random_.uuid();
  table.created_at = clock_.now();
  catalog_.add(context, table);
  if (keys_ && table.sse_type) {
    table.sse_key_arn = require_table_key(*keys_, context, table);
    catalog_.update(table);
  }
  past_.keep(plan.source, plan.moment, NeedKind::restore, table.number);
  chores_->restore(table, {.account = table.account,
                           .region = table.region,
                           .table = table.name,
                           .source = plan.source.number,
                           .moment = plan.moment});
  return describe(table, "CREATING");
}

RestoreTableFromBackupResponse Service::restore_table_from_backup(
    const Context& context, const RestoreTableFromBackupRequest& request) {
  refuse_unserved(request);
  const auto key = history::parse_backup_arn(request.backup_arn);
  std::optional<history::BackupRecord> backup;
  if (key && std::get<0>(*key) == context.account)
    backup = history::BackupStore(store_, past_).find(*key);
  if (!backup) throw BackupNotFoundException("Backup not found: " + request.backup_arn);
  return {.table_description =
              begin_restore(context, {.target = request.target_table_name,
                                      .source = backup->table,
                                      .moment = backup->moment,
                                      .from = {.table_arn = table_arn(backup->table),
                                               .backup_arn = request.backup_arn,
                                               .at = backup->created_at},
                                      .overrides = history::overrides_of(request)})};
}

/// The settings are those that the source has now, as on AWS; the items are those of the moment.
RestoreTableToPointInTimeResponse Service::restore_table_to_point_in_time(
    const Context& context, const RestoreTableToPointInTimeRequest& request) {
  refuse_unserved(request);
  const bool latest = wants_latest(request);
  const auto source = require_source(catalog_, context, request);
  const std::optional<RecoveryRecord> recovery = past_.recovery(*source);
  if (!recovery)
    throw PointInTimeRecoveryUnavailableException(
        fmt::format("Point in time recovery is not enabled for table '{}'", source->name));
  // Nothing of what happens from now on.
  Moment moment = past_.now();
  runtime::Time told = moment.time;
  if (!latest) {
    told = *request.restore_date_time;
    const history::Window window = history::window_of(*recovery, past_, moment.time);
    if (told < past_.earliest(*recovery) || told > std::max(window.latest, moment.time))
      throw InvalidRestoreTimeException(
          "RestoreDateTime must be between EarliestRestorableDateTime and "
          "LatestRestorableDateTime");
    moment = std::min(moment, end_of(told));
  }
  return {.table_description = begin_restore(
              context, {.target = request.target_table_name,
                        .source = *source,
                        .moment = moment,
                        .from = {.table_arn = table_arn(*source), .backup_arn = {}, .at = told},
                        .overrides = history::overrides_of(request)})};
}

}  // namespace matinee::dynamodb
