// What the publisher reports: while it runs, and at its end.
#pragma once

#include "jobs/publish/options.h"
#include "jobs/report.h"

namespace matinee::jobs::publish {

enum class Phase : std::uint8_t { preparing, publishing };

struct Progress {
  Phase phase = Phase::preparing;
  std::uint64_t pages = 0;      // listed
  std::uint64_t seen = 0;       // objects in them
  std::uint64_t published = 0;  // messages that the queue has taken from this run
  std::uint64_t skipped = 0;    // objects published before
  std::uint64_t failed = 0;     // messages that the queue has refused
  double share = 0;             // a guess of how much of the bucket has been listed, 0 to 1
};

/// Hears of a running publisher, on the state thread. Must not throw.
class PublishListener {
 public:
  virtual ~PublishListener() = default;
  /// Often: for each page and each batch.
  virtual void progress(const Progress& progress) = 0;
  /// A sentence for the user.
  virtual void note(const std::string& sentence) = 0;
  /// A sentence for the user about something that did not go as it should.
  virtual void warn(const std::string& sentence) = 0;
};

struct PublishSummary {
  std::string bucket;
  std::string queue_url;
  std::string run_id;
  std::string ledger;  // its directory
  bool dry_run = false;
  bool stopped = false;  // before the end: it was told to, or there is no use in going on
  bool limited = false;  // before the end: --limit was reached
  InDoubt in_doubt_are = InDoubt::send;
  std::uint64_t pages = 0;         // listed, also those that were asked for in vain
  std::uint64_t seen = 0;          // objects listed
  std::uint64_t not_selected = 0;  // by --suffix and --since
  std::uint64_t published = 0;     // or, in a dry run, to be published
  std::uint64_t skipped = 0;       // published before
  std::uint64_t in_doubt = 0;      // objects whose message may be in the queue twice, or not at all
  std::uint64_t failed = 0;
  std::vector<std::string> failures;  // the first ones, as sentences
  double seconds = 0;

  double objects_per_second() const;
  bool succeeded() const { return failed == 0 && !stopped; }
};

/// For people: several lines, each ending in a newline.
std::string to_text(const PublishSummary& summary);
/// For programs: one JSON object and a newline.
std::string to_json(const PublishSummary& summary);

}  // namespace matinee::jobs::publish
