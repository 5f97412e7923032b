// Base64 as RFC 4648 has it, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::protocol {

std::string base64_encode(std::string_view bytes);
/// Appends instead of making a new string.
void base64_encode(std::string_view bytes, std::string& out);

/// The bytes; nothing where `text` has a length that is no multiple of four, other characters than
/// the alphabet's, or padding elsewhere than at its end.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace matinee::protocol
