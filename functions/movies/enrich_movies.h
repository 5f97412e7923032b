// The function enrich_movies: takes the lists of days from a queue, asks OMDb for each film, and
// writes one JSON file a day.
#pragma once

#include "library/runtime.h"

namespace top_movies {

/// By its environment:
///   OUTPUT_BUCKET               where the files go
///   OUTPUT_PREFIX               what their keys begin with; "top-movies/" by default
///   OMDB_URL                    "https://www.omdbapi.com/" by default
///   OMDB_KEY_PARAMETER          the name of the SSM parameter (SecureString) with the API key
///
/// A day is written once, as PREFIX + DAY + ".json", when OMDb has told of all of its films;
/// whoever comes second, or at the same time, finds it there and is done. A record that fails comes
/// again (batchItemFailures), with a message in the log that names what was refused or unknown:
/// "OmdbKeyRefused", "UnknownFilms", "OmdbFailed", "BadMessage" or the error of a service.
/// Throws FunctionError "MissingSetting".
lambda::Handler make_enrich_movies();

}  // namespace top_movies
