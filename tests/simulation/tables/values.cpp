#include "values.h"

#include <algorithm>
#include <set>

#include "decimals.h"

namespace matinee::simulation::tables {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_set(const std::string& type) {
  return type == "SS" || type == "NS" || type == "BS";
}

std::size_t utf16_units(const std::string& text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    units += bytes == 4 ? 2 : 1;
    at += bytes;
  }
  return units;
}

std::optional<Json> size_of(const Json& value) {
  const auto& [type, content] = *value.object().begin();
  std::size_t size = 0;
  if (type == "S")
    size = utf16_units(content.string());
  else if (type == "B")
    size = bytes_of_base64(content.string()).size();
  else if (type == "M")
    size = content.object().size();
  else if (type == "L" || is_set(type))
    size = content.array().size();
  else
    return std::nullopt;
  return Json::Object{{"N", std::to_string(size)}};
}

std::optional<Json> evaluate(const Operand& operand, const Json& item) {
  if (operand.value) return operand.value;
  const Json* found = find(operand.path, item);
  if (!found) return std::nullopt;
  return operand.is_size ? size_of(*found) : *found;
}

bool is_scalar(const Json& value) {
  const std::string& type = type_of(value);
  return type == "S" || type == "N" || type == "B";
}

bool in_order(const std::optional<Json>& left, const std::string& op,
              const std::optional<Json>& right) {
  if (!left || !right || type_of(*left) != type_of(*right) || !is_scalar(*left)) return false;
  const auto order = compare(*left, *right);
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

bool contains(const Json& whole, const Json& part) {
  const std::string& type = type_of(whole);
  const Json& content = whole.at(type);
  if (type == "L") return std::ranges::find(content.array(), part) != content.array().end();
  if (type_of(part) != type.substr(0, 1)) return false;
  if (type == "S") return content.string().find(scalar_of(part)) != std::string::npos;
  if (type == "B")
    return bytes_of_base64(content.string()).find(bytes_of_base64(scalar_of(part))) !=
           std::string::npos;
  return is_set(type) &&
         std::ranges::find(content.array(), Json(scalar_of(part))) != content.array().end();
}

bool begins_with(const Json& whole, const Json& start) {
  if (type_of(whole) != type_of(start)) return false;
  if (type_of(whole) == "S") return scalar_of(whole).starts_with(scalar_of(start));
  return type_of(whole) == "B" &&
         bytes_of_base64(scalar_of(whole)).starts_with(bytes_of_base64(scalar_of(start)));
}

bool meets_function(const std::string& op, const std::optional<Json>& first,
                    const std::optional<Json>& second) {
  if (op == "attribute_exists") return first.has_value();
  if (op == "attribute_not_exists") return !first.has_value();
  if (!first || !second) return false;
  if (op == "attribute_type") return type_of(*first) == scalar_of(*second);
  return op == "contains" ? contains(*first, *second) : begins_with(*first, *second);
}

/// What the paths that begin with the first `depth` steps of `paths.front()` select of a value.
std::optional<Json> select(std::vector<Path> paths, std::size_t depth, const Json& value) {
  if (paths.front().size() == depth) return value;
  const std::string& type = type_of(value);
  if (type != "M" && type != "L") return std::nullopt;
  Json::Object members;
  std::map<std::size_t, Json> elements;
  for (const Path& path : paths) {
    std::vector<Path> same;
    for (const Path& other : paths)
      if (other[depth] == path[depth]) same.push_back(other);
    const Json* next = find({path[depth]}, type == "M" ? value.at("M") : value);
    if (!next) continue;
    const auto selected = select(same, depth + 1, *next);
    if (!selected) continue;
    if (path[depth].index)
      elements[*path[depth].index] = *selected;
    else
      members[path[depth].name] = *selected;
  }
  if (members.empty() && elements.empty()) return std::nullopt;
  if (type == "M") return Json::Object{{"M", members}};
  Json::Array list;
  for (const auto& [index, element] : elements) list.push_back(element);
  return Json::Object{{"L", list}};
}

}  // namespace

