// Conditions: comparisons, functions, BETWEEN and IN, joined by NOT, AND and OR, in parentheses.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <variant>

#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/expressions/path_parser.h"

namespace matinee::dynamodb::expressions {
namespace {

struct Function {
  std::string_view name;
  std::size_t operands;
  Operator op;  // of size, which is none, any
};

constexpr std::array<Function, 6> functions = {{
    {"attribute_exists", 1, Operator::attribute_exists},
    {"attribute_not_exists", 1, Operator::attribute_not_exists},
    {"attribute_type", 2, Operator::attribute_type},
    {"begins_with", 2, Operator::begins_with},
    {"contains", 2, Operator::contains},
    {"size", 1, Operator::all_of},
}};

const Function* find_function(std::string_view name) {
  const auto* found = std::ranges::find(functions, name, &Function::name);
  return found == functions.end() ? nullptr : found;
}

struct Call;

// What may stand at the side of a comparison, before it is known to be allowed there.
struct Term {
  DocumentPath path;
  const AttributeValue* value = nullptr;
  bool is_value = false;
  std::shared_ptr<Call> call;  // of a function
};

struct Call {
  std::string name;
  std::vector<Term> arguments;
};

// A piece between parentheses can turn out to be either.
using Piece = std::variant<Condition, Term>;

bool is_path(const Term& term) {
  return !term.is_value && !term.call;
}

// The type that a term has whatever the item; nothing where it depends on the item.
std::optional<Type> known_type(const Term& term) {
  if (term.call) return term.call->name == "size" ? Type::number : Type::boolean;
  if (term.is_value && term.value) return term.value->type();
  return std::nullopt;
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, std::string_view parameter, Substitutions& substitutions)
      : reader_(text, parameter),
        paths_(reader_, substitutions, mistakes_,
               {Mistake::undefined_placeholder, Mistake::undefined_placeholder}) {}

  Condition parse();

 private:
  TokenReader reader_;
  Mistakes mistakes_;
  PathParser paths_;
  // Where the parentheses that were closed last begin, and the token after them.
  std::size_t group_start_ = 0;
  std::size_t group_end_ = 0;

  Piece parse_any_of();
  Piece parse_all_of();
  Piece parse_negation();
  Piece parse_primary();
  Piece parse_parentheses();
  Condition parse_predicate(Term first);
  Condition parse_between(Term first);
  Condition parse_in(Term first);
  Term parse_operand();
  Term parse_term();
  Term parse_call();
  bool at_operator() const;

  Condition require_condition(Piece piece);
  Condition condition_of_call(const Call& call);
  Condition finish(Operator op, const std::vector<Term>& terms);
  Operand to_operand(const Term& term);

