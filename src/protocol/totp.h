// Codes of devices for a second factor: six digits that follow from a seed and the time (RFC 6238).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::protocol {

/// A code is shown for 30 seconds, which is one step.
std::int64_t totp_step(runtime::Time time);

std::string totp_code(std::string_view seed, std::int64_t step);

/// The step near `now`, and later than `after`, at which the device shows the code; nothing where
/// there is none. Clocks of devices are a little wrong.
std::optional<std::int64_t> find_totp_step(std::string_view seed, std::string_view code,
                                           runtime::Time now, std::int64_t after);

/// RFC 4648, without padding.
std::string base32_encode(std::string_view bytes);
/// Nothing where the text is none.
std::optional<std::string> base32_decode(std::string_view text);

}  // namespace matinee::protocol
