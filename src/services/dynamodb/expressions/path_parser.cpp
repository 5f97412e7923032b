#include "services/dynamodb/expressions/path_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "services/dynamodb/expressions/reserved_words.h"

namespace matinee::dynamodb::expressions {
namespace {

constexpr std::size_t max_path_elements = 32;
constexpr std::uint32_t max_list_index = 0x7FFF'FFFF;

// Notes how two paths get in each other's way; returns whether they do.
bool note_collision(const DocumentPath& one, const DocumentPath& two, Mistakes& mistakes) {
  const std::size_t shared = std::min(one.elements.size(), two.elements.size());
  for (std::size_t i = 0; i < shared; ++i) {
    const PathElement& left = one.elements[i];
    const PathElement& right = two.elements[i];
    if (left.is_index != right.is_index) {
      mistakes.note(
          Mistake::conflict,
          fmt::format("Two document paths conflict with each other; must remove or rewrite "
                      "one of these paths; path one: {}, path two: {}",
                      one.to_string(), two.to_string()));
      return true;
    }
    if (left != right) return false;
  }
  mistakes.note(
      Mistake::overlap,
      fmt::format("Two document paths overlap with each other; must remove or rewrite one "
                  "of these paths; path one: {}, path two: {}",
                  one.to_string(), two.to_string()));
  return true;
}

}  // namespace

std::string Mistakes::first(std::initializer_list<Mistake> order) const {
  for (Mistake kind : order)
    if (has(kind)) return at(kind);
  return "";
}

bool PathParser::at_path() const {
  const TokenKind kind = reader_.peek().kind;
  return kind == TokenKind::identifier || kind == TokenKind::name_placeholder;
}

PathElement PathParser::parse_name() {
  if (!at_path()) reader_.fail_at_next();
  const Token token = reader_.take();
  if (token.kind == TokenKind::identifier) {
    if (is_reserved(token.text)) {
      mistakes_.note(
          Mistake::reserved_word,
          fmt::format("Attribute name is a reserved keyword; reserved keyword: {}", token.text));
    }
    return {.name = std::string(token.text)};
  }
  if (const std::string* name = substitutions_.find_name(token.text)) return {.name = *name};
  mistakes_.note(undefined_.name,
                 fmt::format("An expression attribute name used in the document path is not "
                             "defined; attribute name: {}",
                             token.text));
  return {.name = std::string(token.text)};
}

PathElement PathParser::parse_index() {
  const Token token = reader_.require(TokenKind::index);
  std::uint32_t index = 0;
  const auto [end, error] =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), index);
  if (error != std::errc() || index > max_list_index) {
    reader_.fail(
        fmt::format("List index is not within the allowable range; index: [{}]", token.text));
  }
  reader_.require(TokenKind::close_bracket);
  return {.index = index, .is_index = true};
}

DocumentPath PathParser::parse_path() {
  DocumentPath path;
  path.elements.push_back(parse_name());
  while (true) {
    if (reader_.take_if(TokenKind::dot)) {
      path.elements.push_back(parse_name());
    } else if (reader_.take_if(TokenKind::open_bracket)) {
      path.elements.push_back(parse_index());
    } else {
      return path;
    }
    if (path.elements.size() > max_path_elements) {
      reader_.fail(fmt::format("The document path has too many nesting levels; nesting levels: {}",
                               path.elements.size()));
    }
  }
}

const AttributeValue* PathParser::parse_value() {
  const Token token = reader_.require(TokenKind::value_placeholder);
  const AttributeValue* value = substitutions_.find_value(token.text);
  if (value == nullptr) {
    mistakes_.note(undefined_.value,
                   fmt::format("An expression attribute value used in expression is not defined; "
                               "attribute value: {}",
                               token.text));
  }
  return value;
}

void note_misused_function(std::string_view name, Mistakes& mistakes) {
  mistakes.note(Mistake::misused_function,
                fmt::format("The function is not allowed to be used this way in an expression; "
                            "function: {}",
                            name));
}

void note_function(std::string_view name, Mistakes& mistakes) {
  constexpr std::string_view known[] = {"attribute_exists", "attribute_not_exists",
                                        "attribute_type",   "begins_with",
                                        "contains",         "size",
                                        "if_not_exists",    "list_append"};
  if (std::ranges::find(known, name) != std::end(known))
    return note_misused_function(name, mistakes);
  mistakes.note(Mistake::unknown_function,
                fmt::format("Invalid function name; function: {}", name));
}

void check_paths(const std::vector<const DocumentPath*>& paths, Mistakes& mistakes) {
  // In order, colliding paths are neighbours, so most expressions need no more than this.
  std::vector<const DocumentPath*> sorted = paths;
  std::ranges::sort(sorted, [](const DocumentPath* left, const DocumentPath* right) {
    return left->elements < right->elements;
  });
  Mistakes any;
  bool collide = false;
  for (std::size_t i = 1; i < sorted.size() && !collide; ++i)
    collide = note_collision(*sorted[i - 1], *sorted[i], any);
  if (!collide) return;
  for (std::size_t two = 1; two < paths.size(); ++two)
    for (std::size_t one = 0; one < two; ++one)
      if (note_collision(*paths[one], *paths[two], mistakes)) return;
}

}  // namespace matinee::dynamodb::expressions
