// The top-movies pipeline from nothing to the verified file of a day: its template is deployed, the
// list of films and OMDb's key are put where the functions look for them, the day comes, and what
// was written is read back.
#pragma once

#include "jobs/top_movies/options.h"

namespace matinee::jobs::top_movies {

/// Throws JobError, protocol::ServiceError. A summary whose deployment has failed has nothing else.
runtime::Task<TopMoviesSummary> run(TopMoviesOptions options,
                                    deploy::DeploySurroundings surroundings);

}  // namespace matinee::jobs::top_movies
