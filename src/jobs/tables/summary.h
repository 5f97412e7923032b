// What imports and exports of tables report: while they run, and at their end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::jobs::tables {

struct Progress {
  std::uint64_t items = 0;   // written to the table, or to files
  std::uint64_t failed = 0;  // records that are none, or that the table refuses
  double share = 0;          // of all that is to be done, 0 to 1; of an export a guess
};

/// Hears of a running job, on the state thread. Must not throw.
class Listener {
 public:
  virtual ~Listener() = default;
  /// Often.
  virtual void progress(const Progress& progress) = 0;
  virtual void note(const std::string& sentence) = 0;
  virtual void warn(const std::string& sentence) = 0;
};

/// Asks a running job to stop: what it has under way it ends first. On the state thread.
struct StopRequest {
  bool is_made = false;
};

struct ImportSummary {
  std::string table;
  std::string source;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;    // of them, as they are stored
  std::uint64_t put = 0;      // items
  std::uint64_t removed = 0;  // by keys in an incremental export
  std::uint64_t repeated =
      0;                     // records whose key came again in the same batch: the later one counts
  std::uint64_t before = 0;  // records that an earlier run has written
  std::uint64_t failed = 0;
  std::vector<std::string> failures;  // the first ones, as sentences
  bool created = false;               // the table
  bool stopped = false;
  double seconds = 0;

  bool succeeded() const { return failed == 0 && !stopped; }
};

struct ExportSummary {
  std::string table;
  std::string target;
  std::uint64_t files = 0;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;  // written
  bool stopped = false;
  double seconds = 0;

  bool succeeded() const { return !stopped; }
};

std::string to_text(const ImportSummary& summary);
std::string to_json(const ImportSummary& summary);
std::string to_text(const ExportSummary& summary);
std::string to_json(const ExportSummary& summary);

}  // namespace matinee::jobs::tables
