// The journal of one lane: what it is about to send, written before it is sent, and what came of
// it. A lane works on one range of keys after the other, and within a range keys ascend; so each
// range is a sorted part of the file, a section, and ledgers can be merged without sorting.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "jobs/publish/entries.h"
#include "runtime/disk.h"

namespace matinee::jobs::publish {

/// Entries of one SendMessageBatch that the queue has taken: bit i for entry i.
using TakenMask = std::uint16_t;

/// Writes a lane's journal. Every call is one write, so that a kill leaves a whole number of
/// records, or one that is cut short. Throws JobError where the disk fails, and from then on
/// always: nobody reads what stands behind a record that was cut short.
class LaneWriter {
 public:
  explicit LaneWriter(std::unique_ptr<runtime::WritableFile> file);

  /// What is sent from now on has other keys; they need not be behind those before. A section that
  /// `settles` holds what earlier runs have sent without learning what came of it.
  void begin_section(bool settles = false);
  /// To be called before the batch is sent; its entries, at most ten, all have a doubt. Returns the
  /// batch's number.
  std::uint32_t intend(const std::vector<Entry>& batch);
  /// The queue's answer: what it has not taken has not been sent.
  void conclude(std::uint32_t batch, TakenMask taken);
  void sync();

 private:
  std::unique_ptr<runtime::WritableFile> file_;
  std::uint32_t next_batch_ = 0;
  bool has_failed_ = false;

  void write(std::string_view record);
};

/// What a first look at a lane's journal finds. It takes memory only for sections and for batches
/// that did not go as they should.
struct LaneContent {
  struct Section {
    std::uint64_t offset = 0;
    std::string first_key;
  };
  std::string path;
  std::vector<Section> sections;  // those with keys
  /// Batches without an answer: the entries may or may not be in the queue.
  std::map<std::uint32_t, std::vector<Entry>> open;
  /// Batches that were not taken whole.
  std::map<std::uint32_t, TakenMask> refused;
  /// What was settled: the doubts of older journals that are none any more.
  std::vector<std::string> settled_keys;
};

/// Reads up to the first record that is not whole: the last one before a kill may be cut short.
/// Throws JobError where the disk fails.
LaneContent read_lane(const runtime::Disk& disk, const std::string& path);

/// The records of a journal, one by one from an offset on.
class RecordReader {
 public:
  RecordReader(std::shared_ptr<const runtime::ReadableFile> file, std::uint64_t offset)
      : file_(std::move(file)), offset_(offset) {}

  /// False at the end; the record stays valid until the next call.
  bool next(std::string_view& record);
  /// Of the record that `next` gave.
  std::uint64_t offset() const { return record_offset_; }

 private:
  std::shared_ptr<const runtime::ReadableFile> file_;
  std::uint64_t offset_;  // of what is behind the buffer
  std::uint64_t record_offset_ = 0;
  std::string buffer_;
  std::size_t position_ = 0;

  bool fill(std::size_t bytes);
};

/// The entries of one section: those that were published, and those in doubt.
class SectionReader {
 public:
  /// `content` must outlive it.
  SectionReader(const runtime::Disk& disk, const LaneContent& content, std::size_t section);

  std::optional<Entry> next();

 private:
  const LaneContent& content_;
  RecordReader records_;
  std::vector<Entry> entries_;  // of the batch being given, the next one last

  void keep_sent(std::uint32_t batch, std::vector<Entry> entries);
};

}  // namespace matinee::jobs::publish
