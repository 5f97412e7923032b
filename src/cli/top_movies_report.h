// The top-movies pipeline's summary, for people and for programs.
#pragma once

#include <string>

#include "jobs/top_movies/options.h"

namespace matinee::cli {

std::string to_text(const jobs::top_movies::TopMoviesSummary& summary);
std::string to_json(const jobs::top_movies::TopMoviesSummary& summary);

}  // namespace matinee::cli
