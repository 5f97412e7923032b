// Internet addresses in conditions.
#include <arpa/inet.h>

#include <charconv>

#include "policy/conditions.h"

namespace matinee::policy {

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  IpRange range;
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    range.bytes.assign(bytes.data(), 4);
  else if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
    range.bytes.assign(bytes.data(), 16);
  else
    return std::nullopt;
  const auto most = static_cast<unsigned>(range.bytes.size() * 8);
  range.prefix = most;
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), range.prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || range.prefix > most)
    return std::nullopt;
  return range;
}

bool is_ip_range(std::string_view text) {
  return parse_ip_range(text).has_value();
}

}  // namespace matinee::policy
