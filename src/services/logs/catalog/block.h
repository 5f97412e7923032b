// Events of one stream that came together, as they lie in the store: what stands before them, a
// column of times, a column of ends, and their texts in one piece. So whoever looks through them
// copies nothing.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "services/logs/catalog/records.h"

namespace matinee::logs {

/// A block is closed once its events are so far apart, or their texts so long. An event that is
/// longer than that has a block of its own.
constexpr Milliseconds most_block_span = 600'000;
constexpr std::size_t most_block_text = std::size_t{64} << 10;

/// Counted for each event besides its text, by AWS.
constexpr std::uint64_t bytes_beside_text = 26;

class BlockView {
 public:
  /// `start` is the time of the first event. Throws DamagedRecord.
  BlockView(Milliseconds start, std::string_view bytes);

  StreamNumber stream() const { return read<std::uint64_t>(0); }
  Milliseconds ingestion() const { return read<std::int64_t>(8); }
  std::uint32_t size() const { return size_; }
  Milliseconds start() const { return start_; }
  Milliseconds end() const { return time(size_ - 1); }
  Milliseconds time(std::uint32_t index) const {
    return start_ + read<std::uint32_t>(head_bytes + std::size_t{index} * 4);
  }
  std::string_view text(std::uint32_t index) const {
    const std::uint32_t from = index == 0 ? 0 : text_end(index - 1);
    return texts_.substr(from, text_end(index) - from);
  }

  static constexpr std::size_t head_bytes = 20;

 private:
  Milliseconds start_;
  std::string_view bytes_;
  std::uint32_t size_ = 0;
  std::string_view texts_;

  template <class T>
  T read(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::uint32_t text_end(std::uint32_t index) const {
    return read<std::uint32_t>(head_bytes + (std::size_t{size_} + index) * 4);
  }
};

/// Collects the events of a block.
class BlockBuilder {
 public:
  BlockBuilder(StreamNumber stream, Milliseconds ingestion)
      : stream_(stream), ingestion_(ingestion) {}

  bool empty() const { return times_.empty(); }
  /// Whether the event can be part of the block; not below the time of those before it.
  bool takes(Milliseconds time, std::string_view text) const;
  void add(Milliseconds time, std::string_view text);

  Milliseconds start() const { return start_; }
  Milliseconds end() const { return end_; }
  /// As AWS counts.
  std::uint64_t counted_bytes() const { return texts_.size() + times_.size() * bytes_beside_text; }
  /// What BlockView reads; the builder is empty then.
  std::string finish();

 private:
  StreamNumber stream_;
  Milliseconds ingestion_;
  Milliseconds start_ = 0;
  Milliseconds end_ = 0;
  std::vector<std::uint32_t> times_;  // since the start
  std::vector<std::uint32_t> ends_;
  std::string texts_;
};

}  // namespace matinee::logs
