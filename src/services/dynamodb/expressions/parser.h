// Parsers of DynamoDB's expressions. docs/dynamodb-expressions.md has the grammar.
//
// Every function throws a ValidationException for text that DynamoDB would refuse, with DynamoDB's
// message, and returns for no text in more time or depth than its limits allow. The results refer
// to the values of the Substitutions.
#pragma once

#include <string_view>

#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/expressions/substitutions.h"

namespace matinee::dynamodb::expressions {

/// `parameter` is what the request calls it: ConditionExpression, FilterExpression or
/// KeyConditionExpression.
Condition parse_condition(std::string_view text, std::string_view parameter,
                          Substitutions& substitutions);

Projection parse_projection(std::string_view text, Substitutions& substitutions);

Update parse_update(std::string_view text, Substitutions& substitutions);

/// For fuzzing: every parser on the text, and what they accept evaluated against `item`. Throws
/// nothing but ServiceError.
void exercise_parsers(std::string_view text, Substitutions& substitutions, const Item& item);

}  // namespace matinee::dynamodb::expressions
