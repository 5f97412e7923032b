// Backups that users make, and the one that is left of a table with recovery.
#include <fmt/format.h>

#include "dynamodb/errors.h"
#include "services/dynamodb/history/backup_store.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_descriptions.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using history::backup_arn;
using history::BackupKey;
using history::BackupRecord;
using history::BackupStore;

constexpr std::string_view user = "USER";
constexpr std::string_view system = "SYSTEM";
/// How long AWS keeps what is left of a table with recovery.
constexpr std::chrono::days system_backup_days{35};
constexpr std::int32_t most_listed = 100;

/// AWS's: the time in milliseconds and something random.
std::string backup_id(runtime::Time now, runtime::Random& random) {
  constexpr std::size_t length = 8;
  return fmt::format("{:014}-{}", runtime::to_milliseconds(now),
                     random.text(length, "0123456789abcdef"));
}

std::string type_of(const BackupRecord& backup) {
  return std::string(backup.is_system ? system : user);
}

BackupDetails describe_details(const BackupKey& key, const BackupRecord& backup,
                               std::string_view status) {
  return {.backup_arn = backup_arn(key),
          .backup_name = backup.name,
          .backup_size_bytes = backup.content.bytes,
          .backup_status = std::string(status),
          .backup_type = type_of(backup),
          .backup_creation_date_time = backup.created_at,
          .backup_expiry_date_time = backup.expires_at};
}

ProvisionedThroughput describe_throughput(const std::optional<Throughput>& throughput) {
  const Throughput units = throughput.value_or(Throughput{});
  return {.read_capacity_units = units.reads, .write_capacity_units = units.writes};
}

std::optional<OnDemandThroughput> describe_limits(const std::optional<OnDemandLimits>& limits) {
  if (!limits) return std::nullopt;
  return OnDemandThroughput{.max_read_request_units = limits->reads,
                            .max_write_request_units = limits->writes};
}

SourceTableDetails describe_source(const BackupRecord& backup) {
  const TableRecord& table = backup.table;
  return {.table_name = table.name,
          .table_id = table.id,
          .table_arn = table_arn(table),
          .table_size_bytes = backup.content.bytes,
          .key_schema = describe_keys(table.keys),
          .table_creation_date_time = table.created_at,
          .provisioned_throughput = describe_throughput(table.throughput),
          .on_demand_throughput = describe_limits(table.on_demand),
          .item_count = backup.content.items,
          .billing_mode = table.throughput ? "PROVISIONED" : "PAY_PER_REQUEST"};
}

void describe_index(const IndexRecord& index, SourceTableFeatureDetails& features) {
  if (index.global) {
    if (!features.global_secondary_indexes) features.global_secondary_indexes.emplace();
    features.global_secondary_indexes->push_back(
        {.index_name = index.name,
         .key_schema = describe_keys(index.keys),
         .projection = describe_projection(index),
         .provisioned_throughput = describe_throughput(index.throughput),
         .on_demand_throughput = describe_limits(index.on_demand)});
    return;
  }
  if (!features.local_secondary_indexes) features.local_secondary_indexes.emplace();
  features.local_secondary_indexes->push_back({.index_name = index.name,
                                               .key_schema = describe_keys(index.keys),
                                               .projection = describe_projection(index)});
}

SourceTableFeatureDetails describe_features(const TableRecord& table) {
  SourceTableFeatureDetails features;
  for (const IndexRecord& index : table.indexes) describe_index(index, features);
  if (table.stream_view_type)
    features.stream_description =
        StreamSpecification{.stream_enabled = true, .stream_view_type = table.stream_view_type};
  features.time_to_live_description = TimeToLiveDescription{
      .time_to_live_status = table.time_to_live_attribute ? "ENABLED" : "DISABLED",
      .attribute_name = table.time_to_live_attribute};
  if (table.sse_type)
    features.sse_description = SSEDescription{
        .status = "ENABLED", .sse_type = table.sse_type, .kms_master_key_arn = sse_key_arn(table)};
  return features;
}

BackupDescription describe_backup(const BackupKey& key, const BackupRecord& backup,
                                  std::string_view status) {
  return {.backup_details = describe_details(key, backup, status),
          .source_table_details = describe_source(backup),
          .source_table_feature_details = describe_features(backup.table)};
}

BackupSummary summarize(const BackupKey& key, const BackupRecord& backup) {
  return {.table_name = backup.table.name,
          .table_id = backup.table.id,
          .table_arn = table_arn(backup.table),
          .backup_arn = backup_arn(key),
          .backup_name = backup.name,
          .backup_creation_date_time = backup.created_at,
          .backup_expiry_date_time = backup.expires_at,
          .backup_status = "AVAILABLE",
          .backup_type = type_of(backup),
          .backup_size_bytes = backup.content.bytes};
}

