// The stack of templates/movies: what the movie job works with where a function consumes.
#pragma once

#include <string>

#include "cli/connection.h"
#include "jobs/deploy/stack_reader.h"
#include "jobs/movies/options.h"
#include "runtime/task.h"

namespace matinee::cli {

/// What of it is missing, as a sentence; empty where it can be deployed.
std::string find_missing_movies_stack(const Surroundings& surroundings);

struct MoviesStack {
  std::string name = "movies";  // also what all names in it begin with
  bool quiet = false;           // tell sentences only
  jobs::deploy::Pace pace = {};
};

/// Deploys it, or brings it up to date, and has the job use its queue, table and bucket. Throws
/// JobError.
runtime::Task<> deploy_movies_stack(Surroundings& surroundings, Connection& connection,
                                    MoviesStack stack, jobs::movies::MovieOptions& job);

}  // namespace matinee::cli
