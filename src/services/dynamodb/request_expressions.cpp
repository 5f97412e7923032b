#include "services/dynamodb/request_expressions.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

std::string join_given(std::initializer_list<Parameter> parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) {
    if (!parameter.given) continue;
    if (!text.empty()) text += ", ";
    text += parameter.name;
  }
  return text;
}

}  // namespace

void require_values(const std::optional<std::map<std::string, ExpectedAttributeValue>>& expected) {
  if (!expected) return;
  for (const auto& [name, expectation] : *expected) {
    if (expectation.value) require_value(*expectation.value);
    if (expectation.attribute_value_list) require_values(*expectation.attribute_value_list);
  }
}

void require_values(const std::optional<std::map<std::string, AttributeValueUpdate>>& updates) {
  if (!updates) return;
  for (const auto& [name, update] : *updates)
    if (update.value) require_value(*update.value);
}

void require_values(const std::optional<std::map<std::string, Condition>>& conditions) {
  if (!conditions) return;
  for (const auto& [name, condition] : *conditions)
    if (condition.attribute_value_list) require_values(*condition.attribute_value_list);
}

void require_one_style(const ExpressionUse& use) {
  const bool any = std::ranges::any_of(use.expressions, &Parameter::given);
  if (any && std::ranges::any_of(use.older, &Parameter::given)) {
    throw validation_error(fmt::format(
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {{{}}} Expression parameters: {{{}}}",
        join_given(use.older), join_given(use.expressions)));
  }
  if (use.names && !any) {
    throw validation_error("ExpressionAttributeNames can only be specified when using expressions");
  }
  if (!use.values) return;
  std::vector<std::string_view> users;  // a projection has no values
  for (const Parameter& parameter : use.expressions) {
    if (parameter.name == "ProjectionExpression") continue;
    if (parameter.given) return;
    users.push_back(parameter.name);
  }
  const std::string message =
      "ExpressionAttributeValues can only be specified when using expressions";
  throw Refusal(fmt::format("{}: {} {} null", message, fmt::join(users, " and "),
                            users.size() > 1 ? "are" : "is"),
                std::string(one_error) + message);
}

}  // namespace matinee::dynamodb
