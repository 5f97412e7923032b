#include <bit>

#include "protocol/cbor.h"
#include "protocol/cbor_items.h"

namespace matinee::protocol::cbor {
namespace {

constexpr char indefinite_array = '\x9f';
constexpr char indefinite_map = '\xbf';
constexpr char end_mark = '\xff';

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

/// With as few bytes as the number needs.
void append_head(std::string& out, Major major, std::uint64_t argument) {
  const auto type = static_cast<unsigned>(major) << 5;
  const auto with_width = [&](unsigned info, int bytes) {
    out += static_cast<char>(type | info);
    append_big_endian(out, argument, bytes);
  };
  if (argument < 24)
    out += static_cast<char>(type | static_cast<unsigned>(argument));
  else if (argument <= 0xff)
    with_width(24, 1);
  else if (argument <= 0xffff)
    with_width(25, 2);
  else if (argument <= 0xffff'ffff)
    with_width(26, 4);
  else
    with_width(27, 8);
}

void append_integer(std::string& out, std::int64_t value) {
  if (value >= 0)
    append_head(out, Major::positive, static_cast<std::uint64_t>(value));
  else
    append_head(out, Major::negative, static_cast<std::uint64_t>(-1 - value));
}

void append_double(std::string& out, double value) {
  out += '\xfb';
  append_big_endian(out, std::bit_cast<std::uint64_t>(value), 8);
}

void append_float(std::string& out, float value) {
  out += '\xfa';
  append_big_endian(out, std::bit_cast<std::uint32_t>(value), 4);
}

void append_time(std::string& out, Timestamp time) {
  append_head(out, Major::tag, 1);
  append_double(out, static_cast<double>(time.time_since_epoch().count()) / 1e6);
}

void append_value(std::string& out, const Type& type, const void* value);

void append_list(std::string& out, const Type& type, const void* list) {
  out += indefinite_array;
  const std::size_t size = type.list->size(list);
  for (std::size_t i = 0; i < size; ++i) append_value(out, *type.element, type.list->at(list, i));
  out += end_mark;
}

void append_map(std::string& out, const Type& type, const void* map) {
  struct Visit {
    std::string& out;
    const Type& type;
  } visit{out, type};
  out += indefinite_map;
  type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
    auto& self = *static_cast<Visit*>(context);
    append_text(self.out, key);
    append_value(self.out, *self.type.element, value);
  });
  out += end_mark;
}

void append_value(std::string& out, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? '\xf5' : '\xf4';
      return;
    case Kind::integer:
      return append_integer(out, *static_cast<const std::int32_t*>(value));
    case Kind::long_integer:
      return append_integer(out, *static_cast<const std::int64_t*>(value));
    case Kind::single:
      return append_float(out, *static_cast<const float*>(value));
    case Kind::floating:
      return append_double(out, *static_cast<const double*>(value));
    case Kind::string:
      return append_text(out, *static_cast<const std::string*>(value));
    case Kind::blob: {
      const std::string& bytes = static_cast<const Blob*>(value)->bytes;
      append_head(out, Major::bytes, bytes.size());
      out += bytes;
      return;
    }
    case Kind::timestamp:
      return append_time(out, *static_cast<const Timestamp*>(value));
    case Kind::structure:
      return append_structure(out, *type.structure, value);
    case Kind::list:
      return append_list(out, type, value);
    case Kind::map:
      return append_map(out, type, value);
    case Kind::native:  // exists in JSON protocols only
    case Kind::stream:
      out += '\xf6';
      return;
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  append_head(out, Major::text, text.size());
  out += text;
}

void append_map_start(std::string& out) {
  out += indefinite_map;
}

void append_break(std::string& out) {
  out += end_mark;
}

void append_members(std::string& out, const Structure& structure, const void* object) {
  for (const Field& field : structure.fields) {
    const void* value = field.find(object);
    if (!value) continue;
    append_text(out, field.name);
    append_value(out, *field.type, value);
  }
}

void append_structure(std::string& out, const Structure& structure, const void* object) {
  append_map_start(out);
  append_members(out, structure, object);
  append_break(out);
}

}  // namespace matinee::protocol::cbor
