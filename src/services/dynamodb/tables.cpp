// Tables: made, described, listed, removed.
#include <algorithm>

#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/table_rules.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {

/// The reply says CREATING, as AWS's does; whoever asks next is told that the table is ACTIVE.
CreateTableResponse Service::create_table(const Context& context,
                                          const CreateTableRequest& request) {
  const std::string name(table_name(context, request.table_name));
  TableRecord table = make_table_record(request);
  table.name = name;
  table.id = random_.uuid();
  table.created_at = clock_.now();
  if (request.resource_policy) {
    Policed policed{.table = std::move(table)};
    set_policy(*request.resource_policy, policed);
    table = *std::move(policed.table);
  }
  catalog_.add(context, table);
  if (keys_ && table.sse_type) {
    table.sse_key_arn = require_table_key(*keys_, context, table);
    catalog_.update(table);
  }
  if (table.stream_view_type) {
    changes_.open(table);
    catalog_.update(table);
  }
  return {.table_description = describe(table, "CREATING")};
}

DescribeTableResponse Service::describe_table(const Context& context,
                                              const DescribeTableRequest& request) {
  const TableRecord& table = catalog_.require_named(context, request.table_name);
  return {.table = describe(table, table.is_being_made ? "CREATING" : "ACTIVE")};
}

ListTablesResponse Service::list_tables(const Context& context, const ListTablesRequest& request) {
  constexpr std::int32_t default_limit = 100;
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_limit));
  std::vector<std::string> names =
      catalog_.list(context, request.exclusive_start_table_name.value_or(""), limit + 1);
  ListTablesResponse response;
  if (names.size() > limit) {
    names.pop_back();
    response.last_evaluated_table_name = names.back();
  }
  response.table_names = std::move(names);
  return response;
}

DeleteTableResponse Service::delete_table(const Context& context,
                                          const DeleteTableRequest& request) {
  const TableRecord& table = catalog_.require_made(context, request.table_name);
  if (table.deletion_protected) {
    throw validation_error(
        "Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion "
        "protection first.");
  }
  if (std::ranges::any_of(table.indexes, &IndexRecord::is_filling)) {
    throw ResourceInUseException(
        "Attempt to change a resource which is still in use: Cannot delete table while indexes are "
        "being created, updated, or deleted.");
  }
  DeleteTableResponse response{.table_description = describe(table, "DELETING")};
  changes_.close(table);
  housekeeping_.forget(table);
  catalog_.remove(table, keep_backups(table));
  items_.forget(table);
  parsed_policies_.erase(table.number);
  return response;
}

}  // namespace matinee::dynamodb
