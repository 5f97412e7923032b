#include "services/sns/targets.h"

#include <fmt/format.h>

namespace matinee::sns {

std::string target_of(std::string_view protocol, std::string_view endpoint) {
  if (protocol.starts_with("email")) return fmt::format("mailto:{}", endpoint);
  if (protocol == "sms") return fmt::format("sms:{}", endpoint);
  if (protocol == "application") return fmt::format("push:{}", endpoint);
  return std::string(endpoint);
}

}  // namespace matinee::sns
