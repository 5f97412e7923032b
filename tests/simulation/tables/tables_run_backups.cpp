// Backups, recovery, and what is restored from them.
#include <fmt/format.h>

#include <algorithm>

#include "tables_run.h"

namespace matinee::simulation::tables {

std::optional<Request> TablesRun::any_backup_request() {
  switch (below(6)) {
    case 0:
      return change_of_recovery();
    case 1:
      return restoring();
    case 2:
      return recovering();
    case 3:
      return below(3) == 0 ? removal_of_backup() : std::nullopt;
    default:
      return backing_up();
  }
}

std::string TablesRun::arn_of(const std::string& backup) {
  const Json listed = machine_.ask("ListBackups", Json::Object());
  for (const Json& summary : listed.at("BackupSummaries").array())
    if (summary.at("BackupName").string() == backup) return summary.at("BackupArn").string();
  throw std::runtime_error("there is no backup " + backup);
}

std::string TablesRun::free_name() {
  for (const char* name : {"films", "actors", "awards", "copy"})
    if (!model_.tables.contains(name)) return name;
  return {};
}

std::optional<Request> TablesRun::backing_up() {
  const std::string table = generator_.table().name;
  if (!model_.tables.contains(table)) return std::nullopt;
  const std::string backup = fmt::format("backup{}", ++backups_);
  return Request{
      .operation = "CreateBackup",
      .body = Json::Object{{"TableName", table}, {"BackupName", backup}},
      .apply = [=](Model& model, const Mark&) { return model.create_backup(table, backup); }};
}

std::optional<Request> TablesRun::removal_of_backup() {
  if (model_.backups.empty()) return std::nullopt;
  const std::string backup = model_.backups.begin()->first;
  return Request{.operation = "DeleteBackup",
                 .body = Json::Object{{"BackupArn", arn_of(backup)}},
                 .apply = [=](Model& model, const Mark&) { return model.delete_backup(backup); }};
}

std::optional<Request> TablesRun::restoring() {
  const std::string target = free_name();
  if (model_.backups.empty() || target.empty()) return std::nullopt;
  auto chosen = model_.backups.begin();
  std::advance(chosen, below(model_.backups.size()));
  const std::string backup = chosen->first;
  return Request{.operation = "RestoreTableFromBackup",
                 .body = Json::Object{{"BackupArn", arn_of(backup)}, {"TargetTableName", target}},
                 .apply = [=](Model& model, const Mark&) { return model.restore(backup, target); }};
}

std::optional<Request> TablesRun::change_of_recovery() {
  const Table& table = generator_.table();
  if (!model_.tables.contains(table.name)) return std::nullopt;
  const std::string name = table.name;
  const bool is_on = !table.is_recoverable || below(3) != 0;
  Request request{
      .operation = "UpdateContinuousBackups",
      .body = Json::Object{{"TableName", name}},
      .apply = [=](Model& model, const Mark&) { return model.change_recovery(name, is_on); }};
  request.body["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = is_on;
  return request;
}

std::optional<Request> TablesRun::recovering() {
  const Table& table = generator_.table();
  const std::string target = free_name();
  if (table.past.empty() || target.empty()) return std::nullopt;
  auto chosen = table.past.begin();
  std::advance(chosen, below(table.past.size()));
  const std::int64_t second = chosen->first;
  const std::string name = table.name;
  if (second > runtime::to_seconds(model_.now)) return std::nullopt;
  return Request{
      .operation = "RestoreTableToPointInTime",
      .body =
          Json::Object{
              {"SourceTableName", name}, {"TargetTableName", target}, {"RestoreDateTime", second}},
      .apply = [=](Model& model, const Mark&) { return model.recover(name, second, target); }};
}

}  // namespace matinee::simulation::tables
