// Records as bytes. A record is a struct that names its fields once, with numbers that never
// change:
//
//   struct QueueRecord {
//     std::string name;
//     std::optional<runtime::Time> purged_at;
//     static constexpr auto fields = std::tuple{storage::field<1>(&QueueRecord::name),
//                                               storage::field<2>(&QueueRecord::purged_at)};
//   };
//
// A field that the reading program does not know is skipped, and one that the bytes do not have
// keeps its initial value: so a newer program reads an older directory and the other way round.
// Numbers of fields that are gone must not be used again.
//
// A field is a bool, an integer, an enumeration, a double, a string, a Time, a duration, another
// record, or an optional, vector, set, pair or map of those. Any other type joins by two functions
// in its own namespace, which write and read its payload:
//
//   void encode_record(storage::Writer& out, const AttributeValue& value);
//   void decode_record(storage::Reader& in, AttributeValue& value);
//
// Bytes: a version, then the value. A field is a varint of number * 4 + Wire, and its value.
#pragma once

#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/clock.h"

namespace matinee::storage {

/// Stored bytes that this program did not write.
class DamagedRecord : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How long a value is, for those who do not know its type.
enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, block = 2 };

/// Appends values to a string.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_varint(std::int64_t value) {
    varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void fixed64(std::uint64_t value);
  /// With its length in front.
  void bytes(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  /// A block of bytes whose length is known only at its end: give end_block what begin_block gave.
  std::size_t begin_block() {
    byte(0);
    return out_.size();
  }
  void end_block(std::size_t start);

 private:
  std::string& out_;
};

/// Takes values off the front of some bytes, which must outlive it. Throws DamagedRecord.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  bool at_end() const { return in_.empty(); }
  std::size_t remaining() const { return in_.size(); }
  std::uint8_t byte() {
    if (in_.empty()) fail();
    auto value = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint8_t first = byte();
    return first < 0x80 ? first : long_varint(first);
  }
  std::int64_t signed_varint() {
    std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  std::uint64_t fixed64();
  /// What Writer::bytes or a block wrote.
  std::string_view bytes();
  Reader block() { return Reader(bytes()); }
  void skip(Wire wire);

 private:
  [[noreturn]] static void fail();
  std::uint64_t long_varint(std::uint8_t first);

  std::string_view in_;
};

template <std::uint32_t number, class Record, class T>
struct Field {
  T Record::* member;
};

/// One entry of a record's `fields`.
template <std::uint32_t number, class Record, class T>
constexpr Field<number, Record, T> field(T Record::* member) {
  static_assert(number > 0);
  return {member};
}

template <class T>
concept RecordStruct = requires { T::fields; };

template <class T>
concept ForeignRecord = requires(Writer& out, Reader& in, const T& source, T& target) {
  encode_record(out, source);
  decode_record(in, target);
};

/// How a type is written. `write` of a type whose wire is `block` writes the content of the block.
template <class T>
struct Codec;

template <class T>
void write_value(Writer& out, const T& value) {
  if constexpr (Codec<T>::wire == Wire::block) {
    std::size_t start = out.begin_block();
    Codec<T>::write(out, value);
    out.end_block(start);
  } else {
    Codec<T>::write(out, value);
  }
}

template <class T>
void read_value(Reader& in, T& value) {
  if constexpr (Codec<T>::wire == Wire::block) {
    Reader block = in.block();
    Codec<T>::read(block, value);
  } else {
    Codec<T>::read(in, value);
  }
}

template <>
struct Codec<bool> {
  static constexpr Wire wire = Wire::varint;
  static void write(Writer& out, bool value) { out.byte(value ? 1 : 0); }
  static void read(Reader& in, bool& value) { value = in.varint() != 0; }
};

template <std::integral T>
  requires(!std::same_as<T, bool>)
struct Codec<T> {
  static constexpr Wire wire = Wire::varint;
  static void write(Writer& out, T value) {
    if constexpr (std::signed_integral<T>) {
      out.signed_varint(value);
    } else {
      out.varint(value);
    }
  }
  static void read(Reader& in, T& value) {
    if constexpr (std::signed_integral<T>) {
      assign(in.signed_varint(), value);
    } else {
      assign(in.varint(), value);
    }
  }

 private:
  static void assign(auto number, T& value) {
    if (!std::in_range<T>(number)) throw DamagedRecord("a stored number is out of range");
    value = static_cast<T>(number);
  }
};

template <class T>
  requires std::is_enum_v<T>
struct Codec<T> {
  using Number = std::underlying_type_t<T>;
  static constexpr Wire wire = Wire::varint;
  static void write(Writer& out, T value) { Codec<Number>::write(out, static_cast<Number>(value)); }
  static void read(Reader& in, T& value) {
    Number number{};
    Codec<Number>::read(in, number);
    value = static_cast<T>(number);
  }
};

template <>
struct Codec<double> {
  static constexpr Wire wire = Wire::fixed64;
  static void write(Writer& out, double value) { out.fixed64(std::bit_cast<std::uint64_t>(value)); }
  static void read(Reader& in, double& value) { value = std::bit_cast<double>(in.fixed64()); }
};

template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static constexpr Wire wire = Wire::varint;
  static void write(Writer& out, std::chrono::duration<Rep, Period> value) {
    out.signed_varint(value.count());
  }
  static void read(Reader& in, std::chrono::duration<Rep, Period>& value) {
    value = std::chrono::duration<Rep, Period>(in.signed_varint());
  }
};

