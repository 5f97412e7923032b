// Messages of AWS's event streams (application/vnd.amazon.eventstream): a prelude with two lengths,
// headers, a payload, and checksums of each part.
#pragma once

#include <string>
#include <string_view>

namespace matinee::services::event_stream {

inline constexpr std::string_view json_content = "application/json";

/// An event by its name ("sessionStart", "initial-response").
std::string event(std::string_view name, std::string_view content_type, std::string_view payload);

/// An error of the model that ends the stream: "SessionTimeoutException", in JSON.
std::string exception(std::string_view name, std::string_view message);

}  // namespace matinee::services::event_stream
