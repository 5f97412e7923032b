// The ids of access keys, long-term and temporary. Like AWS's they tell the account that a key
// belongs to, so that nobody has to look it up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/random.h"

namespace matinee::services {

inline constexpr std::string_view long_term_key_prefix = "AKIA";
inline constexpr std::string_view temporary_key_prefix = "ASIA";

/// A key of 20 letters and digits of that account, which has 12 digits, such as nobody has had
/// before.
std::string make_access_key_id(std::string_view prefix, std::string_view account,
                               runtime::Random& random);

/// The account that an id tells, long-term or temporary; nothing where it is of another form.
std::optional<std::string> account_of_access_key_id(std::string_view id);

}  // namespace matinee::services
