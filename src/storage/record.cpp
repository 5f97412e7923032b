#include "storage/record.h"

#include <array>

namespace matinee::storage {

void Writer::fixed64(std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
}

void Writer::end_block(std::size_t start) {
  std::size_t length = out_.size() - start;
  if (length < 0x80) {
    out_[start - 1] = static_cast<char>(length);
    return;
  }
  // Most blocks are short; a longer one moves up to make room for the rest of its length.
  std::array<char, 10> bytes{};
  std::size_t count = 0;
  for (; length >= 0x80; length >>= 7) bytes[count++] = static_cast<char>(length | 0x80);
  bytes[count++] = static_cast<char>(length);
  out_[start - 1] = bytes[0];
  out_.insert(start, bytes.data() + 1, count - 1);
}

std::uint64_t Reader::long_varint(std::uint8_t first) {
  std::uint64_t value = first & 0x7f;
  for (int shift = 7; shift < 64; shift += 7) {
    std::uint8_t next = byte();
    value |= std::uint64_t{next & 0x7fu} << shift;
    if (next < 0x80) return value;
  }
  fail();
}

std::uint64_t Reader::fixed64() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
  return value;
}

std::string_view Reader::bytes() {
  std::uint64_t length = varint();
  if (length > in_.size()) fail();
  std::string_view value = in_.substr(0, length);
  in_.remove_prefix(length);
  return value;
}

void Reader::skip(Wire wire) {
  switch (wire) {
    case Wire::varint:
      varint();
      return;
    case Wire::fixed64:
      fixed64();
      return;
    case Wire::block:
      bytes();
      return;
  }
  fail();
}

void Reader::fail() {
  throw DamagedRecord("a stored record is damaged");
}

}  // namespace matinee::storage
