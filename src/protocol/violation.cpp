#include "protocol/violation.h"

#include <algorithm>

#include "protocol/json_writer.h"

namespace matinee::protocol {
namespace {

/// "entries.1.member.id" for "Entries.1.member.Id": AWS spells members with a small first letter.
/// What stands before "member" is the place in a list, or a key of a map, which stays as it is.
std::string decapitalize(std::string_view path) {
  constexpr std::string_view element = "member";
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    std::string part(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    const bool is_key = path == element || path.starts_with("member.");
    if (!is_key && part[0] >= 'A' && part[0] <= 'Z') part[0] = static_cast<char>(part[0] | 0x20);
    if (!result.empty()) result += '.';
    result += part;
  }
  return result;
}

bool has_length(const Type* type) {
  if (!type) return true;
  switch (type->kind) {
    case Kind::integer:
    case Kind::long_integer:
    case Kind::single:
    case Kind::floating:
      return false;
    default:
      return true;
  }
}

void append_limit(std::string& out, const Violation& violation) {
  const bool maximum = violation.rule == Rule::maximum;
  out += "Member must have ";
  out += has_length(violation.type) ? "length" : "value";
  out += maximum ? " less than or equal to " : " greater than or equal to ";
  if (!violation.type) return;
  const double limit = maximum ? violation.type->maximum : violation.type->minimum;
  // Integers are written as such, up to where doubles are exact.
  if (limit == static_cast<double>(static_cast<std::int64_t>(limit)))
    json::append_integer(out, static_cast<std::int64_t>(limit));
  else
    json::append_number(out, limit);
}

void append_constraint(std::string& out, const Violation& violation) {
  switch (violation.rule) {
    case Rule::required:
      out += "Member must not be null";
      return;
    case Rule::minimum:
    case Rule::maximum:
      return append_limit(out, violation);
    case Rule::pattern:
      out += "Member must satisfy regular expression pattern: ";
      if (violation.type) out += violation.type->pattern;
      return;
    case Rule::one_of:
      out += "Member must satisfy enum value set: [";
      if (violation.type) {
        bool first = true;
        for (const std::string_view value : violation.type->values) {
          if (!first) out += ", ";
          first = false;
          out += value;
        }
      }
      out += ']';
  }
}

}  // namespace

std::string describe(const Violation& violation) {
  std::string out = "Value ";
  if (violation.rule == Rule::required)
    out += "null";
  else
    out += "'" + violation.value + "'";
  out += " at '" + decapitalize(violation.path) + "' failed to satisfy constraint: ";
  append_constraint(out, violation);
  return out;
}

std::string describe(const Violations& violations) {
  std::string out = std::to_string(violations.size());
  out += violations.size() == 1 ? " validation error detected: " : " validation errors detected: ";
  bool first = true;
  for (const Violation& violation : violations) {
    if (!first) out += "; ";
    first = false;
    out += describe(violation);
  }
  return out;
}

}  // namespace matinee::protocol
