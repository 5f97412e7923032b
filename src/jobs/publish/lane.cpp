// A record is its size, its checksum, and its bytes, the first of which says what it is.
#include "jobs/publish/lane.h"

#include <fmt/format.h>

#include "jobs/report.h"

namespace matinee::jobs::publish {

namespace {

enum RecordKind : std::uint8_t { section_record = 1, intent_record = 2, conclusion_record = 3 };

constexpr std::size_t head_size = 12;
/// Ten entries at their largest, and some room.
constexpr std::size_t largest_record = 64 * 1024;
constexpr std::size_t read_size = 64 * 1024;

template <class T>
T require(runtime::DiskResult<T> result) {
  if (!result) throw JobError(fmt::format("The ledger: {}.", result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::vector<Entry> read_batch(ByteReader& in) {
  std::vector<Entry> entries(in.number(1));
  for (Entry& entry : entries) entry = read_entry(in);
  return entries;
}

TakenMask all_of(std::size_t entries) {
  return static_cast<TakenMask>((1U << entries) - 1);
}

}  // namespace

LaneWriter::LaneWriter(std::unique_ptr<runtime::WritableFile> file) : file_(std::move(file)) {}

void LaneWriter::write(std::string_view record) {
  ByteWriter head;
  head.number(record.size(), 4);
  head.number(checksum(record), 8);
  std::string bytes(head.bytes());
  bytes += record;
  if (has_failed_) throw JobError("The ledger could not be written a moment ago.");
  has_failed_ = true;
  require(file_->write(bytes));
  has_failed_ = false;
}

void LaneWriter::begin_section(bool settles) {
  ByteWriter record;
  record.number(section_record, 1);
  record.number(settles ? 1 : 0, 1);
  write(record.bytes());
}

std::uint32_t LaneWriter::intend(const std::vector<Entry>& batch) {
  ByteWriter record;
  record.number(intent_record, 1);
  record.number(next_batch_, 4);
  record.number(batch.size(), 1);
  for (const Entry& entry : batch) append_entry(entry, record);
  write(record.bytes());
  return next_batch_++;
}

void LaneWriter::conclude(std::uint32_t batch, TakenMask taken) {
  ByteWriter record;
  record.number(conclusion_record, 1);
  record.number(batch, 4);
  record.number(taken, 2);
  write(record.bytes());
}

void LaneWriter::sync() {
  require(file_->sync());
}

bool RecordReader::fill(std::size_t bytes) {
  while (buffer_.size() - position_ < bytes) {
    buffer_.erase(0, position_);
    position_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + read_size);
    const std::size_t read = require(file_->read_at(offset_, std::span(buffer_).subspan(before)));
    buffer_.resize(before + read);
    offset_ += read;
    if (read == 0) return false;
  }
  return true;
}

bool RecordReader::next(std::string_view& record) {
  if (!fill(head_size)) return false;
  ByteReader head(std::string_view(buffer_).substr(position_, head_size));
  const std::size_t size = head.number(4);
  const std::uint64_t sum = head.number(8);
  if (size == 0 || size > largest_record || !fill(head_size + size)) return false;
  record = std::string_view(buffer_).substr(position_ + head_size, size);
  if (checksum(record) != sum) return false;
  record_offset_ = offset_ - (buffer_.size() - position_);
  position_ += head_size + size;
  return true;
}

namespace {

/// Makes the content of a journal from its records, one by one.
class ContentReader {
 public:
  explicit ContentReader(const std::string& path)
      : content_{.path = path, .sections = {}, .open = {}, .refused = {}, .settled_keys = {}} {}

  /// False for a record that nobody can have written.
  bool read(std::string_view record, std::uint64_t offset);
  LaneContent take() { return std::move(content_); }

 private:
  LaneContent content_;
  std::optional<std::uint64_t> section_;  // one whose first key has not come yet
  bool settles_ = false;

  void conclude(std::uint32_t batch, TakenMask taken);
};

bool ContentReader::read(std::string_view record, std::uint64_t offset) {
  ByteReader in(record);
  const auto kind = in.number(1);
  if (kind == section_record) {
    section_ = offset;
    settles_ = in.number(1) == 1;
    return !in.is_short();
  }
  const auto batch = static_cast<std::uint32_t>(in.number(4));
  if (kind == conclusion_record) {
    conclude(batch, static_cast<TakenMask>(in.number(2)));
    return !in.is_short();
  }
  std::vector<Entry> entries = read_batch(in);
  if (in.is_short() || entries.empty()) return false;
  if (section_) content_.sections.push_back({*section_, entries.front().key});
  section_.reset();
  content_.open[batch] = std::move(entries);
  return true;
}

/// Notes what a batch's answer leaves to be known about it.
void ContentReader::conclude(std::uint32_t batch, TakenMask taken) {
  const auto place = content_.open.find(batch);
  if (place == content_.open.end()) return;
  const std::vector<Entry>& entries = place->second;
  if (taken != all_of(entries.size())) content_.refused[batch] = taken;
  for (std::size_t i = 0; settles_ && i < entries.size(); ++i)
    if ((taken >> i & 1U) != 0) content_.settled_keys.push_back(entries[i].key);
  content_.open.erase(place);
}

}  // namespace

LaneContent read_lane(const runtime::Disk& disk, const std::string& path) {
  ContentReader content(path);
  RecordReader records(require(disk.open(path)), 0);
  for (std::string_view record; records.next(record);)
    if (!content.read(record, records.offset())) break;
  return content.take();
}

SectionReader::SectionReader(const runtime::Disk& disk, const LaneContent& content,
                             std::size_t section)
    : content_(content),
      records_(require(disk.open(content.path)), content.sections.at(section).offset) {
  std::string_view its_mark;
  records_.next(its_mark);
}

void SectionReader::keep_sent(std::uint32_t batch, std::vector<Entry> entries) {
  const bool is_open = content_.open.contains(batch);
  const auto refused = content_.refused.find(batch);
  const TakenMask taken =
      refused == content_.refused.end() ? all_of(entries.size()) : refused->second;
  for (std::size_t i = entries.size(); i-- > 0;) {
    if ((taken >> i & 1U) == 0) continue;
    if (!is_open) entries[i].doubt.reset();
    entries_.push_back(std::move(entries[i]));
  }
}

std::optional<Entry> SectionReader::next() {
  for (std::string_view record; entries_.empty();) {
    if (!records_.next(record)) return std::nullopt;
    ByteReader in(record);
    const auto kind = in.number(1);
    if (kind == section_record) return std::nullopt;
    if (kind != intent_record) continue;
    const auto batch = static_cast<std::uint32_t>(in.number(4));
    keep_sent(batch, read_batch(in));
  }
  std::optional<Entry> entry(std::move(entries_.back()));
  entries_.pop_back();
  return entry;
}

}  // namespace matinee::jobs::publish
