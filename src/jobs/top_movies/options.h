// What the top-movies pipeline is told, what it notices, and what it ends with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "insight/shapes.h"
#include "jobs/deploy/deploy.h"

namespace matinee::jobs::top_movies {

struct TopMoviesOptions {
  deploy::DeployOptions deployment;
  std::string via = "sns";
  /// Where OMDb answers, and the key that it wants; empty: that which the parameter has already.
  std::string omdb_url;
  std::string omdb_key;
  std::string_view list;  // of films, as it is put into the bucket
  /// "2026-01-01": the functions are called for that day. Empty: the clock is moved to the time of
  /// the rule.
  std::string day;
  std::string cloud;  // for sentences
  std::string cli_arguments;
  std::string look_first;
  bool has_journal = true;  // the cloud tells what has happened to messages
  /// How long the day's file may take.
  runtime::Duration patience = std::chrono::seconds(60);
};

/// A film of the day's file.
struct WrittenFilm {
  std::string id;
  std::string title;
  std::string rating;
  std::int64_t rank = 0;
  std::int64_t year = 0;
  std::vector<std::string> directors;
};

struct TopMoviesSummary {
  deploy::DeploySummary deployment;
  std::string via;
  std::string day;
  std::string bucket;
  std::string key;
  bool was_there = false;  // before this run: the day is written once
  std::vector<WrittenFilm> films;
  std::string version;
  std::string encryption;
  bool is_private = false;
  std::vector<std::string> faults;  // what is not as it should be, as sentences
  std::vector<insight::Hop> journey;
  std::string cli_arguments;
  std::string look_first;
  double seconds = 0;

  bool verified() const { return deployment.succeeded() && faults.empty(); }
};

}  // namespace matinee::jobs::top_movies
