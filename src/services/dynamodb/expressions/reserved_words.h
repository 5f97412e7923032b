// The words that an expression may only use for an attribute through a #name.
#pragma once

#include <string_view>

namespace matinee::dynamodb::expressions {

/// Whether DynamoDB reserves a word, in upper or lower case.
bool is_reserved(std::string_view word);

}  // namespace matinee::dynamodb::expressions
