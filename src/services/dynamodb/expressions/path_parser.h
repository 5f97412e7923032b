// What the parsers of all expressions share: document paths, placeholders, and the order in which
// DynamoDB reports what is wrong.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/expressions/substitutions.h"
#include "services/dynamodb/expressions/tokens.h"

namespace matinee::dynamodb::expressions {

/// Kinds of mistakes that DynamoDB reports only after the whole expression is known to be well
/// formed. Syntax errors are thrown at once and so come before all of them.
enum class Mistake : std::uint8_t {
  redundant_parentheses,
  unknown_function,
  misused_function,
  reserved_word,
  repeated_section,
  undefined_name,
  undefined_value,
  undefined_placeholder,  // either, in conditions
  operand_count,
  not_distinct,
  operand_type,
  overlap,
  conflict,
  condition  // the first of one condition's own mistakes
};

/// The first mistake of each kind.
class Mistakes {
 public:
  void note(Mistake kind, std::string message) {
    std::string& slot = messages_[static_cast<std::size_t>(kind)];
    if (slot.empty()) slot = std::move(message);
  }
  bool has(Mistake kind) const { return !at(kind).empty(); }
  const std::string& at(Mistake kind) const { return messages_[static_cast<std::size_t>(kind)]; }
  /// The message of the first kind in `order` that occurred; empty where none did.
  std::string first(std::initializer_list<Mistake> order) const;

 private:
  std::array<std::string, static_cast<std::size_t>(Mistake::condition) + 1> messages_;
};

/// What placeholders that stand for nothing are noted as.
struct Undefined {
  Mistake name;
  Mistake value;
};

/// Reads paths and value placeholders from a reader's tokens.
class PathParser {
 public:
  PathParser(TokenReader& reader, Substitutions& substitutions, Mistakes& mistakes,
             Undefined undefined)
      : reader_(reader),
        substitutions_(substitutions),
        mistakes_(mistakes),
        undefined_(undefined) {}

  /// Whether a path starts at the next token.
  bool at_path() const;
  DocumentPath parse_path();
  /// The value of the next token, a value placeholder. Null where it is not defined, which is
  /// noted.
  const AttributeValue* parse_value();

 private:
  TokenReader& reader_;
  Substitutions& substitutions_;
  Mistakes& mistakes_;
  Undefined undefined_;

  PathElement parse_name();
  PathElement parse_index();
};

/// Notes that a function may not stand where it does.
void note_misused_function(std::string_view name, Mistakes& mistakes);
/// Notes a function that this kind of expression does not have: as misused where another kind has
/// it, else as unknown.
void note_function(std::string_view name, Mistakes& mistakes);

/// Notes the first two paths of which one is, or leads to, the other (overlap), or which take the
/// same value for a map and a list (conflict).
void check_paths(const std::vector<const DocumentPath*>& paths, Mistakes& mistakes);

}  // namespace matinee::dynamodb::expressions
