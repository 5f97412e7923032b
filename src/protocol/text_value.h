// Single values as text, the way headers, query strings, forms and XML elements hold them.
#pragma once

#include <string>
#include <string_view>

#include "protocol/shape.h"

namespace matinee::protocol {

/// Whether values of this type are text of their own: no structure, list, map or stream.
bool is_scalar(const Type& type);

/// The format of a timestamp member: its own, else its shape's, else that of the place it is in.
TimestampFormat timestamp_format(const Field& field, TimestampFormat otherwise);

/// Reads a scalar; false where `text` is no value of the type. Integers must be in range, booleans
/// `true` or `false`, blobs base64. Timestamps are read in every form.
bool parse_text(const Type& type, std::string_view text, void* value);

/// Appends a scalar. `format` counts for timestamps only; ISO 8601 has milliseconds.
void append_text(std::string& out, const Type& type, TimestampFormat format, const void* value);

}  // namespace matinee::protocol
