// Changes of many pages, stored as one record. Where each of the ten messages of a receive is on a
// page of its own, as in a deep FIFO queue of many groups, storing the states of all ten pages
// anew, and once more when the messages are deleted, would cost more than all the rest. So one
// record tells what has changed since the states of its pages were stored. A page's newest record
// counts; when a record grows old, the states of the pages that have no newer one are stored, and
// it goes.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "services/sqs/message_tables.h"

namespace matinee::sqs {

/// The part in memory, of one queue: which pages have newer changes than their states.
class ChangeLog {
 public:
  /// At most so many records. What is received and deleted within so many calls is never written
  /// but to the log.
  static constexpr std::size_t max_records = 256;

  bool contains(Sequence page) const { return pages_.contains(page); }

  /// The page is in the record that is being made, with these and all earlier changes since its
  /// states were stored, which are returned.
  PageMask add(Sequence page, Slot first, PageMask changed);
  /// Ends the record that is being made, and gives it its number.
  std::uint64_t end_record();

  bool is_long() const { return records_.size() > max_records; }
  /// Takes the oldest record out; returns its number, and the first slots of the pages whose states
  /// must be stored since no newer record has them.
  struct Retired {
    std::uint64_t record;
    std::vector<Slot> pages;
  };
  Retired retire();

  /// The page is gone.
  void forget(Sequence page) { pages_.erase(page); }

 private:
  friend class ChangeLogReader;

  struct Page {
    std::uint64_t record;  // the newest that has it
    Slot first;
    PageMask changed;
  };

  std::unordered_map<Sequence, Page> pages_;
  std::deque<std::vector<Sequence>> records_;
  std::vector<Sequence> current_;
  std::uint64_t first_record_ = 0;
};

/// Reads a queue's log after a restart: first all records, then the page's states, one by one.
class ChangeLogReader {
 public:
  ChangeLogReader(const MessageTables& tables, std::uint64_t queue);

  /// The newest changes of a page, or null.
  const PageUpdate* find(Sequence page) const;
  /// Where the page has been placed.
  void placed(Sequence page, Slot first);
  /// The log, without the pages that were not placed: they are gone.
  ChangeLog finish();

 private:
  ChangeLog log_;
  std::unordered_map<Sequence, PageUpdate> updates_;

  void add(std::uint64_t record, std::string_view bytes);
};

}  // namespace matinee::sqs
