#include "services/dynamodb/table_names.h"

#include <algorithm>

#include "protocol/utf8.h"

namespace matinee::dynamodb {
namespace {

using protocol::Rule;
using protocol::Violation;
using protocol::Violations;

constexpr std::size_t min_length = 3;
constexpr std::size_t max_length = 255;
constexpr protocol::Type name_type{.kind = protocol::Kind::string,
                                   .name = "TableName",
                                   .minimum = min_length,
                                   .maximum = max_length,
                                   .pattern = "[a-zA-Z0-9_.-]+"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

}  // namespace

bool is_table_name(std::string_view name) {
  return name.size() >= min_length && name.size() <= max_length &&
         std::ranges::all_of(name, is_name_character);
}

bool is_table(std::string_view name_or_arn) {
  return name_or_arn.starts_with("arn:") || is_table_name(name_or_arn);
}

void check_table_name(const std::string& name_or_arn, std::string_view parent,
                      Violations& violations) {
  if (is_table(name_or_arn)) return;
  const std::string path = std::string(parent) + (parent.empty() ? "" : ".") + "TableName";
  Violations found;  // before the others
  const auto add = [&](Rule rule) {
    found.push_back({rule, path, protocol::show_value(name_type, &name_or_arn), &name_type});
  };
  if (name_or_arn.empty() || !std::ranges::all_of(name_or_arn, is_name_character))
    add(Rule::pattern);
  const std::size_t length = protocol::count_characters(name_or_arn);
  if (length < min_length) add(Rule::minimum);
  if (length > max_length) add(Rule::maximum);
  for (const Violation& violation : violations)
    if (violation.path != path) found.push_back(violation);
  violations = std::move(found);
}

}  // namespace matinee::dynamodb
