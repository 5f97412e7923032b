// What a movie job reports: while it runs, and at its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/movies/options.h"
#include "jobs/report.h"

namespace matinee::jobs::movies {

enum class Phase : std::uint8_t { preparing, moving, exporting, verifying };

struct Progress {
  Phase phase = Phase::preparing;
  Role role = Role::both;
  std::uint64_t count = 0;          // movies in the job
  std::uint64_t sent = 0;           // by this run
  std::uint64_t stored = 0;         // in the table, also by earlier runs
  std::uint64_t stored_before = 0;  // by earlier runs
  std::uint64_t exported = 0;       // read from the table for the object so far
  std::uint64_t verified = 0;       // movies of the object compared so far
};

/// Hears of a running job, on the state thread. Must not throw.
class ProgressListener {
 public:
  virtual ~ProgressListener() = default;
  /// Often: a batch of messages at a time.
  virtual void progress(const Progress& progress) = 0;
  /// A sentence for the user: "Created the queue movie-load.fifo."
  virtual void note(const std::string& sentence) = 0;
  /// A sentence for the user and the log: messages set aside, and why.
  virtual void warn(const std::string& sentence) = 0;
};

using jobs::grouped;
using jobs::JobError;

struct MovieSummary {
  Role role = Role::both;
  bool by_function = false;  // then nobody counts what was received
  std::string job_id;
  std::uint64_t count = 0;
  std::uint64_t sent = 0;            // messages, by this run
  std::uint64_t received = 0;        // messages of this job, by this run
  std::uint64_t duplicates = 0;      // received, and dropped because they were stored already
  std::uint64_t stored_before = 0;   // movies that earlier runs had stored
  std::uint64_t stored = 0;          // movies counted in the table at the end
  std::uint64_t parts = 0;           // items counted in the table at the end
  std::uint64_t foreign = 0;         // messages of other jobs, left in the queue
  std::uint64_t unintelligible = 0;  // messages moved to the dead-letter queue
  std::uint64_t object_bytes = 0;
  std::string object_sha256;  // of the object as it was read back
  double seconds = 0;
  std::string downloaded_to;               // path, or empty
  std::vector<std::string> differences;    // what the verification found, as sentences
  std::string look_first;                  // what to do before looking, or empty
  std::vector<std::string> where_to_look;  // commands

  /// Movies that this run moved, in a second.
  double movies_per_second() const;
  bool verified() const { return differences.empty(); }
};

/// For people: several lines, each ending in a newline.
std::string to_text(const MovieSummary& summary);
/// For programs: one JSON object and a newline.
std::string to_json(const MovieSummary& summary);

}  // namespace matinee::jobs::movies
