// The function get_top_movies: reads the film list from S3, and sends the best ten of the day on.
#pragma once

#include "library/runtime.h"

namespace top_movies {

/// By its environment:
///   MOVIES_BUCKET, MOVIES_KEY   where the list is
///   TOPIC_ARN or QUEUE_URL      whom to tell: one of them
///   MOVIES_COUNT                how many films; 10 by default
/// The day is that of the event's time (EventBridge, Scheduler's <aws.scheduler.scheduled-time> in
/// "time"), or {"day": "2026-01-01"}, or today in UTC. Queues and topics that are FIFO take a day
/// once. The answer is {"day", "films", "messageId"}.
/// Throws FunctionError "MissingSetting" or "BadSetting".
lambda::Handler make_get_top_movies();

/// The day that an event is about; `today` where it says nothing of it. Throws FunctionError
/// "BadEvent" where what it says is no day.
std::string day_of(const lambda::Json& event, const std::string& today);

}  // namespace top_movies
