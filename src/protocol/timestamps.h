// Points in time as the protocols write them: seconds since 1970, ISO 8601, and HTTP dates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/shape.h"

namespace matinee::protocol {

/// "2024-02-29T12:00:00.250Z": milliseconds always.
void append_iso8601_milliseconds(std::string& out, Timestamp time);
/// "2024-02-29T12:00:00Z", with a fraction only where there is one.
void append_iso8601(std::string& out, Timestamp time);
/// "Thu, 29 Feb 2024 12:00:00 GMT": whole seconds, rounded down.
void append_http_date(std::string& out, Timestamp time);
/// "1709208000" or "1709208000.25": as many digits as the fraction needs, six at most.
void append_unix_seconds(std::string& out, Timestamp time);
void append_timestamp(std::string& out, TimestampFormat format, Timestamp time);

/// Each gives nothing where the text is not of the form, or not a date, or not within the years
/// 1 to 9999.
std::optional<Timestamp> parse_iso8601(std::string_view text);
/// Also the two older forms that HTTP asks readers to accept.
std::optional<Timestamp> parse_http_date(std::string_view text);
std::optional<Timestamp> parse_unix_seconds(std::string_view text);
std::optional<Timestamp> timestamp_from_seconds(double seconds);

/// In any of the forms: clients differ in what they send.
std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace matinee::protocol
