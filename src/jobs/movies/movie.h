// What the movie job moves: a movie, its JSON text, and the endless list of invented ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace matinee::jobs::movies {

struct Movie {
  std::string title;
  int year = 0;  // of release
  std::string director;
  std::string actor;

  bool operator==(const Movie&) const = default;
};

// Limits of what is accepted from a queue, in bytes of UTF-8. With them movies_per_part movies
// always fit into one DynamoDB item (layout.h).
inline constexpr std::size_t max_title_bytes = 90;
inline constexpr std::size_t max_name_bytes = 40;
inline constexpr int min_year = 1000;
inline constexpr int max_year = 9999;

/// Why a movie is not accepted, as the end of a sentence ("has a title of 120 bytes, ..."); empty
/// for one that is.
std::string find_fault(const Movie& movie);

/// Appends {"title":"...","year":1987,"director":"...","actor":"..."}: always the same bytes for
/// the same movie.
void append_json(const Movie& movie, std::string& out);

/// Invented movies. Movie number i depends on the seed and i only, so that any of them can be made
/// again without those before it.
class MovieList {
 public:
  explicit MovieList(std::uint64_t seed) : seed_(seed) {}

  Movie at(std::uint64_t index) const;
  /// The same into an existing movie, whose memory is used again.
  void make(std::uint64_t index, Movie& movie) const;

 private:
  std::uint64_t seed_;
};

}  // namespace matinee::jobs::movies
