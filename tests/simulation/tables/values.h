// Attribute values in DynamoDB's JSON, as the model compares and orders them; and the trees of
// conditions, which it makes, prints and evaluates without any code of the service.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "json.h"

namespace matinee::simulation::tables {

/// "S", "N" …
const std::string& type_of(const Json& value);
/// The content of an S, N or B.
const std::string& scalar_of(const Json& value);

/// Members of sets in order, so that equal values are equal as JSON. Works on whole replies.
void sort_sets(Json& json);

/// Two strings, two numbers or two binaries.
std::strong_ordering compare(const Json& left, const Json& right);

std::string bytes_of_base64(const std::string& text);
std::string base64_of(const std::string& bytes);

/// An element of a path: the name of an attribute, or the index of a list's element.
struct Step {
  std::string name = {};
  std::optional<std::size_t> index = {};
  bool operator==(const Step&) const = default;
};
using Path = std::vector<Step>;

/// Null where there is nothing.
const Json* find(const Path& path, const Json& item);
/// Null where there is nothing.
Json* find(const Path& path, Json& item);
/// Whether one expression may not name both: one leads through the other, or they take the same
/// thing for a map and for a list.
bool collide(const Path& left, const Path& right);

/// A path, or a value; or the size of a path.
struct Operand {
  Path path = {};
  std::optional<Json> value = {};
  bool is_size = false;
};

struct Condition {
  /// "AND", "OR", "NOT", "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", or a function.
  std::string op;
  std::vector<Operand> operands = {};
  std::vector<Condition> children = {};
};

bool meets(const Condition& condition, const Json& item);

/// What paths select of an item. Elements of lists close ranks.
Json project(const std::vector<Path>& paths, const Json& item);

}  // namespace matinee::simulation::tables
