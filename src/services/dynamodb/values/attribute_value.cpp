#include "services/dynamodb/values/attribute_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "protocol/base64.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::array<std::string_view, 11> type_names = {"NULL", "BOOL", "S", "N", "B",    "SS",
                                                         "NS",   "BS",   "L", "M", "FAULT"};
constexpr std::array<Type, 10> types = {
    Type::null,       Type::boolean,    Type::string,     Type::number, Type::binary,
    Type::string_set, Type::number_set, Type::binary_set, Type::list,   Type::map};

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

std::string text_of(const std::string& member) {
  return member;
}
std::string text_of(const Number& member) {
  return member.to_string();
}
std::string text_of(const Binary& member) {
  return protocol::base64_encode(member.bytes);
}

template <class T>
std::string text_of(const Set<T>& set) {
  std::string text = "[";
  for (const T& member : set.members) {
    if (text.size() > 1) text += ", ";
    text += text_of(member);
  }
  return text + "]";
}

}  // namespace

template <class T>
bool Set<T>::contains(const T& member) const {
  return std::ranges::binary_search(members, member);
}

template <class T>
void Set<T>::unite(const Set& other) {
  std::vector<T> result;
  std::ranges::set_union(members, other.members, std::back_inserter(result));
  members = std::move(result);
}

template <class T>
void Set<T>::subtract(const Set& other) {
  std::vector<T> result;
  std::ranges::set_difference(members, other.members, std::back_inserter(result));
  members = std::move(result);
}

template <class T>
Set<T> make_set(std::vector<T> members) {
  std::ranges::sort(members);
  const auto rest = std::ranges::unique(members);
  members.erase(rest.begin(), rest.end());
  return {std::move(members)};
}

template struct Set<std::string>;
template struct Set<Number>;
template struct Set<Binary>;
template StringSet make_set(std::vector<std::string>);
template NumberSet make_set(std::vector<Number>);
template BinarySet make_set(std::vector<Binary>);

std::string_view type_name(Type type) {
  return type_names[static_cast<std::size_t>(type)];
}

const Type* find_type(std::string_view name) {
  for (const Type& type : types)
    if (type_name(type) == name) return &type;
  return nullptr;
}

bool is_ordered(Type type) {
  return type == Type::string || type == Type::number || type == Type::binary;
}

std::strong_ordering compare(const AttributeValue& left, const AttributeValue& right) {
  if (const auto* text = left.find<std::string>()) return *text <=> *right.find<std::string>();
  if (const auto* number = left.find<Number>()) return *number <=> *right.find<Number>();
  return *left.find<Binary>() <=> *right.find<Binary>();
}

std::string describe(const AttributeValue& value) {
  const std::string text =
      std::visit(Overloaded{[](const Null&) -> std::string { return "true"; },
                            [](bool truth) -> std::string { return truth ? "true" : "false"; },
                            [](const List& list) {
                              std::string out = "[";
                              for (const AttributeValue& element : list)
                                out += (out.size() > 1 ? "," : "") + describe(element);
                              return out + "]";
                            },
                            [](const Map& map) {
                              std::string out = "{";
                              for (const auto& [name, element] : map)
                                out += (out.size() > 1 ? "," : "") + name + "=" + describe(element);
                              return out + "}";
                            },
                            [](const Fault&) -> std::string { return ""; },
                            [](const auto& other) { return text_of(other); }},
                 value.content());
  return fmt::format("{{{}:{}}}", type_name(value.type()), text);
}

Refusal too_deep() {
  const std::string message =
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
      "beyond supported limit";
  return {message, message};
}

Refusal name_too_large() {
  return Refusal("Attribute name is too large, must be less than 65536 bytes");
}

void require_name(const std::string& name) {
  if (name.size() > max_name_bytes) throw name_too_large();
}

void require_value(const AttributeValue& value) {
  if (const auto* fault = value.find<Fault>()) [[unlikely]]
    throw Refusal(*fault->refusal);
}

void require_values(const Item& item) {
  for (const auto& [name, value] : item) {
    require_name(name);
    require_value(value);
  }
}

void require_values(const std::vector<AttributeValue>& values) {
  for (const AttributeValue& value : values) require_value(value);
}

namespace {

void require_levels(const AttributeValue& value, int levels) {
  const auto* list = value.find<List>();
  const auto* map = value.find<Map>();
  if (!list && !map) return;
  if (levels == 0) {
    throw too_deep();
  }
  if (list)
    for (const AttributeValue& element : *list) require_levels(element, levels - 1);
  if (map)
    for (const auto& [name, element] : *map) require_levels(element, levels - 1);
}

}  // namespace

void require_nesting_within_limit(const Item& item) {
  for (const auto& [name, value] : item) require_levels(value, max_nesting_levels);
}

}  // namespace matinee::dynamodb
