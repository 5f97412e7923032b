// The tables of every account and region: found by name or ARN, made, and removed with all they
// hold.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/context.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

using services::Context;

class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  /// The table that a request names, by name or ARN. Throws ResourceNotFoundException, for a table
  /// that is being made too. Valid until the end of the operation.
  const TableRecord& require(const Context& context, const std::string& name_or_arn);
  /// As above, for operations that give way: valid for as long as it is held, though the table may
  /// change or go meanwhile.
  std::shared_ptr<const TableRecord> hold(const Context& context, const std::string& name_or_arn);
  /// As above, with nothing in place of the error.
  std::shared_ptr<const TableRecord> find_held(const Context& context, const std::string& name);
  /// Throws ResourceNotFoundException where a table that is held has gone.
  void require_still_there(const Context& context, const TableRecord& table);
  /// As `require`, with the message that operations on tables give instead of those on items; a
  /// table that is being made is there.
  const TableRecord& require_named(const Context& context, const std::string& name_or_arn);
  /// As above, to be changed: throws ResourceInUseException for a table that is being made.
  const TableRecord& require_made(const Context& context, const std::string& name_or_arn);

  /// Adds a table and gives it its number. Throws ResourceInUseException where the name is taken.
  void add(const Context& context, TableRecord& table);
  /// Replaces what is known of a table.
  void update(const TableRecord& table);
  /// Removes a table and everything in it, at a cost that does not depend on how much that is. Its
  /// items stay where backups need them (PastVersions::remove_table).
  void remove(const TableRecord& table, bool keeps_items = false);

  /// Removes what an index holds, likewise.
  void remove_index(const TableRecord& table, const IndexRecord& index);

  /// The tables of an account, or all of them.
  std::vector<TableRecord> find_all(const std::optional<std::string>& account) const;

  /// Up to `limit` names in order after `start`; empty to start at the first.
  std::vector<std::string> list(const Context& context, const std::string& start,
                                std::size_t limit) const;

  ContentRecord content(const TableRecord& table, std::uint32_t index) const;

 private:
  storage::Store& store_;
  Tables tables_;
  Sequence sequence_;
  Contents contents_;
  // Read from the store when first asked for. Dropped when it changes, and again if that change is
  // rolled back.
  std::unordered_map<std::string, std::shared_ptr<const TableRecord>> cache_;
  std::string cache_key_;
  std::vector<std::shared_ptr<const TableRecord>> dropped_;

  const TableRecord* find(const Context& context, std::string_view name);
  void forget(const TableRecord& table);
};

/// The name in a table's ARN, or the text itself where it is no ARN. Throws a ValidationException
/// for what can be neither.
std::string_view table_name(const Context& context, std::string_view name_or_arn);

std::string table_arn(const TableRecord& table);

}  // namespace matinee::dynamodb
