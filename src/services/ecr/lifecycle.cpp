#include "services/ecr/lifecycle.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>

namespace matinee::ecr {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int64_t most_rules = 50;

/// Thrown and caught in this file alone.
struct Fault {
  std::string text;
};

template <class Type>
std::optional<Type> find(const object& holder, std::string_view name) {
  Type value;
  if (holder[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

template <class Type>
Type require(const object& holder, std::string_view name, std::string_view where) {
  const auto value = find<Type>(holder, name);
  if (!value) throw Fault{fmt::format("{} needs a valid {}", where, name)};
  return *value;
}

void require_known(const object& holder, std::initializer_list<std::string_view> names,
                   std::string_view where) {
  for (const auto& member : holder)
    if (std::ranges::find(names, member.key) == names.end())
      throw Fault{fmt::format("{} knows no member {}", where, member.key)};
}

/// The prefixes or patterns of a rule; a rule for tagged images has one of both.
bool has_tags(const object& selection, std::string_view name) {
  const auto list = find<simdjson::dom::array>(selection, name);
  if (!list) return false;
  for (const element tag : *list)
    if (!tag.is_string()) throw Fault{fmt::format("{} takes texts", name)};
  return list->size() > 0;
}

void check_selection(const object& selection) {
  require_known(selection,
                {"tagStatus", "tagPrefixList", "tagPatternList", "storageClass", "countType",
                 "countUnit", "countNumber"},
                "a selection");
  const auto status = require<std::string_view>(selection, "tagStatus", "a selection");
  if (status != "tagged" && status != "untagged" && status != "any")
    throw Fault{"tagStatus is tagged, untagged or any"};
  const bool has_prefixes = has_tags(selection, "tagPrefixList");
  const bool has_patterns = has_tags(selection, "tagPatternList");
  if (has_prefixes && has_patterns)
    throw Fault{"a selection has tagPrefixList or tagPatternList, not both"};
  if ((status == "tagged") != (has_prefixes || has_patterns))
    throw Fault{"tagPrefixList or tagPatternList go with the tagStatus tagged, and only with it"};
  constexpr std::array types{"imageCountMoreThan", "sinceImagePushed", "sinceImagePulled",
                             "sinceImageTransitioned"};
  const auto type = require<std::string_view>(selection, "countType", "a selection");
  if (std::ranges::find(types, type) == types.end())
    throw Fault{fmt::format("there is no countType {}", type)};
  const auto unit = find<std::string_view>(selection, "countUnit");
  if ((type == types.front()) == unit.has_value() || (unit && *unit != "days"))
    throw Fault{"countUnit is days, and only where images are counted by their age"};
  if (require<std::int64_t>(selection, "countNumber", "a selection") < 1)
    throw Fault{"countNumber is a whole number above 0"};
}

void check_action(const object& action) {
  require_known(action, {"type", "targetStorageClass"}, "an action");
  const auto type = require<std::string_view>(action, "type", "an action");
  const auto target = find<std::string_view>(action, "targetStorageClass");
  const bool expires = type == "expire" && !target;
  const bool moves = type == "transition" && target == "archive";
  if (!expires && !moves) throw Fault{"an action is expire, or transition to archive"};
}

void check_rules(const object& policy) {
  require_known(policy, {"rules"}, "a lifecycle policy");
  const auto rules = require<simdjson::dom::array>(policy, "rules", "a lifecycle policy");
  if (rules.size() == 0 || rules.size() > most_rules)
    throw Fault{fmt::format("a lifecycle policy has 1 to {} rules", most_rules)};
  std::set<std::int64_t> priorities;
  for (const element entry : rules) {
    object rule;
    if (entry.get(rule) != simdjson::SUCCESS) throw Fault{"a rule is an object"};
    require_known(rule, {"rulePriority", "description", "selection", "action"}, "a rule");
    const auto priority = require<std::int64_t>(rule, "rulePriority", "a rule");
    if (priority < 1) throw Fault{"rulePriority is a whole number above 0"};
    if (!priorities.insert(priority).second)
      throw Fault{fmt::format("two rules have the rulePriority {}", priority)};
    check_selection(require<object>(rule, "selection", "a rule"));
    check_action(require<object>(rule, "action", "a rule"));
  }
}

}  // namespace

std::optional<std::string> fault_of_lifecycle(std::string_view text) {
  simdjson::dom::parser parser;
  object policy;
  if (parser.parse(simdjson::padded_string(text)).get(policy) != simdjson::SUCCESS)
    return "it is not a JSON object";
  try {
    check_rules(policy);
  } catch (const Fault& fault) {
    return fault.text;
  }
  return std::nullopt;
}

}  // namespace matinee::ecr
