// The expressions of requests, in either of the two styles that DynamoDB has: expressions, and the
// older parameters, which become the same trees.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/legacy_parameters.h"

namespace matinee::dynamodb {

/// A parameter that may have been given in a request.
struct Parameter {
  std::string_view name;
  bool given;
};

/// What a request says about expressions, for the checks that all requests share.
struct ExpressionUse {
  std::initializer_list<Parameter> expressions;
  std::initializer_list<Parameter> older;
  bool names = false;   // ExpressionAttributeNames
  bool values = false;  // ExpressionAttributeValues
};

/// Throws a ValidationException where a request mixes the styles, or has placeholders and nothing
/// that could use them.
void require_one_style(const ExpressionUse& use);

/// Throws what is wrong with a value of an older parameter.
void require_values(const std::optional<std::map<std::string, ExpectedAttributeValue>>& expected);
void require_values(const std::optional<std::map<std::string, AttributeValueUpdate>>& updates);
void require_values(const std::optional<std::map<std::string, Condition>>& conditions);

/// ProjectionExpression or AttributesToGet; nothing where there is neither.
template <class Request>
std::optional<expressions::Projection> read_projection(const Request& request,
                                                       expressions::Substitutions& substitutions) {
  if (request.projection_expression)
    return expressions::parse_projection(*request.projection_expression, substitutions);
  if (request.attributes_to_get) return translate_attributes(*request.attributes_to_get);
  return std::nullopt;
}

/// ConditionExpression or Expected; nothing where there is neither.
template <class Request>
std::optional<expressions::Condition> read_condition(const Request& request,
                                                     expressions::Substitutions& substitutions) {
  if (!request.expected) refuse_lone_operator(request.conditional_operator);
  if (request.condition_expression) {
    return expressions::parse_condition(*request.condition_expression, "ConditionExpression",
                                        substitutions);
  }
  if (request.expected) return translate_expected(*request.expected, request.conditional_operator);
  return std::nullopt;
}

}  // namespace matinee::dynamodb
