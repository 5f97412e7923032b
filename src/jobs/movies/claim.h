// Which job has the default queue to itself.
//
// SQS cannot receive selectively, so two jobs on one queue hold each other up. The first job that
// comes claims the default queue by an item in its table; another one that comes meanwhile moves to
// a queue of its own. A job that was killed keeps its claim until it is finished, and with it the
// messages that it has left there, which cost nobody else anything.
#pragma once

#include "dynamodb/client.h"
#include "jobs/movies/items.h"
#include "jobs/movies/options.h"

namespace matinee::jobs::movies {

class QueueClaim {
 public:
  QueueClaim(dynamodb::Client client, const MovieOptions& options, KeyStyle style)
      : client_(client),
        table_(options.table),
        job_id_(options.job_id),
        key_(ItemKeys("queue/" + options.queue, style).header()) {}

  /// Whether the queue is this job's now, or was already.
  runtime::Task<bool> take() const;
  /// Gives it to whoever comes next; nothing where it is another job's.
  runtime::Task<> release() const;

 private:
  dynamodb::Client client_;
  std::string table_;
  std::string job_id_;
  Item key_;  // no job has an id with a slash
};

}  // namespace matinee::jobs::movies
