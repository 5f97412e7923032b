// INSERT, UPDATE, DELETE and EXISTS as writes of their tables.
#pragma once

#include <optional>

#include "services/dynamodb/partiql/statement.h"
#include "services/dynamodb/planned_writes.h"

namespace matinee::dynamodb::partiql {

inline constexpr const char* incomplete_key =
    "Where clause does not contain a mandatory equality on all key attributes";

/// Stays where it is made: the write points to the statement and the key.
struct WriteStatement {
  Statement statement;
  Item key = {};
  PlannedWrite write = {};

  WriteStatement(Statement parsed) : statement(std::move(parsed)) {}
  WriteStatement(const WriteStatement&) = delete;
  WriteStatement& operator=(const WriteStatement&) = delete;
};

/// Fills in `write`: its table, its key, what it is to do and on which condition. `on_failure` is
/// ReturnValuesOnConditionCheckFailure. Throws what makes the statement invalid.
void plan(WriteStatement& planned, Catalog& catalog, const Context& context,
          const std::optional<std::string>& on_failure);

/// What RETURNING shows after the write.
std::optional<Item> returned(const WriteStatement& done);

}  // namespace matinee::dynamodb::partiql