bool is_listed(const ListBackupsRequest& request, const BackupRecord& backup) {
  const std::string type = request.backup_type.value_or(std::string(user));
  if (type != "ALL" && type != type_of(backup)) return false;
  if (request.time_range_lower_bound && backup.created_at < *request.time_range_lower_bound)
    return false;
  return !request.time_range_upper_bound || backup.created_at < *request.time_range_upper_bound;
}

BackupNotFoundException not_found(const std::string& arn) {
  return BackupNotFoundException("Backup not found: " + arn);
}

struct FoundBackup {
  BackupKey key;
  BackupRecord backup;
};

FoundBackup require_backup(const BackupStore& backups, const Context& context,
                           const std::string& arn) {
  const std::optional<BackupKey> key = history::parse_backup_arn(arn);
  if (!key || std::get<0>(*key) != context.account || std::get<1>(*key) != context.region)
    throw not_found(arn);
  std::optional<BackupRecord> backup = backups.find(*key);
  if (!backup) throw not_found(arn);
  return {*key, *std::move(backup)};
}

}  // namespace

/// The backup is whole when this replies; the reply says CREATING, as AWS's does.
CreateBackupResponse Service::create_backup(const Context& context,
                                            const CreateBackupRequest& request) {
  const std::string name(table_name(context, request.table_name));
  const auto table = catalog_.find_held(context, name);
  if (!table) throw TableNotFoundException("Table not found: " + name);
  if (table->is_being_made) throw TableInUseException("Table is being created: " + name);
  BackupRecord backup{.name = request.backup_name,
                      .created_at = clock_.now(),
                      .content = catalog_.content(*table, 0),
                      .table = *table};
  const std::string id = backup_id(backup.created_at, random_);
  BackupStore(store_, past_).add(id, backup);
  return {.backup_details =
              describe_details({table->account, table->region, name, id}, backup, "CREATING")};
}

DescribeBackupResponse Service::describe_backup(const Context& context,
                                                const DescribeBackupRequest& request) {
  const auto [key, backup] =
      require_backup(BackupStore(store_, past_), context, request.backup_arn);
  return {.backup_description = dynamodb::describe_backup(key, backup, "AVAILABLE")};
}

/// A table that is named need not be there any more.
ListBackupsResponse Service::list_backups(const Context& context,
                                          const ListBackupsRequest& request) {
  BackupStore::Listing listing{.account = context.account, .region = context.region};
  if (request.table_name) listing.table = std::string(table_name(context, *request.table_name));
  if (request.exclusive_start_backup_arn) {
    listing.after = history::parse_backup_arn(*request.exclusive_start_backup_arn);
    if (!listing.after)
      throw validation_error("Invalid ExclusiveStartBackupArn: " +
                             *request.exclusive_start_backup_arn);
  }
  const auto limit = static_cast<std::size_t>(request.limit.value_or(most_listed));
  ListBackupsResponse response;
  std::vector<BackupSummary>& summaries = response.backup_summaries.emplace();
  BackupStore(store_, past_).list(listing, [&](const BackupKey& key, const BackupRecord& backup) {
    if (!is_listed(request, backup)) return true;
    if (summaries.size() == limit) {
      response.last_evaluated_backup_arn = summaries.back().backup_arn;
      return false;
    }
    summaries.push_back(summarize(key, backup));
    return true;
  });
  return response;
}

DeleteBackupResponse Service::delete_backup(const Context& context,
                                            const DeleteBackupRequest& request) {
  BackupStore backups(store_, past_);
  const auto [key, backup] = require_backup(backups, context, request.backup_arn);
  if (past_.is_needed_by(backup.table.number, backup.moment, NeedKind::restore))
    throw BackupInUseException("Backup is being used to restore a table: " + request.backup_arn);
  backups.remove(key, backup);
  return {.backup_description = dynamodb::describe_backup(key, backup, "DELETED")};
}

bool Service::keep_backups(const TableRecord& table) {
  if (past_.recovery(table)) {
    const runtime::Time now = clock_.now();
    BackupRecord backup{.name = table.name + "$DeletedTableBackup",
                        .is_system = true,
                        .created_at = now,
                        .expires_at = now + system_backup_days,
                        .content = catalog_.content(table, 0),
                        .table = table};
    BackupStore(store_, past_).add(backup_id(now, random_), backup);
  }
  return past_.remove_table(table);
}

}  // namespace matinee::dynamodb
