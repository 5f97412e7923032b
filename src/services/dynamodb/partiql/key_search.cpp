#include "services/dynamodb/partiql/key_search.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/item_key.h"

namespace matinee::dynamodb::partiql {
namespace {

using expressions::Condition;
using expressions::KeyCondition;
using expressions::Operand;
using expressions::Operator;

bool is_attribute(const Operand& operand, const std::string& name) {
  return operand.is_path() && !operand.size_of && !operand.path.is_nested() &&
         operand.path.attribute() == name;
}

bool is_value(const Operand& operand) {
  return !operand.is_path() && !operand.size_of;
}

bool is_comparison(Operator op) {
  return op == Operator::equal || op == Operator::less || op == Operator::less_equal ||
         op == Operator::greater || op == Operator::greater_equal;
}

// What a condition compares the attribute with, where it is nothing else than that.
std::optional<KeyCondition> find_comparison(const Condition& condition, const std::string& name) {
  const std::vector<Operand>& operands = condition.operands;
  if (is_comparison(condition.op)) {
    if (is_attribute(operands[0], name) && is_value(operands[1]))
      return KeyCondition{condition.op, {operands[1].literal}};
    if (is_attribute(operands[1], name) && is_value(operands[0]))
      return KeyCondition{mirrored(condition.op), {operands[0].literal}};
    return std::nullopt;
  }
  const bool is_range = condition.op == Operator::between || condition.op == Operator::begins_with;
  if (!is_range || !is_attribute(operands[0], name)) return std::nullopt;
  KeyCondition found{.op = condition.op};
  for (const Operand& operand : operands | std::views::drop(1)) {
    if (!is_value(operand)) return std::nullopt;
    found.values.push_back(operand.literal);
  }
  return found;
}

const AttributeValue* find_equal(const Condition& condition, const std::string& name) {
  if (condition.op != Operator::equal) return nullptr;
  const auto comparison = find_comparison(condition, name);
  return comparison ? comparison->values.front() : nullptr;
}

// The values that a condition allows an attribute to have; empty where it allows more.
std::vector<const AttributeValue*> find_values(const Condition& condition,
                                               const std::string& name) {
  std::vector<const AttributeValue*> values;
  if (const AttributeValue* value = find_equal(condition, name)) return {value};
  if (condition.op == Operator::in && is_attribute(condition.operands[0], name)) {
    for (const Operand& operand : condition.operands | std::views::drop(1)) {
      if (!is_value(operand)) return {};
      values.push_back(operand.literal);
    }
  }
  if (condition.op == Operator::any_of) {
    for (const Condition& child : condition.children) {
      const AttributeValue* value = find_equal(child, name);
      if (!value) return {};
      values.push_back(value);
    }
  }
  return values;
}

// Each value once, in their order. All have the type of a key, or are not looked at again.
std::vector<const AttributeValue*> distinct(const std::vector<const AttributeValue*>& values,
                                            KeyType type) {
  std::set<std::string> seen;
  std::vector<const AttributeValue*> once;
  for (const AttributeValue* value : values) {
    std::string bytes;
    if (value->type() == to_type(type)) append_key_value(bytes, *value);
    if (bytes.empty() || seen.insert(std::move(bytes)).second) once.push_back(value);
  }
  return once;
}

void add_parts(const Condition& condition, std::vector<const Condition*>& parts) {
  if (condition.op != Operator::all_of) return parts.push_back(&condition);
  for (const Condition& child : condition.children) add_parts(child, parts);
}

// The conditions that must all be met.
std::vector<const Condition*> parts_of(const std::optional<Condition>& where) {
  std::vector<const Condition*> parts;
  if (where) add_parts(*where, parts);
  return parts;
}

std::optional<Condition> join(const std::vector<const Condition*>& parts) {
  if (parts.empty()) return std::nullopt;
  Condition all{.op = Operator::all_of};
  for (const Condition* part : parts) all.children.push_back(*part);
  return all;
}

}  // namespace

KeySearch find_keys(const KeySchema& keys, const std::optional<Condition>& where) {
  if (keys.has_several()) return {.filter = where};
  std::vector<const Condition*> parts = parts_of(where);
  KeySearch search;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    search.partitions = distinct(find_values(**part, keys.partition.name), keys.partition.type);
    if (search.partitions.empty()) continue;
    parts.erase(part);
    break;
  }
  if (keys.sort && !search.partitions.empty()) {
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      search.sort = find_comparison(**part, keys.sort->name);
      if (!search.sort) continue;
      parts.erase(part);
      break;
    }
  }
  search.filter = join(parts);
  return search;
}

std::optional<ItemSearch> find_item(const KeySchema& keys, const std::optional<Condition>& where) {
  std::vector<const Condition*> parts = parts_of(where);
  ItemSearch search;
  const auto take = [&](const std::string& name) {
    const auto part = std::ranges::find_if(
        parts, [&](const Condition* one) { return find_equal(*one, name) != nullptr; });
    if (part == parts.end()) return false;
    search.key[name] = *find_equal(**part, name);
    parts.erase(part);
    return true;
  };
  if (!take(keys.partition.name) || (keys.sort && !take(keys.sort->name))) return std::nullopt;
  search.condition = join(parts);
  return search;
}

}  // namespace matinee::dynamodb::partiql
