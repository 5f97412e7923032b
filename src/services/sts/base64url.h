// base64url without padding, as in JSON web tokens.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/base64.h"

namespace matinee::sts {

inline std::optional<std::string> decode_base64url(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return protocol::base64_decode(plain);
}

}  // namespace matinee::sts
