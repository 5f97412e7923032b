#include "protocol/text_value.h"

#include <charconv>

#include "protocol/base64.h"
#include "protocol/timestamps.h"

namespace matinee::protocol {
namespace {

template <class T>
bool parse_number(std::string_view text, void* value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  *static_cast<T*>(value) = number;
  return true;
}

template <class T>
void append_number(std::string& out, const void* value) {
  std::array<char, 32> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), *static_cast<const T*>(value));
  out.append(digits.data(), end.ptr);
}

bool parse_boolean(std::string_view text, bool& value) {
  if (text == "true" || text == "True" || text == "TRUE") {
    value = true;
  } else if (text == "false" || text == "False" || text == "FALSE") {
    value = false;
  } else {
    return false;
  }
  return true;
}

/// The value of the enumeration that the text is in other letters; the text itself where it is
/// none.
std::string_view as_enumerated(const Type& type, std::string_view text) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  for (const std::string_view value : type.values)
    if (std::ranges::equal(value, text, {}, lower, lower)) return value;
  return text;
}

}  // namespace

bool is_scalar(const Type& type) {
  switch (type.kind) {
    case Kind::structure:
    case Kind::list:
    case Kind::map:
    case Kind::stream:
    case Kind::native:
      return false;
    default:
      return true;
  }
}

TimestampFormat timestamp_format(const Field& field, TimestampFormat otherwise) {
  if (field.timestamp != TimestampFormat::protocol_default) return field.timestamp;
  if (field.type->timestamp != TimestampFormat::protocol_default) return field.type->timestamp;
  return otherwise;
}

bool parse_text(const Type& type, std::string_view text, void* value) {
  switch (type.kind) {
    case Kind::string:
      static_cast<std::string*>(value)->assign(type.ignores_case ? as_enumerated(type, text)
                                                                 : text);
      return true;
    case Kind::boolean:
      return parse_boolean(text, *static_cast<bool*>(value));
    case Kind::integer:
      return parse_number<std::int32_t>(text, value);
    case Kind::long_integer:
      return parse_number<std::int64_t>(text, value);
    case Kind::single:
      return parse_number<float>(text, value);
    case Kind::floating:
      return parse_number<double>(text, value);
    case Kind::blob: {
      auto bytes = base64_decode(text);
      if (bytes) static_cast<Blob*>(value)->bytes = std::move(*bytes);
      return bytes.has_value();
    }
    case Kind::timestamp: {
      const auto time = parse_timestamp(text);
      if (time) *static_cast<Timestamp*>(value) = *time;
      return time.has_value();
    }
    default:
      return false;
  }
}

void append_text(std::string& out, const Type& type, TimestampFormat format, const void* value) {
  switch (type.kind) {
    case Kind::string:
      out += *static_cast<const std::string*>(value);
      return;
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::integer:
      return append_number<std::int32_t>(out, value);
    case Kind::long_integer:
      return append_number<std::int64_t>(out, value);
    case Kind::single:
      return append_number<float>(out, value);
    case Kind::floating:
      return append_number<double>(out, value);
    case Kind::blob:
      return base64_encode(static_cast<const Blob*>(value)->bytes, out);
    case Kind::timestamp: {
      const Timestamp time = *static_cast<const Timestamp*>(value);
      if (format == TimestampFormat::iso8601) return append_iso8601_milliseconds(out, time);
      return append_timestamp(out, format, time);
    }
    default:
      return;
  }
}

}  // namespace matinee::protocol
