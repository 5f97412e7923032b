// The parts that clauses of PartiQL statements share: values, document paths, conditions.
#pragma once

#include <string_view>
#include <vector>

#include "services/dynamodb/partiql/statement.h"
#include "services/dynamodb/partiql/tokens.h"

namespace matinee::dynamodb::partiql {

/// Reads values and paths. Values go to the statement's literals, or are the parameters themselves.
class TermReader {
 public:
  TermReader(TokenReader& tokens, const std::vector<AttributeValue>& parameters,
             Statement& statement)
      : tokens_(tokens), parameters_(parameters), statement_(statement) {}

  TokenReader& tokens() { return tokens_; }

  /// Whether a value starts at the next token.
  bool at_value() const;
  const AttributeValue* take_value();
  /// A name, with or without quotes.
  std::string take_name();
  expressions::DocumentPath take_path();
  /// A value of the program's own that the statement refers to.
  const AttributeValue* keep(AttributeValue value);

  /// Throws a ValidationException where there are parameters that nothing stands for.
  void require_all_used() const;

 private:
  TokenReader& tokens_;
  const std::vector<AttributeValue>& parameters_;
  Statement& statement_;
  std::size_t used_ = 0;
  int depth_ = 0;

  const AttributeValue& take_parameter();
  AttributeValue take_literal();
  AttributeValue take_simple();
  AttributeValue take_list();
  AttributeValue take_map();
  AttributeValue take_set();
};

/// The condition of a WHERE clause.
expressions::Condition take_condition(TermReader& terms);

}  // namespace matinee::dynamodb::partiql
