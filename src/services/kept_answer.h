// What functions have answered, as the journal keeps it: a payload of the call beside the one that
// it was made with, at a place that no resource has. Of a call that is tried again it is the last
// answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::services {

/// Payload::resource of what the function with this ARN has answered.
std::string answer_place(std::string_view function_arn);
/// The function's ARN, where a payload is an answer.
std::optional<std::string> function_of_answer(std::string_view place);

}  // namespace matinee::services
