// What a movie job can be told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::jobs::movies {

enum class Role : std::uint8_t { both, produce, consume };

inline constexpr std::string_view default_queue = "movie-load.fifo";

struct MovieOptions {
  std::uint64_t count = 10'000;
  /// Empty: a new one is made up. Up to 60 letters, digits, '-', '_' and '.'.
  std::string job_id;
  std::uint64_t seed = 1;
  /// A name that ends in ".fifo" is a FIFO queue; any other a standard one, where the order and the
  /// deduplication are the consumer's business alone.
  std::string queue = std::string(default_queue);
  std::string table = "movie-job-information";
  std::string bucket = "movie-bucket";
  Role role = Role::both;
  std::uint64_t groups = 16;  // message groups, 1 to 1,000
  bool create = true;         // what is missing; refuse otherwise
  std::string region = "us-east-1";
  /// Directory for a copy of the object; nothing for none.
  std::optional<std::string> download;

  /// Whether a function on the queue takes the messages and stores the movies (docs/scaling.md).
  bool by_function = false;

  /// Messages sent and not yet stored, from which on the producer waits.
  std::uint64_t max_backlog = 10'000;
  /// Batches being sent, and batches being received, at the same time.
  std::uint64_t senders = 8;
  std::uint64_t receivers = 16;
  /// How long a received message stays hidden; after a kill the next run waits that long for it.
  std::chrono::seconds visibility_timeout{10};
  /// How long the job waits for messages that do not come.
  std::chrono::seconds idle_timeout{300};

  /// For the summary: where the endpoints are ("the embedded cloud", "http://localhost:4566").
  std::string cloud = "the embedded cloud";
  /// For the summary: what aws CLI commands need to look there (" --endpoint-url http://…").
  std::string cli_arguments;
  /// For the summary: what comes before them (", once \"matinee up\" serves it"), or nothing.
  std::string look_first;

  bool is_fifo() const { return queue.ends_with(".fifo"); }
  std::string object_key() const { return job_id + ".json"; }
  /// Whether the job may move to a queue of its own where another job has its queue: where nobody
  /// has chosen one.
  bool may_move_out() const { return queue == default_queue; }
  /// The name of that one, for a job with an id: "movie-load-ID.fifo".
  std::string own_queue() const;
};

/// What is wrong with the options, as a sentence that names the option; empty where nothing is.
std::string find_option_fault(const MovieOptions& options);

/// "produce" or "consume" to a role; nothing for other text.
std::optional<Role> find_role(std::string_view name);

}  // namespace matinee::jobs::movies
