// Backups, and tables as they were.
#include "model.h"

namespace matinee::simulation::tables {

/// A restored table has no stream, and nothing of it expires.
Answer Model::add_copy(Table table, const std::string& target) {
  if (tables.contains(target)) return failure("TableAlreadyExistsException", {});
  table.name = target;
  table.stream.reset();
  table.time_to_live.reset();
  table.is_recoverable = false;
  table.past.clear();
  tables[target] = std::move(table);
  return {.reply = "*"};
}

Answer Model::create_backup(const std::string& table, const std::string& backup) {
  backups[backup] = tables.at(table);
  return {.reply = "*"};
}

Answer Model::delete_backup(const std::string& backup) {
  backups.erase(backup);
  return {.reply = "*"};
}

Answer Model::restore(const std::string& backup, const std::string& target) {
  return add_copy(backups.at(backup), target);
}

Answer Model::change_recovery(const std::string& name, bool is_on) {
  Table& table = tables.at(name);
  table.is_recoverable = is_on;
  if (!is_on) table.past.clear();
  return {.reply = "*"};
}

Answer Model::recover(const std::string& name, std::int64_t second, const std::string& target) {
  Table copy = tables.at(name);
  copy.items = copy.past.at(second);
  return add_copy(std::move(copy), target);
}

/// Of what happens until then, only what expires is certain: the rest comes between seconds.
void Model::remember_second() {
  const std::int64_t second = runtime::to_seconds(now) + 1;
  Model then = *this;
  then.now = runtime::Time(std::chrono::seconds(second));
  then.expire();
  for (auto& [name, table] : tables)
    if (table.is_recoverable) table.past[second] = then.tables.at(name).items;
}

}  // namespace matinee::simulation::tables
