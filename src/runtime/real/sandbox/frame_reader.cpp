#include "runtime/real/sandbox/frame_reader.h"

#include <algorithm>

namespace matinee::runtime {
namespace {

constexpr std::uint32_t frame_mark = 0xa55a;
constexpr std::uint32_t has_time = 2;
constexpr std::size_t short_head = 8;
constexpr std::size_t long_head = 16;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

void FrameReader::add(std::string_view bytes, std::vector<SandboxOutput>& output) {
  while (!bytes.empty()) {
    if (is_text_) {
      output.push_back({.bytes = std::string(bytes)});
      return;
    }
    if (!is_in_record_) {
      head_.push_back(bytes.front());
      bytes.remove_prefix(1);
      if (!take_head()) {
        if (is_text_) output.push_back({.bytes = std::move(head_)});
        continue;
      }
    }
    const std::size_t count = std::min<std::uint64_t>(missing_, bytes.size());
    record_.bytes.append(bytes.substr(0, std::min(count, longest_record - record_.bytes.size())));
    bytes.remove_prefix(count);
    missing_ -= count;
    if (missing_ == 0) finish(output);
  }
}

/// Whether a record begins.
bool FrameReader::take_head() {
  if (head_.size() < short_head) return false;
  const auto type = static_cast<std::uint32_t>(big_endian(std::string_view(head_).substr(0, 4)));
  if (type >> 16 != frame_mark) {
    is_text_ = true;
    return false;
  }
  if ((type & has_time) != 0 && head_.size() < long_head) return false;
  constexpr std::uint32_t low_half = 0xffff;
  record_ = {.kind = OutputKind::framed, .frame_type = type & low_half};
  missing_ = big_endian(std::string_view(head_).substr(4, 4));
  if ((type & has_time) != 0)
    record_.time = Time(Duration(big_endian(std::string_view(head_).substr(short_head))));
  head_.clear();
  is_in_record_ = true;
  return true;
}

void FrameReader::finish(std::vector<SandboxOutput>& output) {
  if (!is_in_record_) return;
  is_in_record_ = false;
  missing_ = 0;
  output.push_back(std::move(record_));
  record_ = {};
}

}  // namespace matinee::runtime
