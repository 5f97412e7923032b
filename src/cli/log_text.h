// Events of logs as lines for people.
#pragma once

#include <string>
#include <string_view>

#include "logs/shapes.h"

namespace matinee::cli {

/// "2026-01-01T00:00:00.000Z 0123abcd the message": with the time in UTC and a short name of the
/// stream. With `in_colours` streams differ by theirs, errors are red, and what the platform writes
/// about calls steps back. Always ends with one line end.
std::string log_line(const logs::FilteredLogEvent& event, bool in_colours);

/// Of "2026/01/01/[$LATEST]0123abcd..." eight letters, of other streams the name.
std::string short_stream(std::string_view stream);

}  // namespace matinee::cli
