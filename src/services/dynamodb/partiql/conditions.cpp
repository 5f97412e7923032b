// WHERE clauses: comparisons, BETWEEN, IN, IS, and functions, joined by NOT, AND and OR.
#include <algorithm>

#include "services/dynamodb/partiql/terms.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::partiql {
namespace {

using expressions::Condition;
using expressions::Operand;
using expressions::Operator;

/// Of values that IN looks for.
constexpr std::size_t max_candidates = 100;

struct Comparison {
  std::string_view symbol;
  Operator op;
};
constexpr Comparison comparisons[] = {{"=", Operator::equal},         {"<>", Operator::not_equal},
                                      {"!=", Operator::not_equal},    {"<", Operator::less},
                                      {"<=", Operator::less_equal},   {">", Operator::greater},
                                      {">=", Operator::greater_equal}};

struct Function {
  std::string_view name;
  Operator op;
};
constexpr Function functions[] = {{"BEGINS_WITH", Operator::begins_with},
                                  {"CONTAINS", Operator::contains},
                                  {"ATTRIBUTE_TYPE", Operator::attribute_type}};

class ConditionReader {
 public:
  explicit ConditionReader(TermReader& terms) : terms_(terms), tokens_(terms.tokens()) {}

  Condition take_any_of();

 private:
  TermReader& terms_;
  TokenReader& tokens_;

  Condition take_all_of();
  Condition take_negation();
  Condition take_predicate();
  Condition take_function(Operator op);
  Condition take_comparison(Operand first);
  Condition take_between(Operand first);
  Condition take_in(Operand first);
  Condition take_is(Operand first);
  Operand take_operand();
  Operand take_size();
  void check_type_name(const Operand& operand);

  bool at_function(std::string_view name) const {
    return tokens_.at_word(name) && tokens_.peek(1).kind == TokenKind::symbol &&
           tokens_.peek(1).text == "(";
  }
  Condition negated(Condition condition) {
    Condition outer{.op = Operator::negation};
    outer.children.push_back(std::move(condition));
    return outer;
  }
};

Condition ConditionReader::take_any_of() {
  Condition any{.op = Operator::any_of};
  do {
    any.children.push_back(take_all_of());
  } while (tokens_.take_word("OR"));
  if (any.children.size() > 1) return any;
  return std::move(any.children.front());
}

Condition ConditionReader::take_all_of() {
  Condition all{.op = Operator::all_of};
  do {
    all.children.push_back(take_negation());
  } while (tokens_.take_word("AND"));
  if (all.children.size() > 1) return all;
  return std::move(all.children.front());
}

Condition ConditionReader::take_negation() {
  if (tokens_.at_word("NOT")) {
    const TokenReader::Level level(tokens_);
    tokens_.take();
    tokens_.count_operator();
    return negated(take_negation());
  }
  if (!tokens_.at_symbol("(")) return take_predicate();
  const TokenReader::Level level(tokens_);
  tokens_.take();
  Condition inner = take_any_of();
  tokens_.require_symbol(")");
  return inner;
}

Condition ConditionReader::take_predicate() {
  tokens_.count_operator();
  for (const Function& function : functions)
    if (at_function(function.name)) return take_function(function.op);
  Operand first = take_operand();
  if (tokens_.take_word("IS")) return take_is(std::move(first));
  const bool is_negated = tokens_.take_word("NOT");
  if (tokens_.take_word("BETWEEN")) {
    Condition between = take_between(std::move(first));
    if (is_negated) return negated(std::move(between));
    return between;
  }
  if (tokens_.take_word("IN")) {
    Condition in = take_in(std::move(first));
    if (is_negated) return negated(std::move(in));
    return in;
  }
  if (is_negated) tokens_.fail();
  return take_comparison(std::move(first));
}

Condition ConditionReader::take_function(Operator op) {
  tokens_.take();
  tokens_.take();
  Condition condition{.op = op};
  condition.operands.push_back({.path = terms_.take_path()});
  tokens_.require_symbol(",");
  condition.operands.push_back(take_operand());
  tokens_.require_symbol(")");
  if (op == Operator::attribute_type) check_type_name(condition.operands.back());
  return condition;
}

void ConditionReader::check_type_name(const Operand& operand) {
  const auto* name = operand.literal ? operand.literal->find<std::string>() : nullptr;
  if (name && find_type(*name)) return;
  throw validation_error("The second operand of attribute_type must be the name of a type");
}

Condition ConditionReader::take_comparison(Operand first) {
  for (const Comparison& comparison : comparisons) {
    if (!tokens_.take_symbol(comparison.symbol)) continue;
    Condition condition{.op = comparison.op};
    condition.operands.push_back(std::move(first));
    condition.operands.push_back(take_operand());
    return condition;
  }
  tokens_.fail();
}

Condition ConditionReader::take_between(Operand first) {
  Condition condition{.op = Operator::between};
  condition.operands.push_back(std::move(first));
  condition.operands.push_back(take_operand());
  tokens_.require_word("AND");
  condition.operands.push_back(take_operand());
  return condition;
}

// In brackets or parentheses.
Condition ConditionReader::take_in(Operand first) {
  Condition condition{.op = Operator::in};
  condition.operands.push_back(std::move(first));
  const bool in_brackets = tokens_.at_symbol("[");
  if (!in_brackets && !tokens_.at_symbol("(")) tokens_.fail();
  tokens_.take();
  do {
    condition.operands.push_back(take_operand());
  } while (tokens_.take_symbol(","));
  tokens_.require_symbol(in_brackets ? "]" : ")");
  if (condition.operands.size() - 1 > max_candidates)
    throw validation_error("The IN operator takes up to 100 values");
  return condition;
}

Condition ConditionReader::take_is(Operand first) {
  if (!first.is_path() || first.size_of) tokens_.fail();
  const bool is_negated = tokens_.take_word("NOT");
  Condition condition;
  condition.operands.push_back(std::move(first));
  if (tokens_.take_word("MISSING")) {
    condition.op = is_negated ? Operator::attribute_exists : Operator::attribute_not_exists;
    return condition;
  }
  tokens_.require_word("NULL");
  condition.op = Operator::attribute_type;
  condition.operands.push_back({.literal = terms_.keep("NULL")});
  if (is_negated) return negated(std::move(condition));
  return condition;
}

Operand ConditionReader::take_operand() {
  if (at_function("SIZE")) return take_size();
  if (terms_.at_value()) return {.literal = terms_.take_value()};
  return {.path = terms_.take_path()};
}

Operand ConditionReader::take_size() {
  tokens_.count_operator();
  tokens_.take();
  tokens_.take();
  Operand operand{.path = terms_.take_path(), .size_of = true};
  tokens_.require_symbol(")");
  return operand;
}

}  // namespace

Condition take_condition(TermReader& terms) {
  return ConditionReader(terms).take_any_of();
}

}  // namespace matinee::dynamodb::partiql
