// The publisher: one message for each object of a bucket, once, however often it is killed.
// docs/publish.md explains the design.
#pragma once

#include "jobs/publish/summary.h"
#include "runtime/runtime.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::jobs::publish {

/// The services that the publisher works with.
struct Clients {
  sqs::Client sqs;
  s3::Client s3;
};

/// Asks a running publisher to stop: it sends nothing more, and hears what came of what it has
/// sent. On the state thread.
struct StopRequest {
  bool is_made = false;
};

/// Publishes what the ledger does not have yet. Throws JobError, whose what() is a sentence, where
/// it cannot go on; what the queue refuses is in the summary instead. `runtime`, `listener` and
/// `stop` must outlive the task. On the state thread.
struct Publication {
  runtime::Runtime& runtime;
  PublishListener& listener;
  const StopRequest& stop;
};
runtime::Task<PublishSummary> run(PublishOptions options, Clients clients, Publication around);

}  // namespace matinee::jobs::publish
