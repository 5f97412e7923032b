// What every group of figures needs: a server to measure, a plan, and a load turned into a figure.
#pragma once

#include <cstdint>
#include <memory>

#include "figures.h"
#include "http_load.h"
#include "server_process.h"

namespace bench {

/// Units a second, and the server's processor time for each, on all its threads: that much less
/// depends on what else the machine does.
struct Speed {
  double rate = 0;
  double processor_us = 0;

  Speed& operator+=(const Speed& other) {
    rate += other.rate;
    processor_us += other.processor_us;
    return *this;
  }
};

/// The server a group of figures is measured on: our own, or one that already runs.
class Target {
 public:
  explicit Target(const Settings& settings);

  std::uint16_t port() const { return port_; }
  /// Null for a server that already runs.
  const ServerProcess* process() const { return process_.get(); }

 private:
  std::uint16_t port_;
  std::unique_ptr<ServerProcess> process_;
};

LoadPlan plan_for(const Settings& settings, std::uint16_t port);

/// Runs the load and fills in units a second, with latencies as the note; or why it failed.
Figure measure_load(Figure figure, const LoadPlan& plan, Workload& workload);

}  // namespace bench
