// The snapshots of a data directory: one directory below DIR/snapshots for each, with a copy of the
// store and a file SNAPSHOT that says what it is. A name appears and goes away by one rename, so
// that a crash leaves a snapshot whole or none; names that begin with a dot are what it may leave
// behind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "runtime/disk.h"
#include "storage/copier.h"

namespace matinee::storage {

struct Snapshot {
  std::string name;
  /// By the clock of the cloud.
  runtime::Time saved;
  CopiedStore content;
  /// Why nothing more is known of it, as a part of a sentence; empty where it is whole.
  std::string damage = {};
};

/// What went wrong with snapshots and copies of them, as a sentence.
std::string sentence_of(const runtime::DiskError& error);

/// Letters, digits, ".", "-" and "_", neither a dot nor a hyphen first, and not "now", which is
/// what is not kept; up to 128.
bool is_snapshot_name(std::string_view name);

/// All functions may be called from any thread. What is meant to stay is on the disk when they
/// return.
class Snapshots {
 public:
  /// Of the data directory `directory`; `disk` must outlive it.
  Snapshots(runtime::Disk& disk, const std::string& directory)
      : disk_(disk), directory_(directory + "/snapshots") {}

  /// Makes a snapshot. The error has the kind `already_exists` where there is one of that name.
  /// `unfinished` is a name that nobody else uses, in which it is made.
  runtime::DiskResult<Snapshot> save(const Copier& copier, Snapshot snapshot,
                                     const std::string& unfinished);
  /// In the order of their names, with those that are damaged.
  runtime::DiskResult<std::vector<Snapshot>> list() const;
  /// The error has the kind `not_found` where there is none of that name.
  runtime::DiskResult<Snapshot> find(const std::string& name) const;
  /// Makes what is in the directory of the name `unfinished`, of which nobody knows that it is
  /// whole, a snapshot with so many bodies. The error has the kind `already_exists` where there is
  /// one of that name.
  runtime::DiskResult<Snapshot> adopt(const std::string& name, const std::string& unfinished,
                                      std::uint64_t bodies);
  /// Takes its name away, and leaves its files as a left-over, of which it gives the name. The
  /// error has the kind `not_found` where there is none of that name; `removed` is a name that
  /// nobody else uses.
  runtime::DiskResult<std::string> remove(const std::string& name, const std::string& removed);

  /// What is of no use any more, as of now; and its removal.
  std::vector<std::string> find_left_overs() const;
  runtime::DiskResult<> remove_left_overs(const std::vector<std::string>& names);
  /// Up to so many files and directories of one; whether nothing of it is left.
  runtime::DiskResult<bool> remove_some_of(const std::string& left_over, std::size_t limit);

  /// The directory of one of that name, or of a left-over.
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  runtime::DiskResult<Snapshot> read(const std::string& name, const std::string& place) const;
  runtime::DiskResult<> fill(const Copier& copier, Snapshot& snapshot, const std::string& place);

  runtime::Disk& disk_;
  std::string directory_;
};

}  // namespace matinee::storage
