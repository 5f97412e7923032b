// What one bucket has published into one queue, in a directory of this machine:
//
//   lock            held by the publisher at work
//   state           the last run, as JSON
//   published       what earlier runs have published, sorted by key
//   lane-00000001   the journals of runs since then, one for each lane
//
// A run first merges the journals of the one before into `published`. There is no other recovery:
// the way after a kill is the way of every day. docs/publish.md explains the design.
#pragma once

#include "jobs/publish/merge.h"
#include "runtime/runtime.h"
#include "runtime/task.h"

namespace matinee::jobs::publish {

struct LedgerState {
  std::string run_id;
  /// Whether the run has published everything that it was to publish.
  bool finished = true;
  /// Whether the run is to publish anew what others have published.
  bool again = false;
  std::uint32_t edition = 1;
  /// What the run was told to select, as a text that two runs can be compared by.
  std::string selection;
};

class Ledger {
 public:
  /// Creates the directory if need be, and takes its lock. `runtime` must outlive it. Throws
  /// JobError where another publisher has it, where it cannot be read or written, or where a newer
  /// version of the program has written it.
  Ledger(runtime::Runtime& runtime, std::string directory);

  const LedgerState& state() const { return state_; }
  void write_state(LedgerState state);

  /// Whether the last run went on to anything after what is in `published`.
  bool has_journals() const { return !lanes_.empty(); }
  /// Everything that earlier runs have sent without learning what came of it, in ascending order.
  std::vector<Entry> read_doubts() const;
  /// Takes the journals, also those written since the ledger was opened, into `published`. Their
  /// writers must be gone.
  runtime::Task<> merge();
  const PublishedFile& published() const { return *published_; }

  /// A new journal.
  std::unique_ptr<LaneWriter> open_lane();
  /// Of the journals that are open.
  const std::vector<std::string>& lane_paths() const { return open_lanes_; }

 private:
  runtime::Runtime& runtime_;
  std::string directory_;
  std::unique_ptr<runtime::FileLock> lock_;
  LedgerState state_;
  std::uint64_t next_lane_ = 1;
  std::vector<LaneContent> lanes_;  // of earlier runs
  std::vector<std::string> open_lanes_;
  std::optional<PublishedFile> published_;

  std::string path(std::string_view name) const;
  void take_lock();
  void read_state();
  void read_lanes();
};

/// The directory below `base` for one bucket and queue of one cloud. `where` names all three.
std::string ledger_directory(const std::string& base, const std::string& title,
                             const std::string& where);

}  // namespace matinee::jobs::publish
