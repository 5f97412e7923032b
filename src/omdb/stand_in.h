// Stands in for www.omdbapi.com where there is no network: answers as the OMDb API does, from the
// film list that the program carries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/http.h"

namespace matinee::omdb {

/// Of the list, with its texts repaired; numbers as OMDb writes them.
struct Film {
  std::string id;     // "tt0111161"
  std::string title;  // "The Shawshank Redemption"
  std::string year;   // "1994"
  std::string poster;
  std::string directors;  // "Frank Darabont"
  std::string actors;     // "Tim Robbins, Morgan Freeman"
  std::string rating;     // "9.2"
  std::string votes;      // "2,572,473"
};

/// In the list's order, the best first.
std::vector<Film> read_films(std::string_view list);

/// The list that the program carries: IMDb's best 250 of a day, as it was published.
std::string_view film_list();

/// Pure, and safe from any thread.
class StandIn {
 public:
  /// `keys` are the API keys that it knows; every key is good where there are none.
  explicit StandIn(std::vector<std::string> keys = {});

  std::size_t size() const { return films_.size(); }
  /// By `i=` and `t=` (with `y=` and `type=`), in JSON. A request without a good key gets 401, and
  /// one that finds nothing 200 with "Response": "False", both with OMDb's words.
  protocol::HttpResponse answer(const protocol::HttpRequest& request) const;

 private:
  std::vector<std::string> keys_;
  std::vector<Film> films_;

  const Film* find_by_title(const protocol::Parameters& query) const;
};

}  // namespace matinee::omdb
