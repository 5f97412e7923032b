#include <algorithm>
#include <utility>

#include "protocol/json_writer.h"
#include "templates/tree.h"

namespace matinee::templates {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<const Member*> in_order(const Value& map, bool is_sorted) {
  std::vector<const Member*> members;
  for (const Member& member : map.members()) members.push_back(&member);
  if (is_sorted) std::ranges::sort(members, {}, &Member::name);
  return members;
}

void append(std::string& out, const Value& value, bool is_sorted) {
  const char* separator = "";
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.text();
      return;
    case Value::Kind::string:
      protocol::json::append_string(out, value.text());
      return;
    case Value::Kind::number:
      if (is_json_number(value.text()))
        out += value.text();
      else
        protocol::json::append_string(out, value.text());
      return;
    case Value::Kind::list:
      out += '[';
      for (const Value& element : value.elements()) {
        out += std::exchange(separator, ",");
        append(out, element, is_sorted);
      }
      out += ']';
      return;
    case Value::Kind::map:
      out += '{';
      for (const Member* member : in_order(value, is_sorted)) {
        out += std::exchange(separator, ",");
        protocol::json::append_string(out, member->name);
        out += ':';
        append(out, member->value, is_sorted);
      }
      out += '}';
      return;
  }
}

}  // namespace

// No leading zeros, digits on both sides of the point.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = text.substr(exponent + 1);
    if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
    if (!is_digits(power)) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && !is_digits(text.substr(point + 1))) return false;
  const std::string_view whole = text.substr(0, point);
  return is_digits(whole) && (whole.size() == 1 || whole[0] != '0');
}

std::string to_json(const Value& value) {
  std::string out;
  append(out, value, false);
  return out;
}

std::string to_sorted_json(const Value& value) {
  std::string out;
  append(out, value, true);
  return out;
}

}  // namespace matinee::templates
