// Appends JSON to a string. What the codec of the tables is made of, and hand-written JSON types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/shape.h"

namespace matinee::protocol::json {

/// In quotes and escaped. `text` must be UTF-8; it is copied as it is but for quotes, backslashes
/// and control characters.
void append_string(std::string& out, std::string_view text);
/// `"name":`. The name is an identifier of a model and is not escaped.
void append_member(std::string& out, std::string_view name);
void append_integer(std::string& out, std::int64_t value);
/// With the fewest digits that read back as the same value; "NaN" and "Infinity" as strings.
void append_number(std::string& out, double value);
void append_number(std::string& out, float value);
/// As base64, in quotes.
void append_blob(std::string& out, std::string_view bytes);

/// Whether members that are empty lists are written.
enum class EmptyLists : std::uint8_t { kept, left_out };

/// A structure by its table, absent members left out, and as told its own lists without elements.
void append_structure(std::string& out, const Structure& structure, const void* object,
                      EmptyLists empty_lists = EmptyLists::kept);
/// A value of any type but Kind::stream.
void append_value(std::string& out, const Type& type, const void* value);

}  // namespace matinee::protocol::json
