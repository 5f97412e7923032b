#include "services/iam/qr_code.h"

#define ZLIB_CONST
#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "runtime/assertion.h"

namespace matinee::iam {

namespace {

using Byte = std::uint8_t;

/// How the codewords of a version are cut into blocks, at level L.
struct Blocks {
  int correction;  // codewords a block
  int count;
};
constexpr std::array<Blocks, 20> blocks_of_versions = {
    {{7, 1},  {10, 1}, {15, 1}, {20, 1}, {26, 1}, {18, 2}, {20, 2}, {24, 2}, {30, 2}, {18, 4},
     {20, 4}, {24, 4}, {26, 4}, {30, 4}, {22, 6}, {24, 6}, {28, 6}, {30, 6}, {28, 7}, {28, 8}}};

/// Bits that are no function patterns, by the standard's arithmetic.
int codewords_of(int version) {
  int bits = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const int alignments = version / 7 + 2;
    bits -= (25 * alignments - 10) * alignments - 55;
    if (version >= 7) bits -= 36;
  }
  return bits / 8;
}

int data_codewords_of(int version) {
  const Blocks& blocks = blocks_of_versions[static_cast<std::size_t>(version - 1)];
  return codewords_of(version) - blocks.correction * blocks.count;
}

/// Product in the field of 256 elements that the codes use.
Byte multiply(Byte one, Byte other) {
  unsigned product = 0;
  for (int bit = 7; bit >= 0; --bit) {
    product = product << 1 ^ (product >> 7) * 0x11D;
    product ^= (other >> bit & 1U) * one;
  }
  return static_cast<Byte>(product);
}

/// The Reed-Solomon codewords of a block.
std::vector<Byte> correct(const std::vector<Byte>& data, int count) {
  const auto degree = static_cast<std::size_t>(count);
  std::vector<Byte> divisor(degree, 0);
  divisor.back() = 1;
  Byte root = 1;
  for (std::size_t i = 0; i < degree; ++i) {
    for (std::size_t j = 0; j < degree; ++j) {
      divisor[j] = multiply(divisor[j], root);
      if (j + 1 < degree) divisor[j] ^= divisor[j + 1];
    }
    root = multiply(root, 2);
  }
  std::vector<Byte> rest(degree, 0);
  for (const Byte each : data) {
    const Byte factor = each ^ rest.front();
    rest.erase(rest.begin());
    rest.push_back(0);
    for (std::size_t i = 0; i < degree; ++i) rest[i] ^= multiply(divisor[i], factor);
  }
  return rest;
}

/// The text in byte mode, filled up to what the version holds.
std::vector<Byte> encode(std::string_view text, int version) {
  std::vector<bool> bits;
  const auto append = [&](unsigned value, int length) {
    for (int i = length - 1; i >= 0; --i) bits.push_back((value >> i & 1U) != 0);
  };
  constexpr unsigned byte_mode = 4;
  append(byte_mode, 4);
  append(static_cast<unsigned>(text.size()), version < 10 ? 8 : 16);
  for (const char c : text) append(static_cast<Byte>(c), 8);
  const std::size_t capacity = static_cast<std::size_t>(data_codewords_of(version)) * 8;
  for (int i = 0; i < 4 && bits.size() < capacity; ++i) bits.push_back(false);
  while (bits.size() % 8 != 0) bits.push_back(false);
  for (unsigned filler = 0xEC; bits.size() < capacity; filler ^= 0xEC ^ 0x11) append(filler, 8);
  std::vector<Byte> bytes(bits.size() / 8, 0);
  for (std::size_t i = 0; i < bits.size(); ++i)
    if (bits[i]) bytes[i / 8] = static_cast<Byte>(bytes[i / 8] | 0x80 >> i % 8);
  return bytes;
}

/// Blocks with their corrections, one codeword of each in turn.
std::vector<Byte> interleave(const std::vector<Byte>& data, int version) {
  const Blocks& shape = blocks_of_versions[static_cast<std::size_t>(version - 1)];
  const auto count = static_cast<std::size_t>(shape.count);
  const std::size_t shorter = data.size() / count;
  const std::size_t longer_ones = data.size() % count;
  std::vector<std::vector<Byte>> blocks;
  std::vector<std::vector<Byte>> corrections;
  auto next = data.begin();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = shorter + (i >= count - longer_ones ? 1 : 0);
    blocks.emplace_back(next, next + static_cast<std::ptrdiff_t>(size));
    next += static_cast<std::ptrdiff_t>(size);
    corrections.push_back(correct(blocks.back(), shape.correction));
  }
  std::vector<Byte> result;
  for (std::size_t i = 0; i <= shorter; ++i)
    for (const std::vector<Byte>& block : blocks)
      if (i < block.size()) result.push_back(block[i]);
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.correction); ++i)
    for (const std::vector<Byte>& block : corrections) result.push_back(block[i]);
  return result;
}

