// The list of films as IMDb's best 250 are published, and the message that says which are the best
// ten of a day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "library/json.h"

namespace top_movies {

struct Film {
  std::string id;  // "tt0111161"
  std::int64_t rank = 0;
  std::string title;
  std::int64_t year = 0;
  lambda::Json rating;  // the number as the list has it: 9.2 is not 9.199999
};

/// Reads {"items": [...]}, in which every value is a text, with texts that were encoded twice
/// repaired. Films that have no rating yet are left out. Throws lambda::FunctionError
/// "BadFilmList", which names the film, where one lacks its id, title, rank or year, or has
/// something else in them, or comes twice; lambda::JsonError for what is no such list.
std::vector<Film> read_film_list(std::string_view text);

/// The best by rating, and of equal ratings by rank, both as numbers: rank 10 is before rank 12.
/// Throws FunctionError "BadFilmList" where there are fewer films.
std::vector<Film> best_of(std::vector<Film> films, std::size_t count);

/// What get_top_movies sends and enrich_movies reads, once for each day.
struct DailyList {
  std::string day;  // "2026-01-01", in UTC
  std::vector<Film> films;

  std::string to_message() const;
  /// Throws JsonError or FunctionError "BadMessage" where it is no such message.
  static DailyList from_message(const std::string& text);
};

/// Whether a text is a day such as "2026-01-01".
bool is_day(std::string_view text);

}  // namespace top_movies
