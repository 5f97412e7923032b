// Messages in the queue that are not this job's: those of other jobs, and those that nobody can
// make anything of.
//
// SQS cannot receive selectively: whoever receives gets other jobs' messages too. Giving one back
// at once would only bring it again, so it is hidden for a while, longer each time it has come,
// which in a FIFO queue also holds back what follows it in its group. A message that the service
// would move to the dead letters if it came again stays hidden until this job ends. At the end all
// that are still hidden are offered again.
#pragma once

#include <unordered_map>

#include "jobs/movies/message.h"
#include "jobs/movies/queue.h"
#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {

/// How long to hide a foreign message that has been received `receive_count` times. A queue without
/// a dead-letter queue has `max_receive_count` 0.
std::chrono::seconds hiding_time(int receive_count, int max_receive_count);

class Strangers {
 public:
  /// All must outlive it.
  Strangers(const JobQueue& queue, runtime::Clock& clock, ProgressListener& listener)
      : queue_(queue), clock_(clock), listener_(listener) {}

  /// Hides it.
  runtime::Task<> set_aside(sqs::Message message, const Foreign& foreign);
  /// Moves it to the dead-letter queue; without one, hides it.
  runtime::Task<> bury(sqs::Message message, const Unintelligible& fault);
  /// Offers everything again that is still hidden.
  runtime::Task<> release();

  /// Distinct messages of other jobs seen.
  std::uint64_t foreign() const { return foreign_; }
  std::uint64_t buried() const { return buried_; }
  /// Whether there is anything in the queue that this job leaves there.
  bool any() const { return !hidden_.empty(); }

 private:
  struct Hidden {
    std::string receipt_handle;
    runtime::Time until;
  };

  const JobQueue& queue_;
  runtime::Clock& clock_;
  ProgressListener& listener_;
  std::unordered_map<std::string, Hidden> hidden_;  // by message id
  std::uint64_t foreign_ = 0;
  std::uint64_t buried_ = 0;

  /// False if this message has been seen before.
  runtime::Task<bool> hide(sqs::Message message);
};

}  // namespace matinee::jobs::movies
