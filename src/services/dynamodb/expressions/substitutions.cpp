#include "services/dynamodb/expressions/substitutions.h"

#include <algorithm>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::expressions {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr std::size_t max_key_bytes = 255;

template <class Map>
void check_keys(const Map& map, char sign, const std::string& parameter) {
  if (map.empty()) throw validation_error(parameter + " must not be empty");
  for (const auto& [key, value] : map) {
    if (key.size() > max_key_bytes) {
      // AWS tells the size of names only.
      throw validation_error(
          parameter +
          " contains invalid key: The expression attribute map contains a key that is too long;" +
          (sign == '#' ? " size of key: " + std::to_string(key.size()) : ""));
    }
    const bool valid = key.size() > 1 && key[0] == sign &&
                       std::all_of(key.begin() + 1, key.end(), is_word_character);
    if (!valid)
      throw validation_error(parameter + " contains invalid key: Syntax error; key: \"" + key +
                             "\"");
  }
}

void check_names(const Substitutions::Names& names) {
  for (const auto& [key, name] : names) {
    if (name.empty()) {
      throw validation_error(
          "ExpressionAttributeNames contains invalid value: Empty attribute name for key " + key);
    }
    require_name(name);
  }
}

void check_values(const Item& values) {
  for (const auto& [key, value] : values) {
    try {
      require_value(value);
    } catch (const Refusal& refusal) {
      throw refusal.wrapped("ExpressionAttributeValues contains invalid value: ",
                            " for key " + key);
    }
  }
}

template <class Map, class Used>
void check_used(const Map* map, Used used, const std::string& parameter) {
  if (map == nullptr || map->size() == used.size()) return;
  std::ranges::sort(used);
  std::string unused;
  for (const auto& [key, value] : *map) {
    if (std::ranges::binary_search(used, &value)) continue;
    if (!unused.empty()) unused += ", ";
    unused += key;
  }
  if (unused.empty()) return;
  throw validation_error("Value provided in " + parameter + " unused in expressions: keys: {" +
                         unused + "}");
}

}  // namespace

Substitutions::Substitutions(const std::optional<Names>& names, const std::optional<Item>& values) {
  if (names) {
    check_keys(*names, '#', "ExpressionAttributeNames");
    check_names(*names);
    names_ = &*names;
  }
  if (values) {
    check_keys(*values, ':', "ExpressionAttributeValues");
    check_values(*values);
    values_ = &*values;
  }
}

const std::string* Substitutions::find_name(std::string_view placeholder) {
  if (names_ == nullptr) return nullptr;
  const auto found = names_->find(std::string(placeholder));
  if (found == names_->end()) return nullptr;
  if (std::ranges::find(used_names_, &found->second) == used_names_.end())
    used_names_.push_back(&found->second);
  return &found->second;
}

const AttributeValue* Substitutions::find_value(std::string_view placeholder) {
  if (values_ == nullptr) return nullptr;
  const auto found = values_->find(std::string(placeholder));
  if (found == values_->end()) return nullptr;
  if (std::ranges::find(used_values_, &found->second) == used_values_.end())
    used_values_.push_back(&found->second);
  return &found->second;
}

void Substitutions::require_all_used() const {
  check_used(names_, used_names_, "ExpressionAttributeNames");
  check_used(values_, used_values_, "ExpressionAttributeValues");
}

}  // namespace matinee::dynamodb::expressions
