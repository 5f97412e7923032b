#include "services/dynamodb/partiql/terms.h"

#include <charconv>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::partiql {
namespace {

using expressions::DocumentPath;
using expressions::PathElement;

constexpr std::size_t max_path_elements = 32;

protocol::ServiceError wrong_number_of_parameters() {
  return validation_error("Number of parameters in request and statement don't match.");
}

template <class T>
AttributeValue to_set(std::vector<AttributeValue> members) {
  std::vector<T> contents;
  contents.reserve(members.size());
  for (AttributeValue& member : members) {
    T* content = member.find<T>();
    if (!content) throw validation_error("Set elements must all be of one type");
    contents.push_back(std::move(*content));
  }
  const std::size_t count = contents.size();
  Set<T> set = make_set(std::move(contents));
  if (set.members.size() != count) throw invalid_parameter("Input collection contains duplicates.");
  return set;
}

}  // namespace

bool TermReader::at_value() const {
  const Token& next = tokens_.peek();
  switch (next.kind) {
    case TokenKind::text:
    case TokenKind::number:
    case TokenKind::parameter:
      return true;
    case TokenKind::word:
      return tokens_.at_word("TRUE") || tokens_.at_word("FALSE") || tokens_.at_word("NULL");
    case TokenKind::symbol:
      return next.text == "[" || next.text == "{" || next.text == "<<" || next.text == "-" ||
             next.text == "+";
    default:
      return false;
  }
}

const AttributeValue* TermReader::keep(AttributeValue value) {
  return &statement_.literals.emplace_back(std::move(value));
}

const AttributeValue* TermReader::take_value() {
  if (tokens_.peek().kind == TokenKind::parameter) return &take_parameter();
  return keep(take_literal());
}

const AttributeValue& TermReader::take_parameter() {
  tokens_.take();
  if (used_ == parameters_.size()) throw wrong_number_of_parameters();
  return parameters_[used_++];
}

void TermReader::require_all_used() const {
  if (used_ != parameters_.size()) throw wrong_number_of_parameters();
}

AttributeValue TermReader::take_literal() {
  if (depth_ > max_nesting_levels) throw too_deep();
  if (tokens_.peek().kind == TokenKind::parameter) return take_parameter();
  ++depth_;
  AttributeValue value = tokens_.at_symbol("[")    ? take_list()
                         : tokens_.at_symbol("{")  ? take_map()
                         : tokens_.at_symbol("<<") ? take_set()
                                                   : take_simple();
  --depth_;
  return value;
}

AttributeValue TermReader::take_simple() {
  if (!at_value()) tokens_.fail();
  if (tokens_.take_word("NULL")) return Null();
  if (tokens_.take_word("TRUE")) return true;
  if (tokens_.take_word("FALSE")) return false;
  if (tokens_.peek().kind == TokenKind::text) return tokens_.take().text;
  const bool is_negative = tokens_.take_symbol("-");
  if (!is_negative) tokens_.take_symbol("+");
  if (tokens_.peek().kind != TokenKind::number) tokens_.fail();
  const Number number = Number::parse(tokens_.take().text);
  return is_negative ? number.negated() : number;
}

AttributeValue TermReader::take_list() {
  tokens_.require_symbol("[");
  List list;
  while (!tokens_.at_symbol("]")) {
    if (!list.empty()) tokens_.require_symbol(",");
    list.push_back(take_literal());
  }
  tokens_.take();
  return list;
}

AttributeValue TermReader::take_map() {
  tokens_.require_symbol("{");
  Map map;
  while (!tokens_.at_symbol("}")) {
    if (!map.empty()) tokens_.require_symbol(",");
    if (tokens_.peek().kind != TokenKind::text) tokens_.fail();
    std::string name = tokens_.take().text;
    require_name(name);
    tokens_.require_symbol(":");
    if (!map.emplace(std::move(name), take_literal()).second)
      throw validation_error("A map or an item cannot have two attributes of one name");
  }
  tokens_.take();
  return map;
}

AttributeValue TermReader::take_set() {
  tokens_.require_symbol("<<");
  std::vector<AttributeValue> members;
  while (!tokens_.at_symbol(">>")) {
    if (!members.empty()) tokens_.require_symbol(",");
    members.push_back(take_literal());
  }
  tokens_.take();
  if (members.empty()) throw invalid_parameter("A set may not be empty");
  switch (members.front().type()) {
    case Type::string:
      return to_set<std::string>(std::move(members));
    case Type::number:
      return to_set<Number>(std::move(members));
    case Type::binary:
      return to_set<Binary>(std::move(members));
    default:
      throw validation_error("Set elements must be strings, numbers or binaries");
  }
}

std::string TermReader::take_name() {
  const Token& next = tokens_.peek();
  const bool is_name =
      next.kind == TokenKind::name || (next.kind == TokenKind::word && !is_keyword(next.text));
  if (!is_name || next.text.empty()) tokens_.fail();
  return tokens_.take().text;
}

DocumentPath TermReader::take_path() {
  DocumentPath path;
  path.elements.push_back({.name = take_name()});
  while (true) {
    if (tokens_.take_symbol(".")) {
      path.elements.push_back({.name = take_name()});
    } else if (tokens_.take_symbol("[")) {
      const Token step = tokens_.take();
      PathElement element;
      if (step.kind == TokenKind::text && !step.text.empty()) {
        element.name = step.text;
      } else {
        element.is_index = true;
        const char* end = step.text.data() + step.text.size();
        const auto read = std::from_chars(step.text.data(), end, element.index);
        if (step.kind != TokenKind::number || read.ec != std::errc() || read.ptr != end)
          throw malformed("Unexpected path component");
      }
      path.elements.push_back(std::move(element));
      tokens_.require_symbol("]");
    } else {
      break;
    }
  }
  if (path.elements.size() > max_path_elements)
    throw malformed("The document path has too many nesting levels");
  return path;
}

}  // namespace matinee::dynamodb::partiql
