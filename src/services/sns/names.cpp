#include "services/sns/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace matinee::sns {

namespace {

constexpr std::size_t parts_of_arn = 6;
constexpr std::size_t longest_name = 256;
constexpr std::string_view fifo_suffix = ".fifo";

/// The six parts; of the last one all that follows.
std::optional<std::array<std::string_view, parts_of_arn>> split(std::string_view arn) {
  std::array<std::string_view, parts_of_arn> parts;
  for (std::size_t part = 0; part + 1 < parts_of_arn; ++part) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[part] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  parts.back() = arn;
  return parts;
}

bool is_name_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
}

}  // namespace

std::string arn_of(const TopicKey& key) {
  return fmt::format("arn:aws:sns:{}:{}:{}", key.region, key.account, key.name);
}

std::optional<TopicKey> find_topic_key(std::string_view arn) {
  const auto parts = split(arn);
  if (!parts || (*parts)[0] != "arn" || (*parts)[2] != "sns" || (*parts)[5].empty() ||
      (*parts)[5].find_first_of(":/") != std::string_view::npos)
    return std::nullopt;
  return TopicKey{.account = std::string((*parts)[4]),
                  .region = std::string((*parts)[3]),
                  .name = std::string((*parts)[5])};
}

SubscriptionName split_subscription(std::string_view arn) {
  const auto parts = split(arn);
  const std::size_t last = arn.rfind(':');
  if (!parts || (*parts)[5].find(':') == std::string_view::npos)
    return {.topic_arn = arn, .id = {}};
  return {.topic_arn = arn.substr(0, last), .id = arn.substr(last + 1)};
}

void refuse(std::string_view text) {
  throw InvalidParameterException(fmt::format("Invalid parameter: {}", text));
}

void require_arn_form(std::string_view parameter, std::string_view arn) {
  const auto parts = static_cast<std::size_t>(std::ranges::count(arn, ':')) + 1;
  if (parts < parts_of_arn)
    refuse(fmt::format("{} Reason: An ARN must have at least {} elements, not {}", parameter,
                       parts_of_arn, parts));
}

TopicKey require_topic_key(const services::Context& context, std::string_view parameter,
                           std::string_view arn) {
  require_arn_form(parameter, arn);
  std::optional<TopicKey> key = find_topic_key(arn);
  if (!key || (!context.anonymous && key->region != context.region)) refuse(parameter);
  return *std::move(key);
}

void require_topic_name(std::string_view name, bool fifo) {
  const bool fits = !name.empty() && name.size() <= longest_name;
  const bool has_suffix = name.ends_with(fifo_suffix);
  if (fits && has_suffix == fifo) {
    if (has_suffix) name.remove_suffix(fifo_suffix.size());
    if (!name.empty() && std::ranges::all_of(name, is_name_letter)) return;
  }
  refuse("Topic Name");
}

}  // namespace matinee::sns
