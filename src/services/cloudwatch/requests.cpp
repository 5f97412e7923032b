#include "services/cloudwatch/requests.h"

#include "protocol/base64.h"

namespace matinee::cloudwatch {
namespace {

/// Tells our tokens from others.
constexpr std::string_view token_mark = "m1:";

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return rest < 0 ? value - rest - step : value - rest;
}

}  // namespace

Dimensions to_dimensions(const std::optional<std::vector<Dimension>>& dimensions) {
  Dimensions result;
  if (!dimensions) return result;
  for (const Dimension& each : *dimensions) result.emplace_back(each.name, each.value);
  return result;
}

std::vector<Dimension> from_dimensions(const Dimensions& dimensions) {
  std::vector<Dimension> result;
  for (const auto& [name, value] : dimensions) result.push_back({.name = name, .value = value});
  return result;
}

bool is_period(std::int32_t seconds) {
  if (seconds < 60)
    return seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30;
  return seconds % 60 == 0;
}

std::int64_t start_second(protocol::Timestamp time, std::int32_t period) {
  return floor_to(runtime::to_seconds(time), std::min(period, 60));
}

std::int64_t end_second(protocol::Timestamp time) {
  return std::chrono::ceil<std::chrono::seconds>(time).time_since_epoch().count();
}

protocol::Timestamp to_timestamp(std::int64_t second) {
  return protocol::Timestamp(std::chrono::seconds(second));
}

std::string make_token(std::string_view bytes) {
  return protocol::base64_encode(std::string(token_mark).append(bytes));
}

std::optional<std::string> read_token(std::string_view token) {
  std::optional<std::string> bytes = protocol::base64_decode(token);
  if (!bytes || !bytes->starts_with(token_mark)) return std::nullopt;
  return bytes->substr(token_mark.size());
}

}  // namespace matinee::cloudwatch
