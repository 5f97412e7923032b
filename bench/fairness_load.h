// What one client can do to everybody else: the requests that take a server the longest, and a
// probe that tells how long somebody else waits meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bench {

/// Reads one small item again and again, 2 ms apart, on a thread and a connection of its own.
class Probe {
 public:
  /// Creates the table that it reads.
  explicit Probe(std::uint16_t port);

  struct Waits {
    std::size_t count = 0;
    double p99_ms = 0;
    double worst_ms = 0;
    double worst_idle_ms = 0;  // how late this thread itself woke up: the machine's share
  };

  /// How long the probe waits while `load` runs.
  Waits measure(const std::function<void()>& load) const;

 private:
  std::uint16_t port_;
  std::string request_;

  Waits watch(const std::stop_token& stop) const;
};

/// Runs `work` on so many threads until all have ended. Throws what the first of them threw.
void run_clients(int clients, const std::function<void(int client)>& work);

/// Reads a table page by page to its end; `more` are further members of each request ("," first).
/// Returns how many items were looked at.
std::uint64_t scan_table(std::uint16_t port, std::string_view table, std::string_view more);

/// "contains(v, :c0) OR contains(v, :c1) OR …", so many.
std::string contains_terms(int count, std::string_view attribute);
/// "":c0":{"S":"…"},…", each term made by `term`.
std::string contains_values(int count, const std::function<std::string(int)>& term);

std::string dynamodb_call(std::uint16_t port, std::string_view operation, std::string_view body);

/// DeleteObjects of so many keys from that number on, as PutKeyLoad made them.
std::string delete_objects_call(std::uint16_t port, std::string_view bucket, int first, int count);

/// A form of the older SQS protocol.
std::string form_call(std::uint16_t port, std::string_view body);

}  // namespace bench
