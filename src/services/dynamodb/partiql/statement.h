// A PartiQL statement for DynamoDB, after parsing. Its parameters are already in their places.
//
// Conditions and updates are those of expressions: what evaluates them does not know where they
// come from.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/expressions/expression.h"

namespace matinee::dynamodb::partiql {

enum class StatementKind : std::uint8_t {
  select,
  insert,
  update,
  erase,
  exists  // EXISTS(SELECT ...): a condition in a transaction
};

/// What a SELECT shows under a name: the last name of the path, with the indexes behind it.
struct Column {
  expressions::DocumentPath path;
  std::string name;
};

struct Order {
  std::string attribute;
  bool is_descending = false;
};

/// Refers to the parameters, which must outlive it. Can be moved, not copied.
struct Statement {
  StatementKind kind = StatementKind::select;
  std::string table;            // its name or ARN
  std::string index;            // empty for the table itself
  std::vector<Column> columns;  // of a SELECT; empty for *
  std::optional<expressions::Condition> where;
  std::vector<Order> order;
  const Item* item = nullptr;  // of an INSERT
  expressions::Update update;
  std::string returning;                // as ReturnValues has it; empty for nothing
  std::deque<AttributeValue> literals;  // what conditions and updates refer to

  Statement() = default;
  Statement(Statement&&) = default;
  Statement& operator=(Statement&&) = default;

  bool only_reads() const { return kind == StatementKind::select; }
};

/// Throws a ValidationException for what is no statement of DynamoDB's PartiQL, and where the
/// parameters are not as many as the statement has question marks. The time grows with the length
/// of the text and nesting is limited, whatever the text.
Statement parse_statement(std::string_view text, const std::vector<AttributeValue>& parameters);

/// The same of a request that has one statement with its parameters, which must outlive it.
template <class Request>
Statement read_statement(const Request& request) {
  static const std::vector<AttributeValue> none;
  const std::vector<AttributeValue>& parameters = request.parameters ? *request.parameters : none;
  require_values(parameters);
  return parse_statement(request.statement, parameters);
}

}  // namespace matinee::dynamodb::partiql
