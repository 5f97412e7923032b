// Header values outside of ASCII, as S3 has them: user metadata travels as the encoded words of
// RFC 2047 ("=?UTF-8?Q?caf=C3=A9?="), and what clients ask to have in a reply as ISO-8859-1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::s3 {

/// As UTF-8: encoded words in UTF-8, US-ASCII or ISO-8859-1 are decoded, and what is malformed
/// stays as it is; bytes that are no UTF-8 are taken for ISO-8859-1.
std::string decode_header_text(std::string_view value);

/// Printing ASCII stays as it is; anything else becomes one encoded word.
std::string encode_header_text(std::string_view utf8);

/// Nothing where ISO-8859-1 does not have a character, or the text is no UTF-8.
std::optional<std::string> to_latin1(std::string_view utf8);

}  // namespace matinee::s3
