// The parameters that came before expressions, made into the trees that expressions become. The
// results refer to the values in their arguments. All throw a ValidationException for what DynamoDB
// refuses.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/shapes.h"
#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/expressions/key_condition.h"

namespace matinee::dynamodb {

/// ConditionalOperator where there are no conditions that it could join.
void refuse_lone_operator(const std::optional<std::string>& conditional_operator);

/// Expected, with ConditionalOperator.
expressions::Condition translate_expected(
    const std::map<std::string, ExpectedAttributeValue>& expected,
    const std::optional<std::string>& conditional_operator);

/// QueryFilter or ScanFilter, with ConditionalOperator.
expressions::Condition translate_filter(const std::map<std::string, Condition>& filter,
                                        const std::optional<std::string>& conditional_operator);

expressions::KeyConditions translate_key_conditions(
    const std::map<std::string, Condition>& conditions);

expressions::Update translate_updates(const std::map<std::string, AttributeValueUpdate>& updates);

/// AttributesToGet.
expressions::Projection translate_attributes(const std::vector<std::string>& attributes);

}  // namespace matinee::dynamodb
