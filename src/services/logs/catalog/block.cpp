#include "services/logs/catalog/block.h"

#include <bit>

namespace matinee::logs {

static_assert(std::endian::native == std::endian::little, "blocks lie in the store as in memory");

namespace {

/// Below 2^16, which is what a position has for the index in its block.
constexpr std::size_t most_events = 10'000;

template <class T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace

BlockView::BlockView(Milliseconds start, std::string_view bytes) : start_(start), bytes_(bytes) {
  if (bytes.size() < head_bytes) throw storage::DamagedRecord("a block of log events is too short");
  size_ = read<std::uint32_t>(16);
  const std::size_t texts = head_bytes + std::size_t{size_} * 8;
  if (size_ == 0 || size_ > most_events || bytes.size() < texts)
    throw storage::DamagedRecord("a block of log events is too short");
  texts_ = bytes.substr(texts);
  if (text_end(size_ - 1) != texts_.size())
    throw storage::DamagedRecord("a block of log events has another length");
}

bool BlockBuilder::takes(Milliseconds time, std::string_view text) const {
  if (empty()) return true;
  return times_.size() < most_events && time - start_ <= most_block_span &&
         texts_.size() + text.size() <= most_block_text;
}

void BlockBuilder::add(Milliseconds time, std::string_view text) {
  if (empty()) start_ = time;
  end_ = time;
  times_.push_back(static_cast<std::uint32_t>(time - start_));
  texts_.append(text);
  ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
}

std::string BlockBuilder::finish() {
  std::string out;
  out.reserve(BlockView::head_bytes + times_.size() * 8 + texts_.size());
  append(out, stream_);
  append(out, ingestion_);
  append(out, static_cast<std::uint32_t>(times_.size()));
  out.append(reinterpret_cast<const char*>(times_.data()), times_.size() * 4);
  out.append(reinterpret_cast<const char*>(ends_.data()), ends_.size() * 4);
  out.append(texts_);
  times_.clear();
  ends_.clear();
  texts_.clear();
  return out;
}

}  // namespace matinee::logs
