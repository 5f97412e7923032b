// What extensions ask for by the Telemetry API (2022-07-01) and the older Logs API (2020-08-15).
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::lambda {

enum class TelemetryApi : std::uint8_t { telemetry, logs };

struct Subscription {
  TelemetryApi api = TelemetryApi::telemetry;
  std::string extension;           // its name
  std::string schema;              // "2022-07-01"
  std::vector<std::string> types;  // "platform", "function", "extension"
  std::size_t most_items = 10'000;
  std::size_t most_bytes = 262'144;
  runtime::Duration patience = std::chrono::seconds(1);  // a batch that is not full waits so long
  bool is_tcp = false;
  std::uint16_t port = 0;
  std::string path = "/";  // of HTTP

  bool has(std::string_view type) const;
};

/// Of the body of a request. The error is a sentence that names all that is wrong.
std::expected<Subscription, std::string> read_subscription(TelemetryApi api, std::string_view body);

}  // namespace matinee::lambda
