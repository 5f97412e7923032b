#include "templates/yaml_scalars.h"

#include <algorithm>
#include <array>
#include <string>

namespace matinee::templates {

namespace {

std::size_t count_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

/// Decimal: [-+]?[0-9]+, or [-+]?[0-9]+\.[0-9]*([eE][-+]?[0-9]+)?. YAML 1.1 has no exponent without
/// a point.
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t whole = count_digits(text);
  if (whole == 0) return false;
  text.remove_prefix(whole);
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  text.remove_prefix(count_digits(text));
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

constexpr std::array truths = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
constexpr std::array untruths = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
constexpr std::array nulls = {"", "~", "null", "Null", "NULL"};

bool is_one_of(const auto& words, std::string_view text) {
  return std::ranges::find(words, text) != words.end();
}

}  // namespace

Value plain_scalar(std::string_view text) {
  if (is_one_of(nulls, text)) return {};
  if (is_one_of(truths, text)) return {true};
  if (is_one_of(untruths, text)) return {false};
  return is_number(text) ? Value::number(std::string(text)) : Value(text);
}

std::optional<Value> typed_scalar(std::string_view type, std::string_view text) {
  if (type == "str") return Value(text);
  const Value plain = plain_scalar(text);
  if (type == "null" && plain.is_null()) return plain;
  if (type == "bool" && plain.kind() == Value::Kind::boolean) return plain;
  if ((type == "int" || type == "float") && plain.kind() == Value::Kind::number) return plain;
  return std::nullopt;
}

Value short_form(std::string_view name, Value value) {
  const Place place = value.place();
  if (name == "Ref" || name == "Condition") return Value::map(std::string(name), std::move(value));
  if (name == "GetAtt" && value.is_string()) {
    const std::string& text = value.text();
    if (const std::size_t point = text.find('.'); point != std::string::npos)
      value = Value::list(
                  {Value(text.substr(0, point)).at(place), Value(text.substr(point + 1)).at(place)})
                  .at(place);
  }
  return Value::map("Fn::" + std::string(name), std::move(value));
}

}  // namespace matinee::templates