  void check_call(const Call& call);
  void check_call_types(const Call& call);
  void check_attribute_type(const Call& call);
  void check_misused(const std::vector<Term>& terms);
  void check_distinct(std::string_view op, const std::vector<Term>& terms);
  void check_ordered(std::string_view op, const std::vector<Term>& terms);
  void check_bounds(const Term& lower, const Term& upper);
  void note_wrong_type(std::string_view op, std::string_view type);
  void end_of_condition();
};

Condition ConditionParser::parse() {
  Condition condition = require_condition(parse_any_of());
  reader_.require(TokenKind::end);
  const std::string mistake =
      mistakes_.first({Mistake::redundant_parentheses, Mistake::unknown_function,
                       Mistake::misused_function, Mistake::reserved_word, Mistake::condition});
  if (!mistake.empty()) reader_.fail(mistake);
  return condition;
}

Piece ConditionParser::parse_any_of() {
  Piece first = parse_all_of();
  if (!reader_.is_word("OR")) return first;
  Condition any{.op = Operator::any_of};
  any.children.push_back(require_condition(std::move(first)));
  while (reader_.take_word("OR")) {
    reader_.count_operator();
    any.children.push_back(require_condition(parse_all_of()));
  }
  return any;
}

Piece ConditionParser::parse_all_of() {
  Piece first = parse_negation();
  if (!reader_.is_word("AND")) return first;
  Condition all{.op = Operator::all_of};
  all.children.push_back(require_condition(std::move(first)));
  while (reader_.take_word("AND")) {
    reader_.count_operator();
    all.children.push_back(require_condition(parse_negation()));
  }
  return all;
}

Piece ConditionParser::parse_negation() {
  if (!reader_.take_word("NOT")) return parse_primary();
  const TokenReader::Level level(reader_);
  reader_.count_operator();
  Condition negation{.op = Operator::negation};
  negation.children.push_back(require_condition(parse_negation()));
  return negation;
}

Piece ConditionParser::parse_primary() {
  if (reader_.peek().kind == TokenKind::open) {
    Piece piece = parse_parentheses();
    if (std::holds_alternative<Condition>(piece) || !at_operator()) return piece;
    return parse_predicate(std::get<Term>(std::move(piece)));
  }
  Term term = parse_term();
  if (at_operator()) return parse_predicate(std::move(term));
  return term;
}

// DynamoDB refuses parentheses around parentheses, and around a mere operand.
Piece ConditionParser::parse_parentheses() {
  const TokenReader::Level level(reader_);
  const std::size_t start = reader_.position();
  reader_.require(TokenKind::open);
  Piece piece = parse_any_of();
  const bool doubled = group_start_ == start + 1 && group_end_ == reader_.position();
  const auto* term = std::get_if<Term>(&piece);
  reader_.require(TokenKind::close);
  if (doubled || (term && !term->call))
    mistakes_.note(Mistake::redundant_parentheses, "The expression has redundant parentheses;");
  group_start_ = start;
  group_end_ = reader_.position();
  return piece;
}

bool ConditionParser::at_operator() const {
  const TokenKind kind = reader_.peek().kind;
  return (kind >= TokenKind::equal && kind <= TokenKind::greater_equal) ||
         reader_.is_word("BETWEEN") || reader_.is_word("IN");
}

Condition ConditionParser::parse_predicate(Term first) {
  reader_.count_operator();
  if (reader_.take_word("BETWEEN")) return parse_between(std::move(first));
  if (reader_.take_word("IN")) return parse_in(std::move(first));
  const Token token = reader_.take();
  const auto op =
      static_cast<Operator>(static_cast<int>(token.kind) - static_cast<int>(TokenKind::equal));
  std::vector<Term> terms;
  terms.push_back(std::move(first));
  terms.push_back(parse_operand());
  check_distinct(token.text, terms);
  if (op != Operator::equal && op != Operator::not_equal) check_ordered(token.text, terms);
  return finish(op, terms);
}

Condition ConditionParser::parse_between(Term first) {
  std::vector<Term> terms;
  terms.push_back(std::move(first));
  terms.push_back(parse_operand());
  if (!reader_.take_word("AND")) reader_.fail_at_next();
  terms.push_back(parse_operand());
  check_ordered("BETWEEN", terms);
  check_bounds(terms[1], terms[2]);
  return finish(Operator::between, terms);
}

Condition ConditionParser::parse_in(Term first) {
  constexpr std::size_t max_candidates = 100;
  std::vector<Term> terms;
  terms.push_back(std::move(first));
  reader_.require(TokenKind::open);
  do {
    terms.push_back(parse_operand());
  } while (reader_.take_if(TokenKind::comma));
  reader_.require(TokenKind::close);
  if (terms.size() > max_candidates + 1) {
    mistakes_.note(Mistake::operand_count,
                   fmt::format("Too many operands for the IN operator; number of operands: {}",
                               terms.size() - 1));
  }
  return finish(Operator::in, terms);
}

// An operand after an operator; in parentheses it is refused in the end.
Term ConditionParser::parse_operand() {
  if (reader_.peek().kind != TokenKind::open) return parse_term();
  const TokenReader::Level level(reader_);
  reader_.take();
  Term term = parse_operand();
  reader_.require(TokenKind::close);
  mistakes_.note(Mistake::redundant_parentheses, "The expression has redundant parentheses;");
  return term;
}

Term ConditionParser::parse_term() {
  if (reader_.peek().kind == TokenKind::value_placeholder)
    return {.value = paths_.parse_value(), .is_value = true};
  for (std::string_view word : {"AND", "OR", "NOT", "BETWEEN", "IN"})
    if (reader_.is_word(word)) reader_.fail_at_next();
  if (reader_.peek().kind == TokenKind::identifier && reader_.peek(1).kind == TokenKind::open)
    return parse_call();
  return {.path = paths_.parse_path()};
}

Term ConditionParser::parse_call() {
  const TokenReader::Level level(reader_);
  reader_.count_operator();
  auto call = std::make_shared<Call>();
  call->name = reader_.take().text;
  reader_.require(TokenKind::open);
  do {
    call->arguments.push_back(parse_operand());
  } while (reader_.take_if(TokenKind::comma));
  reader_.require(TokenKind::close);
  check_call(*call);
  return {.call = std::move(call)};
}

Condition ConditionParser::require_condition(Piece piece) {
  if (auto* condition = std::get_if<Condition>(&piece)) return std::move(*condition);
  const Term& term = std::get<Term>(piece);
  if (!term.call) reader_.fail_at_next();
  return condition_of_call(*term.call);
}

Condition ConditionParser::condition_of_call(const Call& call) {
  const Function* function = find_function(call.name);
  if (call.name == "size") note_misused_function(call.name, mistakes_);
  Condition condition{.op = function ? function->op : Operator::all_of};
  for (const Term& argument : call.arguments) condition.operands.push_back(to_operand(argument));
  end_of_condition();
  return condition;
}

Condition ConditionParser::finish(Operator op, const std::vector<Term>& terms) {
  check_misused(terms);
  Condition condition{.op = op};
  condition.operands.reserve(terms.size());
  for (const Term& term : terms) condition.operands.push_back(to_operand(term));
  end_of_condition();
  return condition;
}

// Terms that stand for nothing have been noted as mistakes, so what is made of them is never used.
Operand ConditionParser::to_operand(const Term& term) {
  if (!term.call) return {.path = term.path, .literal = term.value};
  if (term.call->arguments.empty()) return {};
  Operand operand = to_operand(term.call->arguments.front());
  operand.size_of = true;
  return operand;
}

void ConditionParser::check_call(const Call& call) {
  check_misused(call.arguments);
  const Function* function = find_function(call.name);
  if (function == nullptr) {
    note_function(call.name, mistakes_);
    return;
  }
  if (call.arguments.size() != function->operands) {
    mistakes_.note(Mistake::operand_count,
                   fmt::format("Incorrect number of operands for operator or function; operator or "
                               "function: {}, number of operands: {}",
                               call.name, call.arguments.size()));
    return;
  }
  check_distinct(call.name, call.arguments);
  check_call_types(call);
}

void ConditionParser::check_call_types(const Call& call) {
  const std::optional<Type> first = known_type(call.arguments.front());
  if (call.name == "attribute_type") {
    check_attribute_type(call);
  } else if (call.name == "begins_with") {
    for (const Term& argument : call.arguments) {
      const std::optional<Type> type = known_type(argument);
      if (type && type != Type::string && type != Type::binary)
        note_wrong_type(call.name, type_name(*type));
    }
  } else if (call.name == "size") {
    if (first == Type::number || first == Type::boolean || first == Type::null)
      note_wrong_type(call.name, type_name(*first));
  }
  const Term& subject = call.arguments.front();
  const bool takes_path =
      call.name.starts_with("attribute_") && !(call.name == "attribute_type" && subject.is_value);
  if (takes_path && !is_path(subject)) {
    mistakes_.note(
        Mistake::operand_type,
        "Operator or function requires a document path; operator or function: " + call.name);
  }
}

void ConditionParser::check_attribute_type(const Call& call) {
  const Term& wanted = call.arguments[1];
  if (wanted.is_value && wanted.value == nullptr) return;  // noted as not defined
  const std::optional<Type> type = known_type(wanted);
  if (type != Type::string) {
    note_wrong_type(call.name, type ? type_name(*type) : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
    return;
  }
  const std::string& name = *wanted.value->find<std::string>();
  if (find_type(name) != nullptr) return;
  mistakes_.note(Mistake::operand_type,
                 fmt::format("Invalid attribute type name found; type: {}, valid types: "
                             "{{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}",
                             name));
}

// Of the functions only size gives a value.
void ConditionParser::check_misused(const std::vector<Term>& terms) {
  for (const Term& term : terms) {
    if (!term.call || term.call->name == "size") continue;
    note_misused_function(term.call->name, mistakes_);
  }
}

void ConditionParser::check_distinct(std::string_view op, const std::vector<Term>& terms) {
  if (terms.size() != 2 || !is_path(terms[0]) || !is_path(terms[1])) return;
  if (terms[0].path != terms[1].path) return;
  mistakes_.note(Mistake::not_distinct,
                 fmt::format("The first operand must be distinct from the remaining operands for "
                             "this operator or function; operator: {}, first operand: {}",
                             op, terms[0].path.to_string()));
}

void ConditionParser::check_ordered(std::string_view op, const std::vector<Term>& terms) {
  for (const Term& term : terms) {
    const std::optional<Type> type = known_type(term);
    if (type && !is_ordered(*type)) note_wrong_type(op, type_name(*type));
  }
}

void ConditionParser::check_bounds(const Term& lower, const Term& upper) {
  if (!lower.value || !upper.value) return;
  if (!is_ordered(lower.value->type()) || !is_ordered(upper.value->type())) return;
  const bool same_type = lower.value->type() == upper.value->type();
  if (same_type && compare(*lower.value, *upper.value) <= 0) return;
  mistakes_.note(Mistake::operand_type,
                 fmt::format("The BETWEEN operator requires {}; lower bound operand: "
                             "AttributeValue: {}, upper bound operand: AttributeValue: {}",
                             same_type ? "upper bound to be greater than or equal to lower bound"
                                       : "same data type for lower and upper bounds",
                             describe(*lower.value), describe(*upper.value)));
}

void ConditionParser::note_wrong_type(std::string_view op, std::string_view type) {
  mistakes_.note(Mistake::operand_type,
                 fmt::format("Incorrect operand type for operator or function; operator or "
                             "function: {}, operand type: {}",
                             op, type));
}

// What is wrong inside one condition is reported before what is wrong inside a later one.
void ConditionParser::end_of_condition() {
  std::string mistake = mistakes_.first({Mistake::undefined_placeholder, Mistake::operand_count,
                                         Mistake::not_distinct, Mistake::operand_type});
  mistakes_.note(Mistake::condition, std::move(mistake));
}

}  // namespace

Condition parse_condition(std::string_view text, std::string_view parameter,
                          Substitutions& substitutions) {
  return ConditionParser(text, parameter, substitutions).parse();
}

}  // namespace matinee::dynamodb::expressions
