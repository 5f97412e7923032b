// Updates: SET, REMOVE, ADD and DELETE sections, each at most once.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/expressions/path_parser.h"

namespace matinee::dynamodb::expressions {
namespace {

class UpdateParser {
 public:
  UpdateParser(std::string_view text, Substitutions& substitutions)
      : reader_(text, "UpdateExpression"),
        paths_(reader_, substitutions, mistakes_,
               {Mistake::undefined_name, Mistake::undefined_value}) {}

  Update parse();

 private:
  TokenReader reader_;
  Mistakes mistakes_;
  PathParser paths_;
  Update update_;
  std::array<bool, 4> sections_{};  // by UpdateAction::Kind

  void parse_section();
  void parse_clauses(UpdateAction::Kind kind);
  UpdateAction parse_clause(UpdateAction::Kind kind);
  UpdateValue parse_sum();
  UpdateValue parse_value();
  UpdateValue parse_argument();
  UpdateValue parse_call();

  void check_call(std::string_view name, const UpdateValue& value);
  void check_argument_types(std::string_view name, Type wanted, const UpdateValue& value);
  void check_literal(UpdateAction::Kind kind, const AttributeValue* value);
};

Update UpdateParser::parse() {
  do {
    parse_section();
  } while (reader_.peek().kind != TokenKind::end);

  std::vector<const DocumentPath*> all;
  for (const UpdateAction& action : update_.actions) all.push_back(&action.path);
  check_paths(all, mistakes_);
  const std::string mistake = mistakes_.first(
      {Mistake::reserved_word, Mistake::unknown_function, Mistake::misused_function,
       Mistake::repeated_section, Mistake::undefined_name, Mistake::undefined_value,
       Mistake::overlap, Mistake::conflict, Mistake::operand_type, Mistake::operand_count});
  if (!mistake.empty()) reader_.fail(mistake);
  return std::move(update_);
}

void UpdateParser::parse_section() {
  constexpr std::array<std::pair<std::string_view, UpdateAction::Kind>, 4> words = {{
      {"SET", UpdateAction::Kind::set},
      {"REMOVE", UpdateAction::Kind::remove},
      {"ADD", UpdateAction::Kind::add},
      {"DELETE", UpdateAction::Kind::erase},
  }};
  for (const auto& [word, kind] : words) {
    if (!reader_.take_word(word)) continue;
    bool& seen = sections_[static_cast<std::size_t>(kind)];
    if (seen) {
      mistakes_.note(
          Mistake::repeated_section,
          fmt::format("The \"{}\" section can only be used once in an update expression;", word));
    }
    seen = true;
    return parse_clauses(kind);
  }
  reader_.fail_at_next();
}

void UpdateParser::parse_clauses(UpdateAction::Kind kind) {
  do {
    reader_.count_operator();
    update_.actions.push_back(parse_clause(kind));
  } while (reader_.take_if(TokenKind::comma));
}

UpdateAction UpdateParser::parse_clause(UpdateAction::Kind kind) {
  for (std::string_view word : {"SET", "REMOVE", "ADD", "DELETE"})
    if (reader_.is_word(word)) reader_.fail_at_next();
  UpdateAction action{.kind = kind, .path = paths_.parse_path()};
  if (kind == UpdateAction::Kind::set) {
    reader_.require(TokenKind::equal);
    action.value = parse_sum();
  } else if (kind != UpdateAction::Kind::remove) {
    action.value.literal = paths_.parse_value();
    check_literal(kind, action.value.literal);
  }
  return action;
}

UpdateValue UpdateParser::parse_sum() {
  UpdateValue first = parse_value();
  const TokenKind kind = reader_.peek().kind;
  if (kind != TokenKind::plus && kind != TokenKind::minus) return first;
  reader_.take();
  reader_.count_operator();
  UpdateValue sum{.kind =
                      kind == TokenKind::plus ? UpdateValue::Kind::plus : UpdateValue::Kind::minus};
  sum.arguments.push_back(std::move(first));
  sum.arguments.push_back(parse_value());
  check_argument_types(kind == TokenKind::plus ? "+" : "-", Type::number, sum);
  return sum;
}

UpdateValue UpdateParser::parse_value() {
  if (reader_.peek().kind != TokenKind::open) return parse_argument();
  const TokenReader::Level level(reader_);
  reader_.take();
  UpdateValue inner = parse_sum();
  reader_.require(TokenKind::close);
  return inner;
}

// A function takes paths, values and functions. Sums stand around functions, never in them.
UpdateValue UpdateParser::parse_argument() {
  const TokenReader::Level level(reader_);
  if (reader_.peek().kind == TokenKind::value_placeholder)
    return {.kind = UpdateValue::Kind::literal, .literal = paths_.parse_value()};
  if (reader_.peek().kind == TokenKind::identifier && reader_.peek(1).kind == TokenKind::open)
    return parse_call();
  return {.kind = UpdateValue::Kind::path, .path = paths_.parse_path()};
}

UpdateValue UpdateParser::parse_call() {
  reader_.count_operator();
  const std::string_view name = reader_.take().text;
  reader_.require(TokenKind::open);
  UpdateValue call{.kind = UpdateValue::Kind::list_append};
  do {
    call.arguments.push_back(parse_argument());
  } while (reader_.take_if(TokenKind::comma));
  reader_.require(TokenKind::close);
  if (name != "if_not_exists" && name != "list_append") {
    note_function(name, mistakes_);
    return call;
  }
  check_call(name, call);
  if (name == "if_not_exists") {
    call.kind = UpdateValue::Kind::if_not_exists;
    call.path = std::move(call.arguments.front().path);
    call.arguments.erase(call.arguments.begin());
  }
  return call;
}

void UpdateParser::check_call(std::string_view name, const UpdateValue& value) {
  // if_not_exists may stand in a function, list_append may not.
  for (const UpdateValue& argument : value.arguments)
    if (argument.kind == UpdateValue::Kind::list_append)
      note_misused_function("list_append", mistakes_);
  if (value.arguments.size() != 2) {
    mistakes_.note(Mistake::operand_count,
                   fmt::format("Incorrect number of operands for operator or function; operator or "
                               "function: {}, number of operands: {}",
                               name, value.arguments.size()));
    return;
  }
  if (name == "list_append") return check_argument_types(name, Type::list, value);
  if (value.arguments.front().kind == UpdateValue::Kind::path) return;
  mistakes_.note(
      Mistake::operand_count,
      fmt::format("Operator or function requires a document path; operator or function: {}", name));
}

void UpdateParser::check_argument_types(std::string_view name, Type wanted,
                                        const UpdateValue& value) {
  for (const UpdateValue& argument : value.arguments) {
    if (argument.literal == nullptr || argument.literal->type() == wanted) continue;
    mistakes_.note(Mistake::operand_count,
                   fmt::format("Incorrect operand type for operator or function; operator or "
                               "function: {}, operand type: {}",
                               name, type_name(argument.literal->type())));
  }
}

// ADD takes numbers and sets, DELETE takes sets.
void UpdateParser::check_literal(UpdateAction::Kind kind, const AttributeValue* value) {
  constexpr std::array<std::string_view, 10> long_names = {
      "NULL",       "BOOLEAN",    "STRING",     "NUMBER", "BINARY",
      "STRING_SET", "NUMBER_SET", "BINARY_SET", "LIST",   "MAP"};
  if (value == nullptr) return;
  const Type type = value->type();
  if (type == Type::string_set || type == Type::number_set || type == Type::binary_set) return;
  const bool adding = kind == UpdateAction::Kind::add;
  if (adding && type == Type::number) return;
  const std::string_view word = adding ? "ADD" : "DELETE";
  mistakes_.note(Mistake::operand_type,
                 fmt::format("Incorrect operand type for operator or function; operator: {}, "
                             "operand type: {}, typeSet: ALLOWED_FOR_{}_OPERAND",
                             word, long_names[static_cast<std::size_t>(type)], word));
}

}  // namespace

Update parse_update(std::string_view text, Substitutions& substitutions) {
  return UpdateParser(text, substitutions).parse();
}

}  // namespace matinee::dynamodb::expressions