const std::string& type_of(const Json& value) {
  return value.object().begin()->first;
}

const std::string& scalar_of(const Json& value) {
  return value.object().begin()->second.string();
}

void sort_sets(Json& json) {
  if (json.is_array())
    for (Json& member : json.array()) sort_sets(member);
  if (!json.is_object()) return;
  for (auto& [name, member] : json.object()) {
    sort_sets(member);
    if (is_set(name) && member.is_array())
      std::ranges::sort(member.array(), {}, [](const Json& each) { return each.text(); });
  }
}

std::strong_ordering compare(const Json& left, const Json& right) {
  const std::string& type = type_of(left);
  if (type == "N") {
    const int order = decimal_of(scalar_of(left)).compare(decimal_of(scalar_of(right)));
    return order <=> 0;
  }
  const auto bytes = [&](const Json& value) {
    return type == "B" ? bytes_of_base64(scalar_of(value)) : scalar_of(value);
  };
  return bytes(left).compare(bytes(right)) <=> 0;  // std::string compares chars as unsigned
}

std::string bytes_of_base64(const std::string& text) {
  std::string bytes;
  unsigned bits = 0;
  int known = 0;
  for (const char letter : text) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<unsigned>(letters.find(letter));
    known += 6;
    if (known < 8) continue;
    known -= 8;
    bytes += static_cast<char>(bits >> known & 0xff);
  }
  return bytes;
}

std::string base64_of(const std::string& bytes) {
  std::string text;
  unsigned bits = 0;
  int known = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    known += 8;
    while (known >= 6) {
      known -= 6;
      text += letters[bits >> known & 63];
    }
  }
  if (known > 0) text += letters[bits << (6 - known) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

Json* find(const Path& path, Json& item) {
  Json* members = &item;  // of the map that the next step is in
  Json* value = nullptr;
  for (const Step& step : path) {
    if (step.index) {
      if (!value && members->find("L")) value = members;  // a path that begins in a list
      Json* list = value && type_of(*value) == "L" ? &(*value)["L"] : nullptr;
      if (!list || *step.index >= list->array().size()) return nullptr;
      value = &list->array()[*step.index];
    } else {
      if (value) members = type_of(*value) == "M" ? &(*value)["M"] : nullptr;
      if (!members || !members->find(step.name)) return nullptr;
      value = &(*members)[step.name];
    }
  }
  return value;
}

const Json* find(const Path& path, const Json& item) {
  return find(path, const_cast<Json&>(item));  // NOLINT: nothing is changed by looking
}

bool collide(const Path& left, const Path& right) {
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i].index.has_value() != right[i].index.has_value()) return true;
    if (left[i] != right[i]) return false;
  }
  return true;
}

bool meets(const Condition& condition, const Json& item) {
  const auto& [op, operands, children] = condition;
  const auto is_met = [&](const Condition& child) { return meets(child, item); };
  if (op == "AND") return std::ranges::all_of(children, is_met);
  if (op == "OR") return std::ranges::any_of(children, is_met);
  if (op == "NOT") return !is_met(children.front());
  std::vector<std::optional<Json>> values;
  for (const Operand& operand : operands) values.push_back(evaluate(operand, item));
  const std::optional<Json>& first = values.front();
  if (op == "=") return first && values[1] && *first == *values[1];
  if (op == "<>") return !(first && values[1] && *first == *values[1]);
  if (op == "<" || op == "<=" || op == ">" || op == ">=") return in_order(first, op, values[1]);
  if (op == "BETWEEN") return in_order(first, ">=", values[1]) && in_order(first, "<=", values[2]);
  if (op == "IN")
    return first && std::any_of(values.begin() + 1, values.end(),
                                [&](const auto& value) { return value && *value == *first; });
  return meets_function(op, first, values.size() > 1 ? values[1] : std::nullopt);
}

Json project(const std::vector<Path>& paths, const Json& item) {
  if (item.object().empty()) return Json::Object();
  const auto selected = select(paths, 0, Json::Object{{"M", item}});
  return selected ? selected->at("M") : Json::Object();
}

}  // namespace matinee::simulation::tables
