// The OMDb API, asked for one film at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "library/http.h"
#include "library/json.h"
#include "library/retry.h"
#include "movies/film_list.h"

namespace top_movies {

class OmdbClient {
 public:
  /// `url` is OMDb's, or that of something that answers like it.
  explicit OmdbClient(std::string url, lambda::RetryPolicy policy = {})
      : url_(std::move(url)), policy_(policy) {}

  /// What OMDb has of a film; nothing where it does not know it. Repeats what may succeed later.
  /// Throws FunctionError: "OmdbKeyRefused" (also beyond the key's daily limit), which nothing but
  /// another key or day helps, "OmdbFailed" where OMDb goes on failing, or what Wire throws.
  std::optional<lambda::Json> find(const std::string& id, const std::string& key,
                                   lambda::Deadline deadline);

 private:
  std::string url_;
  lambda::RetryPolicy policy_;
  lambda::HttpClient http_;

  std::optional<lambda::Json> find_once(const std::string& id, const std::string& key,
                                        lambda::Deadline deadline);
};

/// What is written of a film: from the list what it knows, the rest from OMDb. Numbers are numbers,
/// lists are lists, and what OMDb has as "N/A" is left out.
lambda::Json enriched(const Film& film, const lambda::Json& omdb);

}  // namespace top_movies
