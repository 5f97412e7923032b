#include "protocol/json_reader.h"

#include <cmath>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "protocol/base64.h"
#include "protocol/error.h"
#include "protocol/utf8.h"

namespace matinee::protocol::json {
namespace {

/// The end of the run of plain characters from `text` on: its closing quote or a backslash. Strings
/// are known to be closed, and simdjson's padding allows to read past the end.
const char* find_special(const char* text) {
#if defined(__SSE2__)
  for (;; text += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    if (found) return text + __builtin_ctz(static_cast<unsigned>(found));
  }
#else
  while (*text != '"' && *text != '\\') ++text;
  return text;
#endif
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The four digits after "\u"; a string's closing quote ends the search for them.
char32_t read_code_unit(const char*& text) {
  char32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(*text);
    if (digit < 0) refuse_malformed(simdjson::STRING_ERROR);
    unit = unit << 4 | static_cast<char32_t>(digit);
    ++text;
  }
  return unit;
}

char32_t read_unicode_escape(const char*& text) {
  const char32_t unit = read_code_unit(text);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || text[0] != '\\' || text[1] != 'u') refuse_malformed(simdjson::STRING_ERROR);
  text += 2;
  const char32_t low = read_code_unit(text);
  if (low < 0xdc00 || low > 0xdfff) refuse_malformed(simdjson::STRING_ERROR);
  return 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
}

/// `text` stands after a backslash, and afterwards after the escape.
void append_escaped(std::string& out, const char*& text) {
  switch (*text++) {
    case '"':
      out += '"';
      return;
    case '\\':
      out += '\\';
      return;
    case '/':
      out += '/';
      return;
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'u':
      return append_character(out, read_unicode_escape(text));
    default:
      refuse_malformed(simdjson::STRING_ERROR);
  }
}

void unescape(const char* text, std::string& out) {
  const char* end = find_special(text);
  out = std::string(text, end);
  while (*end != '"') {
    text = end + 1;
    append_escaped(out, text);
    end = find_special(text);
    out.append(text, end);
  }
}

}  // namespace

void refuse(std::string message) {
  throw ServiceError("SerializationException", 400, std::move(message));
}

void refuse_malformed(simdjson::error_code error) {
  refuse(std::string("Could not parse request body into json: ") + simdjson::error_message(error));
}

void refuse_conversion(Value& value, std::string_view wanted) {
  using Type = simdjson::ondemand::json_type;
  Type type;
  check(value.type().get(type));
  if (type == Type::object || type == Type::array)
    refuse("Start of structure or map found where not expected.");
  if (wanted == "list" || wanted == "structure" || wanted == "map") refuse("Unexpected field type");
  std::string_view found = "NULL_VALUE";
  if (type == Type::string) found = "STRING_VALUE";
  if (type == Type::number) found = "NUMBER_VALUE";
  if (type == Type::boolean) {
    bool truth = false;
    check(value.get_bool().get(truth));
    found = truth ? "TRUE_VALUE" : "FALSE_VALUE";
  }
  refuse(std::string(found) + " cannot be converted to " + std::string(wanted));
}

std::string read_key(Key key) {
  std::string text;
  unescape(key.raw(), text);
  return text;
}

void read_string(Value& value, std::string& out) {
  Key raw;
  if (value.get_raw_json_string().get(raw)) refuse_conversion(value, "String");
  unescape(raw.raw(), out);
}

std::int64_t read_integer(Value& value) {
  std::int64_t integer = 0;
  if (!value.get_int64().get(integer)) [[likely]]
    return integer;
  double number = 0;
  if (value.get_double().get(number)) refuse_conversion(value, "Integer");
  // The bounds are the doubles next to the range's; 2^63 itself does not fit.
  if (number != std::floor(number) || number < -9223372036854775808.0 ||
      number >= 9223372036854775808.0)
    refuse("NUMBER_VALUE cannot be converted to Integer");
  return static_cast<std::int64_t>(number);
}

bool read_boolean(Value& value) {
  bool truth = false;
  if (value.get_bool().get(truth)) refuse_conversion(value, "Boolean");
  return truth;
}

double read_number(Value& value) {
  double number = 0;
  if (!value.get_double().get(number)) [[likely]]
    return number;
  Key raw;
  if (value.get_raw_json_string().get(raw)) refuse_conversion(value, "Double");
  if (key_is(raw, "NaN")) return std::numeric_limits<double>::quiet_NaN();
  if (key_is(raw, "Infinity")) return std::numeric_limits<double>::infinity();
  if (key_is(raw, "-Infinity")) return -std::numeric_limits<double>::infinity();
  refuse("STRING_VALUE cannot be converted to Double");
}

void read_blob(Value& value, std::string& out) {
  thread_local std::string text;
  Key raw;
  if (value.get_raw_json_string().get(raw)) refuse_conversion(value, "ByteBuffer");
  unescape(raw.raw(), text);
  auto bytes = base64_decode(text);
  if (!bytes) refuse("STRING_VALUE cannot be converted to ByteBuffer: invalid base64");
  out = std::move(*bytes);
}

}  // namespace matinee::protocol::json
