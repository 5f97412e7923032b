// How much of the log is known to be on the disk, written down beside it: so that a log that has
// lost some of that is told from one whose end a crash has torn.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/disk.h"

namespace matinee::storage {

/// The first `bytes` of the log with this number.
struct LogExtent {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
};

struct SyncedLogs {
  /// Of the machine's run in which they were synced: after another one, what was not synced may be
  /// lost in any order.
  std::string boot_id;
  std::vector<LogExtent> logs;  // the newest last
};

/// Of this run of the machine; empty where nobody knows.
std::string read_boot_id(const runtime::Disk& disk);

/// The file SYNCED of a data directory. What cannot be written is left out: the file only adds to
/// what is noticed.
class SyncedLogFile {
 public:
  SyncedLogFile(runtime::Disk& disk, std::string path);

  /// To be called after a sync, with what was there before it.
  void note(const LogExtent& log);

  /// What an earlier run wrote; nothing where there is no file, or one that does not check.
  static SyncedLogs read(const runtime::Disk& disk, const std::string& path);

 private:
  runtime::Disk& disk_;
  std::string path_;
  SyncedLogs known_;
};

}  // namespace matinee::storage
