// Condition elements and policy variables: how requests are compared with them.
#pragma once

#include "policy/evaluate.h"

namespace matinee::policy {

/// Whether one condition holds. `has_variables`: the values may have policy variables.
bool holds(const Condition& condition, const Keys& keys, bool has_variables);

/// A pattern with its variables replaced by what they stand for; nothing where the request has not
/// got one of them, and the variable has no default.
std::optional<std::string> replace_variables(std::string_view pattern, const Keys& keys);

/// Whether the text is an address or a range of them: "10.0.0.0/8", "2001:db8::1".
bool is_ip_range(std::string_view text);
/// The number of leading bits that are fixed, and whether it is IPv4.
struct IpRange {
  std::string bytes;  // 4 or 16
  unsigned prefix = 0;
};
std::optional<IpRange> parse_ip_range(std::string_view text);

}  // namespace matinee::policy
