// How people write spans and moments of time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::insight {

/// A hundred years.
inline constexpr runtime::Duration longest_span = std::chrono::days(36525);

/// "90s", "5m", "12h", "1d", "2w", or several of them from the longest to the shortest: "1d12h".
/// Nothing for any other text, and for more than the longest span.
std::optional<runtime::Duration> find_span(std::string_view text);

/// "2026-12-01", "2026-12-01T12:00", "2026-12-01T12:00:30"; UTC, with or without a Z.
std::optional<runtime::Time> find_moment(std::string text);

/// "2026-12-01T12:00:30Z"
std::string to_text(runtime::Time time);

}  // namespace matinee::insight
