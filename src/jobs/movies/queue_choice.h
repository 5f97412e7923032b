// Which queue a job uses: the one that it was told; or, where it was told none and another job has
// the default queue, one of its own, so that the two do not receive each other's messages.
#pragma once

#include "jobs/movies/claim.h"
#include "jobs/movies/setup.h"

namespace matinee::jobs::movies {

/// How a job stands when it begins.
struct Beginning {
  bool fresh = false;     // nobody has begun it before
  bool complete = false;  // it was verified
};

struct ChosenQueue {
  QueueInfo info;
  bool own = false;  // made for this job alone; goes when the job is complete
  /// The job is complete, and the queue is another job's now: nothing is to be looked for in it.
  bool closed = false;
};

class QueueChoice {
 public:
  /// All must outlive it.
  QueueChoice(const MovieOptions& options, Setup& setup, ProgressListener& listener)
      : options_(options), setup_(setup), listener_(listener) {}

  /// For one end of the job alone: where the other one is, which may be the job's own queue.
  /// `shared` is the queue of the options.
  runtime::Task<ChosenQueue> choose(QueueInfo shared);
  /// For both ends. A job stays with the queue with which it has begun: its messages are there.
  runtime::Task<ChosenQueue> choose(QueueInfo shared, const QueueClaim& claim, Beginning beginning);

 private:
  const MovieOptions& options_;
  Setup& setup_;
  ProgressListener& listener_;
};

}  // namespace matinee::jobs::movies
