// SQS's RedrivePolicy, a JSON text within an attribute.
#include "jobs/movies/redrive.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace matinee::jobs::movies {

std::string RedrivePolicy::queue_name() const {
  return dead_letter_arn.substr(dead_letter_arn.rfind(':') + 1);
}

std::string RedrivePolicy::account() const {
  const std::size_t end = dead_letter_arn.rfind(':');
  if (end == std::string::npos || end == 0) return "";
  const std::size_t begin = dead_letter_arn.rfind(':', end - 1) + 1;
  return dead_letter_arn.substr(begin, end - begin);
}

std::string to_attribute_text(const RedrivePolicy& policy) {
  return fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":{}}})",
                     policy.dead_letter_arn, policy.max_receive_count);
}

std::optional<RedrivePolicy> read_redrive_policy(std::string text) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  if (parser.iterate(padded).get(document) || document.get_object().get(root)) return std::nullopt;
  RedrivePolicy policy;
  std::string_view arn;
  if (root["deadLetterTargetArn"].get_string().get(arn)) return std::nullopt;
  policy.dead_letter_arn = arn;
  simdjson::ondemand::value count;
  if (root["maxReceiveCount"].get(count)) return std::nullopt;
  simdjson::ondemand::json_type type{};
  if (count.type().get(type)) return std::nullopt;
  std::int64_t number = 0;
  const auto error = type == simdjson::ondemand::json_type::string
                         ? count.get_int64_in_string().get(number)
                         : count.get_int64().get(number);
  if (error || number < 1 || number > 1000) return std::nullopt;
  policy.max_receive_count = static_cast<int>(number);
  return policy;
}

}  // namespace matinee::jobs::movies
