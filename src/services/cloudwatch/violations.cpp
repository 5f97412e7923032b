// What clients are told of requests that break the rules of the model. Operations on data say it in
// the words of the older of CloudWatch's two front ends.
#include <fmt/format.h>

#include <algorithm>

#include "cloudwatch/errors.h"
#include "cloudwatch/operations.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {
namespace {

using protocol::Rule;
using protocol::Violation;

bool is_of_older_kind(const protocol::Operation& operation) {
  return &operation == &operations::PutMetricData ||
         &operation == &operations::GetMetricStatistics || &operation == &operations::ListMetrics;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "MetricData.member.1.Unit" for "MetricData.1.member.Unit".
std::string place_of(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!out.empty()) out += '.';
    if (!is_number(part)) {
      out += part;
      continue;
    }
    out.append("member.").append(part);
    constexpr std::string_view mark = "member";
    if (path.starts_with(mark)) path.remove_prefix(std::min(mark.size() + 1, path.size()));
    if (path.empty()) out += ".<list element>";
  }
  return out;
}

bool is_absent(const Violation& violation) {
  const bool is_empty_text = violation.rule == Rule::minimum && violation.type &&
                             violation.type->kind == protocol::Kind::string;
  return violation.rule == Rule::required || is_empty_text;
}

std::string describe_bound(const Violation& violation, const std::string& place) {
  const protocol::Type& type = *violation.type;
  const bool is_maximum = violation.rule == Rule::maximum;
  switch (type.kind) {
    case protocol::Kind::string:
      return fmt::format("The parameter {} must be shorter than {:.0f} characters.", place,
                         type.maximum + 1);
    case protocol::Kind::list:
    case protocol::Kind::map:
      return fmt::format("The collection {} must not have a size {} than {:.0f}.", place,
                         is_maximum ? "greater" : "less", is_maximum ? type.maximum : type.minimum);
    default:
      return fmt::format("The parameter {} must be {} than or equal to {:.0f}.", place,
                         is_maximum ? "less" : "greater", is_maximum ? type.maximum : type.minimum);
  }
}

std::string describe_in_older_words(const Violation& violation) {
  const std::string place = place_of(violation.path);
  if (is_absent(violation)) {
    // What is missing has no elements.
    const std::size_t element = place.find(".<list element>");
    return fmt::format("The parameter {} is required.", place.substr(0, element));
  }
  if (violation.rule == Rule::pattern || !violation.type)
    return fmt::format("The value {} for parameter {} is invalid.", violation.value, place);
  if (violation.rule != Rule::one_of) return describe_bound(violation, place);
  std::string values;
  for (const std::string_view value : violation.type->values)
    values.append(values.empty() ? "" : ", ").append(value);
  return fmt::format("The parameter {} must be a value in the set [{}].", place, values);
}

/// The model does not name it. The query protocol has the older name.
constexpr protocol::ErrorInfo access_denied = {.name = "AccessDeniedException",
                                               .code = "AccessDenied",
                                               .query_code = "AccessDenied",
                                               .status = 403,
                                               .sender_fault = true,
                                               .members = nullptr};

}  // namespace

/// Of what is missing and what is wrong the first decides what the error is called.
protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  if (!is_of_older_kind(operation)) return ValidationException(protocol::describe(violations));
  std::string message;
  for (const Violation& violation : violations)
    message.append(message.empty() ? "" : "\n").append(describe_in_older_words(violation));
  if (is_absent(violations.front())) return MissingRequiredParameterException(message);
  return InvalidParameterValueException(message);
}

protocol::ServiceError Service::refusal(const services::Inquiry&, std::string sentence) const {
  return {access_denied, std::move(sentence)};
}

}  // namespace matinee::cloudwatch
