// Whether a day's file is what the list says it must be. Pure.
#pragma once

#include "jobs/top_movies/options.h"

namespace matinee::jobs::top_movies {

/// The best of a list by rating, and of equal ratings by rank, found without the functions.
std::vector<WrittenFilm> expected_films(std::string_view list, std::size_t count);

/// Reads a day's file; faults are added to `faults`.
std::vector<WrittenFilm> read_day(std::string_view text, std::string_view day,
                                  std::vector<std::string>& faults);

/// What is wrong with the films of a day, as sentences: others, in another order, texts that were
/// not repaired.
void compare(const std::vector<WrittenFilm>& written, const std::vector<WrittenFilm>& expected,
             std::vector<std::string>& faults);

}  // namespace matinee::jobs::top_movies