template <class Clock, class Duration>
struct Codec<std::chrono::time_point<Clock, Duration>> {
  static constexpr Wire wire = Wire::varint;
  static void write(Writer& out, std::chrono::time_point<Clock, Duration> value) {
    out.signed_varint(value.time_since_epoch().count());
  }
  static void read(Reader& in, std::chrono::time_point<Clock, Duration>& value) {
    value = std::chrono::time_point<Clock, Duration>(Duration(in.signed_varint()));
  }
};

/// A sequence whose block is the bytes themselves.
template <class T>
struct BytesCodec {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const T& value) {
    for (auto element : value) out.byte(static_cast<std::uint8_t>(element));
  }
  static void read(Reader& in, T& value) {
    value.clear();
    value.reserve(in.remaining());
    while (!in.at_end()) value.push_back(in.byte());
  }
};

template <>
struct Codec<std::vector<std::uint8_t>> : BytesCodec<std::vector<std::uint8_t>> {};

template <>
struct Codec<std::string> {
  static constexpr Wire wire = Wire::block;
};

template <>
inline void write_value(Writer& out, const std::string& value) {
  out.bytes(value);
}

template <>
inline void read_value(Reader& in, std::string& value) {
  value = in.bytes();
}

/// Nothing, or the value: inside of containers. A field without a value is simply not written.
template <class T>
struct Codec<std::optional<T>> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const std::optional<T>& value) {
    if (value) write_value(out, *value);
  }
  static void read(Reader& in, std::optional<T>& value) {
    value.reset();
    if (!in.at_end()) read_value(in, value.emplace());
  }
};

template <class First, class Second>
struct Codec<std::pair<First, Second>> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const std::pair<First, Second>& value) {
    write_value(out, value.first);
    write_value(out, value.second);
  }
  static void read(Reader& in, std::pair<First, Second>& value) {
    read_value(in, value.first);
    read_value(in, value.second);
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const std::vector<T>& values) {
    for (const T& value : values) write_value(out, value);
  }
  static void read(Reader& in, std::vector<T>& values) {
    values.clear();
    while (!in.at_end()) {
      T value{};
      read_value(in, value);
      values.push_back(std::move(value));
    }
  }
};

template <class T, class Compare>
struct Codec<std::set<T, Compare>> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const std::set<T, Compare>& values) {
    for (const T& value : values) write_value(out, value);
  }
  static void read(Reader& in, std::set<T, Compare>& values) {
    values.clear();
    while (!in.at_end()) {
      T value{};
      read_value(in, value);
      values.emplace_hint(values.end(), std::move(value));
    }
  }
};

template <class Key, class T, class Compare>
struct Codec<std::map<Key, T, Compare>> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const std::map<Key, T, Compare>& values) {
    for (const auto& [key, value] : values) {
      write_value(out, key);
      write_value(out, value);
    }
  }
  static void read(Reader& in, std::map<Key, T, Compare>& values) {
    values.clear();
    while (!in.at_end()) {
      Key key{};
      read_value(in, key);
      read_value(in, values.emplace_hint(values.end(), std::move(key), T{})->second);
    }
  }
};

template <ForeignRecord T>
struct Codec<T> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const T& value) { encode_record(out, value); }
  static void read(Reader& in, T& value) { decode_record(in, value); }
};

template <RecordStruct T>
  requires(!ForeignRecord<T>)
struct Codec<T> {
  static constexpr Wire wire = Wire::block;

  static void write(Writer& out, const T& record) {
    std::apply([&](auto... field) { (write_field(out, record, field), ...); }, T::fields);
  }

  static void read(Reader& in, T& record) {
    while (!in.at_end()) {
      std::uint64_t tag = in.varint();
      bool known = std::apply(
          [&](auto... field) { return (read_field(in, record, tag, field) || ...); }, T::fields);
      if (!known) in.skip(static_cast<Wire>(tag & 3));
    }
  }

 private:
  template <class M>
  static constexpr Wire wire_of = Codec<M>::wire;
  template <class M>
  static constexpr Wire wire_of<std::optional<M>> = Codec<M>::wire;

  template <std::uint32_t number, class M>
  static void write_field(Writer& out, const T& record, Field<number, T, M> field) {
    const M& value = record.*field.member;
    constexpr std::uint64_t tag = std::uint64_t{number} << 2 | std::to_underlying(wire_of<M>);
    if constexpr (is_optional<M>) {
      if (!value) return;
      out.varint(tag);
      write_value(out, *value);
    } else {
      out.varint(tag);
      write_value(out, value);
    }
  }

  template <std::uint32_t number, class M>
  static bool read_field(Reader& in, T& record, std::uint64_t tag, Field<number, T, M> field) {
    if (tag >> 2 != number) return false;
    if ((tag & 3) != std::to_underlying(wire_of<M>)) {
      throw DamagedRecord("a stored field has another type");
    }
    M& value = record.*field.member;
    if constexpr (is_optional<M>) {
      read_value(in, value.emplace());
    } else {
      read_value(in, value);
    }
    return true;
  }

  template <class M>
  static constexpr bool is_optional = false;
  template <class M>
  static constexpr bool is_optional<std::optional<M>> = true;
};

/// The version of the layout described above.
constexpr std::uint8_t record_format_version = 1;

/// Appends a whole record.
template <class T>
void encode_record_bytes(std::string& out, const T& record) {
  Writer writer(out);
  writer.byte(record_format_version);
  write_value(writer, record);
}

/// Throws DamagedRecord.
template <class T>
T decode_record_bytes(std::string_view bytes) {
  Reader in(bytes);
  if (in.byte() != record_format_version) throw DamagedRecord("a record of an unknown format");
  T record{};
  read_value(in, record);
  if (!in.at_end()) throw DamagedRecord("a record is longer than its content");
  return record;
}

}  // namespace matinee::storage
