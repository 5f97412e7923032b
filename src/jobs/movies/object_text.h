// The text of the job's object: a JSON array with one movie a line, in order.
#pragma once

#include <string>

#include "jobs/movies/movie.h"

namespace matinee::jobs::movies {

/// Makes the text movie by movie.
class ObjectText {
 public:
  void add(const Movie& movie) {
    text_ += first_ ? "[\n" : ",\n";
    first_ = false;
    append_json(movie, text_);
  }
  void finish() { text_ += first_ ? "[]\n" : "\n]\n"; }

  std::size_t size() const { return text_.size(); }
  /// Takes the first `length` bytes of what there is.
  std::string take(std::size_t length) {
    std::string front = text_.substr(0, length);
    text_.erase(0, length);
    return front;
  }

 private:
  std::string text_;
  bool first_ = true;
};

}  // namespace matinee::jobs::movies
