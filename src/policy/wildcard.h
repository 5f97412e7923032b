// The wildcards of policies: * for any text, ? for one byte; and values that are not patterns but
// stand inside of one, because a variable was replaced by them.
#pragma once

#include <string>
#include <string_view>

namespace matinee::policy {

/// Stands before a byte of a pattern that means only itself.
inline constexpr char literal_mark = '\x01';

enum class Case : std::uint8_t { sensitive, insensitive };

/// Whether the whole text is of the pattern. Bytes after a literal_mark stand for themselves.
bool matches_wildcards(std::string_view pattern, std::string_view text,
                       Case letters = Case::sensitive);

/// Appends text to a pattern so that it matches only itself.
void append_literal(std::string& pattern, std::string_view text);

/// Whether a pattern has an effective * or ?.
bool has_wildcards(std::string_view pattern);

bool equals_ignoring_case(std::string_view one, std::string_view other);
std::string to_lower(std::string_view text);

}  // namespace matinee::policy
