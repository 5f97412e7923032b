// The function store_movies: the consumer of `matinee run movies`, on the job's queue.
#pragma once

#include "library/runtime.h"

namespace movie_job {

/// By its environment:
///   MOVIES_TABLE       the job's table
///   MOVIES_TABLE_KEY   "job_id,part" (default) or "job_id": the table's key
/// Stores the movies of a batch as docs/movie-job.md says, of whatever job they are, and puts the
/// parts together that are complete. Any number of it may work on one job. Throws FunctionError
/// "MissingSetting" or "BadSetting".
lambda::Handler make_store_movies();

}  // namespace movie_job
