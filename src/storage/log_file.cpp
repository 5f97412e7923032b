#include "storage/log_file.h"

#include <algorithm>
#include <string>
#include <vector>

namespace rocksdb::crc32c {
/// RocksDB's own, which its headers do not tell of.
std::uint32_t Extend(std::uint32_t start, const char* data, std::size_t size);
}  // namespace rocksdb::crc32c

namespace matinee::storage {

namespace {

constexpr std::size_t block_bytes = 32768;
constexpr std::size_t header_bytes = 7;  // checksum, length, type
constexpr std::size_t shown_bytes = 128;

enum Type : unsigned char { full = 1, first = 2, middle = 3, last = 4 };

/// Little-endian, as the log has it.
std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

struct Piece {
  Type type = full;
  std::string_view payload;
  std::size_t end = 0;  // in its block
};

/// The piece of a record that begins at `offset` of a block, if there is one that checks.
std::optional<Piece> piece_at(std::string_view block, std::size_t offset) {
  if (offset + header_bytes > block.size()) return std::nullopt;
  const auto type = static_cast<unsigned char>(block[offset + 6]);
  const std::size_t length = number_at(block, offset + 4, 2);
  const std::size_t end = offset + header_bytes + length;
  if (type < full || type > last || end > block.size()) return std::nullopt;
  const std::uint32_t checksum = rocksdb::crc32c::Extend(0, block.data() + offset + 6, 1 + length);
  // Stored rotated, so that a checksum of bytes that contain their checksum is none.
  const std::uint32_t masked = (checksum >> 15 | checksum << 17) + 0xa282ead8U;
  if (masked != number_at(block, offset, 4)) return std::nullopt;
  return Piece{static_cast<Type>(type), block.substr(offset + header_bytes, length), end};
}

class Reading {
 public:
  explicit Reading(const SeeRecord& see) : see_(see) {}

  /// The next block, which begins at `start` of the file.
  void add(std::string_view block, std::uint64_t start) {
    std::size_t offset = 0;
    while (!broken_ && offset < block.size()) {
      const std::optional<Piece> piece = piece_at(block, offset);
      if (!piece || !take(*piece, start)) {
        // What is left of a block may be too short for a header.
        broken_ = block.size() - offset >= header_bytes || !is_blank(block.substr(offset));
        if (!broken_) return;
        return count_behind(block, piece ? offset : offset + 1, true);
      }
      offset = piece->end;
    }
    if (broken_) count_behind(block, 0, false);
  }

  LogContent content;

 private:
  static bool is_blank(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
  }

  /// False for a piece that does not follow the one before.
  bool take(const Piece& piece, std::uint64_t start) {
    const bool begins = piece.type == full || piece.type == first;
    if (begins == inside_) return false;
    if (begins) beginning_.clear();
    beginning_.append(piece.payload.substr(0, shown_bytes - beginning_.size()));
    inside_ = piece.type == first || piece.type == middle;
    if (inside_) return true;
    content.good_end = start + piece.end;
    see_(beginning_);
    return true;
  }

  /// In the block with the damage a piece may begin anywhere; in later ones, at the beginning.
  void count_behind(std::string_view block, std::size_t offset, bool anywhere) {
    while (offset < block.size()) {
      const std::optional<Piece> piece = piece_at(block, offset);
      if (piece) ++content.pieces_behind;
      if (!piece && !anywhere) return;
      offset = piece ? piece->end : offset + 1;
    }
  }

  const SeeRecord& see_;
  bool broken_ = false;
  bool inside_ = false;
  std::string beginning_;
};

}  // namespace

runtime::DiskResult<LogContent> read_records(const runtime::ReadableFile& file,
                                             const SeeRecord& see) {
  Reading reading(see);
  std::vector<char> block(block_bytes);
  reading.content.size = file.size();
  for (std::uint64_t start = 0; start < file.size(); start += block_bytes) {
    const auto count = file.read_at(start, block);
    if (!count) return std::unexpected(count.error());
    reading.add({block.data(), *count}, start);
  }
  return reading.content;
}

runtime::DiskResult<LogContent> read_log(const runtime::ReadableFile& file) {
  constexpr std::size_t batch_header_bytes = 12;  // the number of the first write, how many writes
  std::optional<std::uint64_t> first_sequence;
  std::uint64_t next_sequence = 0;
  auto content = read_records(file, [&](std::string_view beginning) {
    if (beginning.size() < batch_header_bytes) return;
    const std::uint64_t sequence = number_at(beginning, 0, 8);
    if (!first_sequence) first_sequence = sequence;
    next_sequence = sequence + number_at(beginning, 8, 4);
  });
  if (!content) return content;
  content->first_sequence = first_sequence;
  content->next_sequence = next_sequence;
  return content;
}

}  // namespace matinee::storage