/// The square of dark and light modules.
class Square {
 public:
  explicit Square(int version) : version_(version), size_(version * 4 + 17) {
    const auto modules = static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_);
    dark_.resize(modules);
    fixed_.resize(modules);
    draw_patterns();
  }

  int size() const { return size_; }
  bool is_dark(int x, int y) const { return dark_[place(x, y)]; }

  /// In pairs of columns, upwards and downwards in turn, from the right.
  void fill(const std::vector<Byte>& codewords) {
    std::size_t bit = 0;
    for (int right = size_ - 1; right >= 1; right -= 2) {
      if (right == 6) right = 5;  // the timing pattern's column
      for (int step = 0; step < size_; ++step) {
        const bool upward = ((right + 1) & 2) == 0;
        const int y = upward ? size_ - 1 - step : step;
        for (const int x : {right, right - 1}) {
          if (fixed_[place(x, y)]) continue;
          bool value = false;
          if (bit < codewords.size() * 8) {
            value = (codewords[bit / 8] >> (7 - bit % 8) & 1) != 0;
            ++bit;
          }
          // Mask 0.
          dark_[place(x, y)] = value != ((x + y) % 2 == 0);
        }
      }
    }
  }

 private:
  int version_;
  int size_;
  std::vector<bool> dark_;
  std::vector<bool> fixed_;

  std::size_t place(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_) +
           static_cast<std::size_t>(x);
  }
  void set(int x, int y, bool is_dark) {
    if (x < 0 || y < 0 || x >= size_ || y >= size_) return;
    dark_[place(x, y)] = is_dark;
    fixed_[place(x, y)] = true;
  }

  void draw_patterns() {
    for (int i = 0; i < size_; ++i) {
      set(6, i, i % 2 == 0);
      set(i, 6, i % 2 == 0);
    }
    draw_finder(3, 3);
    draw_finder(size_ - 4, 3);
    draw_finder(3, size_ - 4);
    draw_alignments();
    draw_format();
    if (version_ >= 7) draw_version();
  }

  void draw_finder(int center_x, int center_y) {
    for (int dy = -4; dy <= 4; ++dy)
      for (int dx = -4; dx <= 4; ++dx) {
        const int distance = std::max(std::abs(dx), std::abs(dy));
        set(center_x + dx, center_y + dy, distance != 2 && distance != 4);
      }
  }

  void draw_alignments() {
    if (version_ == 1) return;
    const int count = version_ / 7 + 2;
    const int step = (version_ * 4 + count * 2 + 1) / (count * 2 - 2) * 2;
    std::vector<int> positions{6};
    for (int i = count - 2; i >= 0; --i) positions.push_back(size_ - 7 - i * step);
    for (const int x : positions)
      for (const int y : positions) {
        const bool at_finder = (x == 6 && y == 6) || (x == 6 && y == positions.back()) ||
                               (x == positions.back() && y == 6);
        if (at_finder) continue;
        for (int dy = -2; dy <= 2; ++dy)
          for (int dx = -2; dx <= 2; ++dx)
            set(x + dx, y + dy, std::max(std::abs(dx), std::abs(dy)) != 1);
      }
  }

  /// Level L and mask 0, with their own error correction, in two places.
  void draw_format() {
    constexpr unsigned data = 1U << 3;
    unsigned rest = data;
    for (int i = 0; i < 10; ++i) rest = rest << 1 ^ (rest >> 9) * 0x537;
    const unsigned bits = (data << 10 | rest) ^ 0x5412;
    const auto bit = [&](int i) { return (bits >> i & 1U) != 0; };
    for (int i = 0; i <= 5; ++i) set(8, i, bit(i));
    set(8, 7, bit(6));
    set(8, 8, bit(7));
    set(7, 8, bit(8));
    for (int i = 9; i < 15; ++i) set(14 - i, 8, bit(i));
    for (int i = 0; i < 8; ++i) set(size_ - 1 - i, 8, bit(i));
    for (int i = 8; i < 15; ++i) set(8, size_ - 15 + i, bit(i));
    set(8, size_ - 8, true);
  }

  void draw_version() {
    auto rest = static_cast<unsigned>(version_);
    for (int i = 0; i < 12; ++i) rest = rest << 1 ^ (rest >> 11) * 0x1F25;
    const unsigned bits = static_cast<unsigned>(version_) << 12 | rest;
    for (int i = 0; i < 18; ++i) {
      const bool is_dark = (bits >> i & 1U) != 0;
      const int far = size_ - 11 + i % 3;
      set(far, i / 3, is_dark);
      set(i / 3, far, is_dark);
    }
  }
};

