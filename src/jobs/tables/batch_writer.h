// Records of files written to a table in batches: what stays unprocessed is sent again, and where a
// batch is refused, each of its records is sent alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/retry.h"
#include "jobs/tables/summary.h"
#include "jobs/tables/table.h"

namespace matinee::jobs::tables {

/// A block of a file, from when it was read until all of it is written.
struct PendingBlock {
  std::size_t file = 0;  // its place in the source
  std::string name;      // of the file, for sentences
  table_files::FileForm form;
  table_files::Block block;
  std::size_t unsent = 0;    // batches
  std::uint64_t failed = 0;  // records
};

class BatchWriter {
 public:
  BatchWriter(dynamodb::Client client, client::Backoff backoff, const TableKeys& table,
              std::string cloud);

  /// The records of a block in batches, by their places. No key is in a batch twice; of two
  /// records the later one stays.
  std::vector<std::vector<std::size_t>> divide(const table_files::Block& block);
  /// Ends when the batch is written, or told as failed. Throws JobError where there is no use in
  /// going on.
  runtime::Task<> write(std::shared_ptr<PendingBlock> block, std::vector<std::size_t> places);

  /// A record that is none, or is refused.
  void fail(PendingBlock& block, std::uint64_t line, const std::string& reason);
  /// A file, by a sentence.
  void fail(const std::string& sentence);

  std::uint64_t put() const { return put_; }
  std::uint64_t removed() const { return removed_; }
  std::uint64_t repeated() const { return repeated_; }
  std::uint64_t failed() const { return failed_; }
  const std::vector<std::string>& failures() const { return failures_; }
  /// Hears of each failure, up to a number that a person reads.
  std::function<void(const std::string&)> on_failure = [](const std::string&) {};

 private:
  using Writes = std::vector<dynamodb::WriteRequest>;

  dynamodb::Client client_;
  client::Backoff backoff_;
  const TableKeys& table_;
  std::string cloud_;
  std::uint64_t put_ = 0;
  std::uint64_t removed_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<std::string> failures_;

  enum class Outcome { taken, refused, throttled };
  struct Sent {
    Outcome outcome = Outcome::taken;
    std::string reason;
  };

  std::string key_text(const table_files::Record& record) const;
  /// The content goes with the first attempt; others read it from the text again.
  Writes take_writes(PendingBlock& block, const std::vector<std::size_t>& places) const;
  runtime::Task<Sent> send(Writes writes);
  [[noreturn]] void explain(const protocol::ServiceError& error) const;
};

}  // namespace matinee::jobs::tables
