// A closed-loop HTTP load generator: each of a number of keep-alive connections has exactly one
// request outstanding. One thread, one epoll, prebuilt requests and no more parsing of an answer
// than its status and length, so that the generator takes as little as possible of the two cores
// it shares with the server it measures.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What the connections send, and what they make of the answers.
class Workload {
 public:
  virtual ~Workload() = default;

  /// The whole next request of a connection. The bytes stay valid until the next call for it.
  virtual std::string_view next_request(int connection) = 0;

  /// Looks at an answer with status 2xx; returns how many units of work (messages, items, objects)
  /// it stands for. Throws std::runtime_error when the answer is not a success after all.
  virtual std::uint64_t accept(int connection, std::string_view body) = 0;
};

/// How hard and how long. Times are in seconds; answers during the warm-up are not counted. With
/// `units` it ends as soon as that many are counted; with `least_units` it goes on for a minute at
/// most until that many are. A server that closes the connection with its answer gets a new one for
/// the next request.
struct LoadPlan {
  std::uint16_t port = 0;
  int connections = 64;
  double seconds = 5;
  double warm_up_seconds = 1;
  std::uint64_t units = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t least_units = 0;
};

/// What was measured. Latencies are in microseconds, as the client saw them.
struct LoadResult {
  double seconds = 0;
  std::uint64_t units = 0;
  std::uint64_t requests = 0;
  double median_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double slowest_us = 0;

  double units_per_second() const { return seconds > 0 ? static_cast<double>(units) / seconds : 0; }
};

/// Runs the workload against 127.0.0.1. Throws std::runtime_error when a connection breaks or the
/// server answers with an error, with the start of its answer.
LoadResult run_load(const LoadPlan& plan, Workload& workload);

/// An answer read in full, for the few requests outside the measured loop.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

/// Sends one request on a connection of its own and waits for the answer.
Answer send_once(std::uint16_t port, std::string_view request);

/// The same, and throws std::runtime_error with the answer unless its status is 2xx.
Answer require_success(std::uint16_t port, std::string_view request);

/// A connected, blocking socket to 127.0.0.1 that the caller closes. Throws std::system_error.
int connect_to(std::uint16_t port);

/// Status and body length of an answer's head (up to and including the empty line), and whether the
/// connection ends with it.
struct Head {
  int status = 0;
  std::uint64_t content_length = 0;
  std::size_t size = 0;
  bool closes = false;
};

/// Reads a head; size is zero while it is not complete yet. Knows no chunked answers and throws
/// std::runtime_error for one, since the operations measured here are answered with a length.
Head parse_head(std::string_view bytes);

/// Seconds on the monotonic clock.
double now_seconds();

}  // namespace bench
