// What operations on metrics have in common: dimensions, periods, times and tokens of requests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudwatch/shapes.h"
#include "services/cloudwatch/records.h"

namespace matinee::cloudwatch {

Dimensions to_dimensions(const std::optional<std::vector<Dimension>>& dimensions);
std::vector<Dimension> from_dimensions(const Dimensions& dimensions);

/// 1, 5, 10, 20, 30, or a multiple of 60.
bool is_period(std::int32_t seconds);

/// The first second that belongs to what begins at `time`: AWS rounds down to a minute, or for
/// shorter periods to a multiple of the period.
std::int64_t start_second(protocol::Timestamp time, std::int32_t period);
/// The first second that does not belong to what ends before `time`.
std::int64_t end_second(protocol::Timestamp time);

protocol::Timestamp to_timestamp(std::int64_t second);

/// A token that carries some bytes, and those of one; nothing where it is none of ours.
std::string make_token(std::string_view bytes);
std::optional<std::string> read_token(std::string_view token);

}  // namespace matinee::cloudwatch
