// The placeholders of a request, #name and :value, and which of them its expressions have used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/values/attribute_value.h"

namespace matinee::dynamodb::expressions {

/// Refers to the maps of a request, which must outlive it and everything parsed with it.
class Substitutions {
 public:
  using Names = std::map<std::string, std::string>;

  Substitutions() = default;
  /// Throws a ValidationException where a map is empty, or a key is not '#' or ':' and then
  /// letters, digits or underscores, or a value is none that DynamoDB takes.
  Substitutions(const std::optional<Names>& names, const std::optional<Item>& values);

  /// What a placeholder, with its '#' or ':', stands for; null where it is not defined.
  const std::string* find_name(std::string_view placeholder);
  const AttributeValue* find_value(std::string_view placeholder);

  /// Throws a ValidationException that names the placeholders no expression has asked for.
  void require_all_used() const;

 private:
  const Names* names_ = nullptr;
  const Item* values_ = nullptr;
  std::vector<const std::string*> used_names_;
  std::vector<const AttributeValue*> used_values_;
};

}  // namespace matinee::dynamodb::expressions