void append_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

void append_chunk(std::string& png, std::string_view type, std::string_view content) {
  append_number(png, static_cast<std::uint32_t>(content.size()));
  const std::string body = std::string(type).append(content);
  png += body;
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  append_number(png, static_cast<std::uint32_t>(sum));
}

/// One bit a pixel, four pixels a module, and the quiet zone of four modules around.
std::string draw(const Square& square) {
  constexpr int scale = 4;
  constexpr int quiet = 4;
  const int pixels = (square.size() + 2 * quiet) * scale;
  std::string rows;
  for (int y = 0; y < pixels; ++y) {
    rows += '\0';  // not filtered
    std::string row(static_cast<std::size_t>((pixels + 7) / 8), '\xFF');
    for (int x = 0; x < pixels; ++x) {
      const int column = x / scale - quiet;
      const int line = y / scale - quiet;
      if (column < 0 || line < 0 || column >= square.size() || line >= square.size()) continue;
      char& byte = row[static_cast<std::size_t>(x / 8)];
      if (square.is_dark(column, line)) byte = static_cast<char>(byte & ~(0x80 >> x % 8));
    }
    rows += row;
  }
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  const int state =
      compress(reinterpret_cast<Bytef*>(packed.data()), &size,
               reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
  runtime::expect(state == Z_OK, "there is memory to compress a picture in");
  packed.resize(size);
  std::string header;
  append_number(header, static_cast<std::uint32_t>(pixels));
  append_number(header, static_cast<std::uint32_t>(pixels));
  header += std::string("\1\0\0\0\0", 5);  // one bit, grey
  std::string png("\x89PNG\r\n\x1A\n", 8);
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", "");
  return png;
}

}  // namespace

std::string qr_code_png(std::string_view text) {
  const int most = static_cast<int>(blocks_of_versions.size());
  int version = 1;
  const auto has_room = [&] {
    const std::size_t head = version < 10 ? 2 : 3;  // rounded up
    return text.size() + head <= static_cast<std::size_t>(data_codewords_of(version));
  };
  while (version < most && !has_room()) ++version;
  runtime::expect(has_room(), "the text fits into a QR code");
  Square square(version);
  square.fill(interleave(encode(text, version), version));
  return draw(square);
}

}  // namespace matinee::iam
