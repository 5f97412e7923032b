// The statements: SELECT, INSERT, UPDATE, DELETE, and EXISTS around a SELECT.
#include <fmt/format.h>

#include <array>

#include "services/dynamodb/expressions/path_parser.h"
#include "services/dynamodb/expressions/tokens.h"
#include "services/dynamodb/partiql/terms.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::partiql {
namespace {

using expressions::DocumentPath;
using expressions::UpdateAction;
using expressions::UpdateValue;

class StatementParser {
 public:
  StatementParser(std::string_view text, const std::vector<AttributeValue>& parameters)
      : tokens_(text), terms_(tokens_, parameters, statement_) {}

  Statement parse();

 private:
  Statement statement_;
  TokenReader tokens_;
  TermReader terms_;

  void parse_select();
  void parse_exists();
  void parse_insert();
  void parse_update();
  void parse_delete();
  void parse_table();
  void parse_columns();
  void parse_where();
  void parse_order();
  void parse_set();
  void parse_remove();
  void parse_returning();
  void check_updated_paths();
  UpdateAction take_assignment();
  UpdateAction take_set_function(DocumentPath path, UpdateAction::Kind kind);
  UpdateValue take_sum();
  UpdateValue take_update_value();
  bool at_call() const {
    return tokens_.peek().kind == TokenKind::word && tokens_.peek(1).kind == TokenKind::symbol &&
           tokens_.peek(1).text == "(";
  }
};

Statement StatementParser::parse() {
  if (tokens_.take_word("SELECT"))
    parse_select();
  else if (tokens_.take_word("EXISTS"))
    parse_exists();
  else if (tokens_.take_word("INSERT"))
    parse_insert();
  else if (tokens_.take_word("UPDATE"))
    parse_update();
  else if (tokens_.take_word("DELETE"))
    parse_delete();
  else
    throw malformed("Expected data manipulation");
  if (tokens_.peek().kind != TokenKind::end) throw malformed("Unexpected token after expression");
  terms_.require_all_used();
  return std::move(statement_);
}

void StatementParser::parse_select() {
  parse_columns();
  tokens_.require_word("FROM");
  parse_table();
  if (tokens_.at_word("WHERE")) parse_where();
  if (tokens_.take_word("ORDER")) parse_order();
}

void StatementParser::parse_exists() {
  tokens_.require_symbol("(");
  tokens_.require_word("SELECT");
  parse_select();
  tokens_.require_symbol(")");
  if (!statement_.order.empty()) throw malformed("Unexpected keyword");
  statement_.kind = StatementKind::exists;
}

void StatementParser::parse_columns() {
  if (tokens_.take_symbol("*")) return;
  do {
    Column column{.path = terms_.take_path()};
    if (tokens_.at_word("AS")) throw validation_error("Aliasing is not supported");
    for (const expressions::PathElement& element : column.path.elements) {
      if (element.is_index)
        column.name += fmt::format("[{}]", element.index);
      else
        column.name = element.name;
    }
    statement_.columns.push_back(std::move(column));
  } while (tokens_.take_symbol(","));
}

void StatementParser::parse_table() {
  statement_.table = terms_.take_name();
  if (tokens_.take_symbol(".")) statement_.index = terms_.take_name();
  const Token& next = tokens_.peek();
  const bool is_alias = next.kind == TokenKind::name ||
                        (next.kind == TokenKind::word && !is_keyword(next.text)) ||
                        tokens_.at_word("AS");
  if (is_alias) throw validation_error("Aliasing is not supported");
}

void StatementParser::parse_where() {
  tokens_.require_word("WHERE");
  statement_.where = take_condition(terms_);
}

void StatementParser::parse_order() {
  tokens_.require_word("BY");
  do {
    Order order{.attribute = terms_.take_name()};
    order.is_descending = tokens_.take_word("DESC");
    if (!order.is_descending) tokens_.take_word("ASC");
    statement_.order.push_back(std::move(order));
  } while (tokens_.take_symbol(","));
}

void StatementParser::parse_insert() {
  statement_.kind = StatementKind::insert;
  tokens_.require_word("INTO");
  parse_table();
  tokens_.require_word("VALUE");
  const bool is_item = tokens_.at_symbol("{") || tokens_.peek().kind == TokenKind::parameter;
  if (!is_item) tokens_.fail();
  statement_.item = terms_.take_value()->find<Map>();
  if (!statement_.item) throw malformed("Unexpected term");
}

void StatementParser::parse_update() {
  statement_.kind = StatementKind::update;
  parse_table();
  if (!tokens_.at_word("SET") && !tokens_.at_word("REMOVE")) tokens_.fail();
  while (true) {
    if (tokens_.take_word("SET"))
      parse_set();
    else if (tokens_.take_word("REMOVE"))
      parse_remove();
    else
      break;
  }
  check_updated_paths();
  if (tokens_.at_word("WHERE")) parse_where();
  if (tokens_.take_word("RETURNING")) parse_returning();
}

void StatementParser::parse_delete() {
  statement_.kind = StatementKind::erase;
  tokens_.require_word("FROM");
  parse_table();
  if (tokens_.at_word("WHERE")) parse_where();
  if (!tokens_.take_word("RETURNING")) return;
  parse_returning();
  if (statement_.returning != "ALL_OLD")
    throw validation_error("DELETE returns nothing else than ALL OLD *");
}

void StatementParser::parse_set() {
  do {
    tokens_.count_operator();
    statement_.update.actions.push_back(take_assignment());
  } while (tokens_.take_symbol(","));
}

void StatementParser::parse_remove() {
  do {
    tokens_.count_operator();
    statement_.update.actions.push_back(
        {.kind = UpdateAction::Kind::remove, .path = terms_.take_path()});
  } while (tokens_.take_symbol(","));
}

UpdateAction StatementParser::take_assignment() {
  DocumentPath path = terms_.take_path();
  tokens_.require_symbol("=");
  if (at_call() && tokens_.at_word("SET_ADD"))
    return take_set_function(std::move(path), UpdateAction::Kind::add);
  if (at_call() && tokens_.at_word("SET_DELETE"))
    return take_set_function(std::move(path), UpdateAction::Kind::erase);
  return {.kind = UpdateAction::Kind::set, .path = std::move(path), .value = take_sum()};
}

// They change a set in its place, so they are for the attribute that is assigned to.
UpdateAction StatementParser::take_set_function(DocumentPath path, UpdateAction::Kind kind) {
  const std::string function = tokens_.take().text;
  tokens_.require_symbol("(");
  if (terms_.take_path() != path)
    throw validation_error(
        fmt::format("The first argument of {} must be the attribute that is set", function));
  tokens_.require_symbol(",");
  if (!terms_.at_value()) tokens_.fail();
  const AttributeValue* members = terms_.take_value();
  tokens_.require_symbol(")");
  const bool is_set =
      members->find<StringSet>() || members->find<NumberSet>() || members->find<BinarySet>();
  if (!is_set)
    throw validation_error(fmt::format("The second argument of {} must be a set", function));
  return {.kind = kind, .path = std::move(path), .value = {.literal = members}};
}

UpdateValue StatementParser::take_sum() {
  UpdateValue first = take_update_value();
  const bool is_sum = tokens_.at_symbol("+");
  if (!is_sum && !tokens_.at_symbol("-")) return first;
  tokens_.take();
  tokens_.count_operator();
  UpdateValue sum{.kind = is_sum ? UpdateValue::Kind::plus : UpdateValue::Kind::minus};
  sum.arguments.push_back(std::move(first));
  sum.arguments.push_back(take_update_value());
  return sum;
}

UpdateValue StatementParser::take_update_value() {
  if (terms_.at_value()) return {.literal = terms_.take_value()};
  if (!at_call()) return {.kind = UpdateValue::Kind::path, .path = terms_.take_path()};
  const TokenReader::Level level(tokens_);
  tokens_.count_operator();
  if (!tokens_.take_word("LIST_APPEND"))
    throw validation_error("Unsupported function in SET: " + tokens_.peek().text);
  tokens_.require_symbol("(");
  UpdateValue list{.kind = UpdateValue::Kind::list_append};
  list.arguments.push_back(take_update_value());
  tokens_.require_symbol(",");
  list.arguments.push_back(take_update_value());
  tokens_.require_symbol(")");
  return list;
}

void StatementParser::parse_returning() {
  const bool is_all = tokens_.take_word("ALL");
  if (!is_all) tokens_.require_word("MODIFIED");
  const bool is_old = tokens_.take_word("OLD");
  if (!is_old) tokens_.require_word("NEW");
  tokens_.require_symbol("*");
  statement_.returning = std::string(is_all ? "ALL" : "UPDATED") + (is_old ? "_OLD" : "_NEW");
}

void StatementParser::check_updated_paths() {
  std::vector<const DocumentPath*> paths;
  for (const UpdateAction& action : statement_.update.actions) paths.push_back(&action.path);
  expressions::Mistakes mistakes;
  expressions::check_paths(paths, mistakes);
  const std::string mistake =
      mistakes.first({expressions::Mistake::overlap, expressions::Mistake::conflict});
  if (!mistake.empty()) throw validation_error(mistake);
}

}  // namespace

Statement parse_statement(std::string_view text, const std::vector<AttributeValue>& parameters) {
  return StatementParser(text, parameters).parse();
}

}  // namespace matinee::dynamodb::partiql
