// The ledger's entries as bytes.
#include "jobs/publish/entries.h"

namespace matinee::jobs::publish {

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

void ByteWriter::number(std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8U) bytes_ += static_cast<char>(value & 0xffU);
}

void ByteWriter::text(std::string_view text) {
  number(text.size(), 2);
  bytes_ += text;
}

std::uint64_t ByteReader::number(std::size_t bytes) {
  if (bytes_.size() < bytes) {
    short_ = true;
    bytes_ = {};
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = (value << 8U) | static_cast<unsigned char>(bytes_[i]);
  bytes_.remove_prefix(bytes);
  return value;
}

std::string ByteReader::text() {
  const std::size_t size = number(2);
  if (bytes_.size() < size) {
    short_ = true;
    bytes_ = {};
    return "";
  }
  std::string text(bytes_.substr(0, size));
  bytes_.remove_prefix(size);
  return text;
}

void append_time(runtime::Time time, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(time.time_since_epoch().count()), 8);
}

runtime::Time read_time(ByteReader& in) {
  return runtime::Time(runtime::Duration(static_cast<std::int64_t>(in.number(8))));
}

void append_entry(const Entry& entry, ByteWriter& out) {
  out.text(entry.key);
  out.text(entry.etag);
  out.number(entry.edition, 4);
  out.number(entry.doubt ? 1 : 0, 1);
  if (!entry.doubt) return;
  append_time(entry.doubt->first_sent, out);
  out.number(entry.doubt->groups, 4);
}

Entry read_entry(ByteReader& in) {
  Entry entry;
  entry.key = in.text();
  entry.etag = in.text();
  entry.edition = static_cast<std::uint32_t>(in.number(4));
  if (in.number(1) == 0) return entry;
  entry.doubt.emplace().first_sent = read_time(in);
  entry.doubt->groups = static_cast<std::uint32_t>(in.number(4));
  return entry;
}

}  // namespace matinee::jobs::publish
