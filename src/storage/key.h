// Keys as bytes whose order is the order of the values: tuples compare element by element, strings
// by byte, integers by value. Unlike records, keys have no versions: their layout is for ever.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "runtime/clock.h"
#include "storage/record.h"

namespace matinee::storage {

/// Bytes that are in order already, without an end mark: only as the last element of a key.
struct RawKey {
  std::string bytes;
  auto operator<=>(const RawKey&) const = default;
};

/// Appends the elements of a key.
class KeyWriter {
 public:
  explicit KeyWriter(std::string& out) : out_(out) {}

  void add(bool value) { out_.push_back(value ? '\1' : '\0'); }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  void add(T value) {
    for (int shift = (sizeof(T) - 1) * 8; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
    }
  }
  /// The sign bit is flipped, which puts negative numbers before positive ones.
  template <std::signed_integral T>
  void add(T value) {
    using Unsigned = std::make_unsigned_t<T>;
    add(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ (Unsigned{1} << (sizeof(T) * 8 - 1))));
  }
  template <class T>
    requires std::is_enum_v<T>
  void add(T value) {
    add(static_cast<std::underlying_type_t<T>>(value));
  }
  void add(runtime::Time value) { add(std::int64_t{value.time_since_epoch().count()}); }
  template <std::size_t n>
  void add(const std::array<std::uint8_t, n>& value) {
    for (std::uint8_t byte : value) out_.push_back(static_cast<char>(byte));
  }
  void add(std::string_view value);
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(const char* value) { add(std::string_view(value)); }
  void add(const RawKey& value) { out_.append(value.bytes); }
  template <class... T>
  void add(const std::tuple<T...>& values) {
    std::apply([this](const T&... value) { (add(value), ...); }, values);
  }

 private:
  std::string& out_;
};

/// Takes the elements of a key back out. Throws DamagedRecord.
class KeyReader {
 public:
  explicit KeyReader(std::string_view in) : in_(in) {}

  void read(bool& value) { value = take(1)[0] != '\0'; }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  void read(T& value) {
    value = 0;
    for (char c : take(sizeof(T))) {
      value = static_cast<T>(std::uint64_t{value} << 8 | static_cast<unsigned char>(c));
    }
  }
  template <std::signed_integral T>
  void read(T& value) {
    using Unsigned = std::make_unsigned_t<T>;
    Unsigned bits = 0;
    read(bits);
    value = static_cast<T>(static_cast<Unsigned>(bits ^ (Unsigned{1} << (sizeof(T) * 8 - 1))));
  }
  template <class T>
    requires std::is_enum_v<T>
  void read(T& value) {
    std::underlying_type_t<T> number{};
    read(number);
    value = static_cast<T>(number);
  }
  void read(runtime::Time& value) {
    std::int64_t count = 0;
    read(count);
    value = runtime::Time(runtime::Duration(count));
  }
  template <std::size_t n>
  void read(std::array<std::uint8_t, n>& value) {
    std::size_t i = 0;
    for (char c : take(n)) value[i++] = static_cast<std::uint8_t>(c);
  }
  void read(std::string& value);
  void read(RawKey& value) { value.bytes = take(in_.size()); }
  template <class... T>
  void read(std::tuple<T...>& values) {
    std::apply([this](T&... value) { (read(value), ...); }, values);
  }

  bool at_end() const { return in_.empty(); }

 private:
  std::string_view take(std::size_t length);

  std::string_view in_;
};

template <class Key>
std::string encode_key(const Key& key) {
  std::string out;
  KeyWriter(out).add(key);
  return out;
}

/// Throws DamagedRecord unless `bytes` is exactly one key.
template <class Key>
Key decode_key(std::string_view bytes) {
  Key key{};
  KeyReader reader(bytes);
  reader.read(key);
  if (!reader.at_end()) throw DamagedRecord("a key is longer than its type");
  return key;
}

}  // namespace matinee::storage
