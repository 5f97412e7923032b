// The movie job: generates movies, sends them through a queue, stores them in a table, writes them
// into one object, and checks that all of it is there. docs/movie-job.md explains the design.
#pragma once

#include "jobs/movies/setup.h"
#include "jobs/movies/summary.h"
#include "runtime/runtime.h"

namespace matinee::jobs::movies {

/// Runs a job to its end, or goes on with one that was killed. Throws JobError, whose what() is a
/// sentence, where it cannot go on; what differs at the end is in the summary instead. `runtime`
/// and `listener` must outlive the task. On the state thread; any number of jobs at the same time.
runtime::Task<MovieSummary> run(MovieOptions options, Clients clients, runtime::Runtime& runtime,
                                ProgressListener& listener);

}  // namespace matinee::jobs::movies
