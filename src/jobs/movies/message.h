// The message that carries one movie through the queue:
// {"job_id":"J","movie_id":"J:17","movie":{...}}.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "jobs/movies/movie.h"

namespace matinee::jobs::movies {

/// "J:17". Also the message's deduplication id, so that sending it again is harmless.
std::string movie_id(std::string_view job_id, std::uint64_t index);

/// Appends the message's body.
void append_message(std::string_view job_id, std::uint64_t index, const Movie& movie,
                    std::string& out);

/// A message of this job.
struct OwnMovie {
  std::uint64_t index = 0;
  Movie movie;
};

/// A message of another job: none of our business.
struct Foreign {
  std::string job_id;
};

/// A message that nobody can make anything of, and why, as a sentence.
struct Unintelligible {
  std::string reason;
};

using Reading = std::variant<OwnMovie, Foreign, Unintelligible>;

/// Reads messages of one job with `count` movies.
class MessageReader {
 public:
  MessageReader(std::string job_id, std::uint64_t count);
  MessageReader(MessageReader&&) noexcept;
  ~MessageReader();

  /// `body` may get more capacity; its content stays.
  Reading read(std::string& body);

  /// Reads what append_json wrote; false for anything else.
  bool read_movie(std::string& json, Movie& movie);

 private:
  struct Parser;
  std::string job_id_;
  std::uint64_t count_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace matinee::jobs::movies
