#include "protocol/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "protocol/base64.h"
#include "protocol/timestamps.h"

namespace matinee::protocol::json {
namespace {

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// How many characters from the front can be copied as they are.
std::size_t plain_prefix(const char* text, std::size_t size) {
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= size; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls));
    if (found) return i + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#endif
  while (i < size && !needs_escape(text[i])) ++i;
  return i;
}

void append_escape(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    default:
      out += "u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
  }
}

template <class T>
void append_floating(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end.ptr);
  }
}

/// Members that may have a fraction are written with one: AWS answers 30.0, not 30.
template <class T>
void append_fraction(std::string& out, T value) {
  const std::size_t start = out.size();
  append_floating(out, value);
  if (out.find_first_not_of("-0123456789", start) == std::string::npos) out += ".0";
}

void append_time(std::string& out, TimestampFormat format, Timestamp time) {
  const bool is_text = format == TimestampFormat::iso8601 || format == TimestampFormat::rfc822;
  if (is_text) out += '"';
  append_timestamp(out, format, time);
  if (is_text) out += '"';
}

void append_list(std::string& out, const Type& type, const void* list) {
  out += '[';
  const std::size_t size = type.list->size(list);
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    append_value(out, *type.element, type.list->at(list, i));
  }
  out += ']';
}

bool is_empty_list(const Type& type, const void* value) {
  return type.kind == Kind::list && type.list->size(value) == 0;
}

void append_map(std::string& out, const Type& type, const void* map) {
  struct Visit {
    std::string& out;
    const Type& type;
    bool first = true;
  } visit{out, type};
  out += '{';
  type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
    auto& self = *static_cast<Visit*>(context);
    if (!self.first) self.out += ',';
    self.first = false;
    append_string(self.out, key);
    self.out += ':';
    append_value(self.out, *self.type.element, value);
  });
  out += '}';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text.data(), text.size());
    out.append(text.data(), plain);
    if (plain == text.size()) break;
    append_escape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name) {
  const std::size_t start = out.size();
  out.resize(start + name.size() + 3);
  char* to = out.data() + start;
  *to = '"';
  std::memcpy(to + 1, name.data(), name.size());
  to[name.size() + 1] = '"';
  to[name.size() + 2] = ':';
}

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

void append_number(std::string& out, double value) {
  append_floating(out, value);
}
void append_number(std::string& out, float value) {
  append_floating(out, value);
}

void append_blob(std::string& out, std::string_view bytes) {
  out += '"';
  base64_encode(bytes, out);
  out += '"';
}

void append_structure(std::string& out, const Structure& structure, const void* object,
                      EmptyLists empty_lists) {
  out += '{';
  bool first = true;
  for (const Field& field : structure.fields) {
    const void* value = field.find(object);
    if (!value) continue;
    if (empty_lists == EmptyLists::left_out && is_empty_list(*field.type, value)) continue;
    if (!first) out += ',';
    first = false;
    append_member(out, field.name);
    if (field.type->kind == Kind::timestamp && field.timestamp != TimestampFormat::protocol_default)
      append_time(out, field.timestamp, *static_cast<const Timestamp*>(value));
    else
      append_value(out, *field.type, value);
  }
  out += '}';
}

void append_value(std::string& out, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::integer:
      return append_integer(out, *static_cast<const std::int32_t*>(value));
    case Kind::long_integer:
      return append_integer(out, *static_cast<const std::int64_t*>(value));
    case Kind::single:
      return append_fraction(out, *static_cast<const float*>(value));
    case Kind::floating:
      return append_fraction(out, *static_cast<const double*>(value));
    case Kind::string:
      return append_string(out, *static_cast<const std::string*>(value));
    case Kind::blob:
      return append_blob(out, static_cast<const Blob*>(value)->bytes);
    case Kind::timestamp:
      return append_time(out, type.timestamp, *static_cast<const Timestamp*>(value));
    case Kind::structure:
      return append_structure(out, *type.structure, value);
    case Kind::list:
      return append_list(out, type, value);
    case Kind::map:
      return append_map(out, type, value);
    case Kind::native:
      return type.native->write_json(value, out);
    case Kind::stream:
      return;
  }
}

}  // namespace matinee::protocol::json
