#include "services/kept_answer.h"

namespace matinee::services {

namespace {

/// No ARN ends so, and no URL. Behind the ARN, so that an answer stands after what it answers.
constexpr std::string_view mark = " answer";

}  // namespace

std::string answer_place(std::string_view function_arn) {
  return std::string(function_arn).append(mark);
}

std::optional<std::string> function_of_answer(std::string_view place) {
  if (!place.ends_with(mark)) return std::nullopt;
  return std::string(place.substr(0, place.size() - mark.size()));
}

}  // namespace matinee::services
