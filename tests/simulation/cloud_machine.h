// A simulated machine with a cloud on it, in one program with whatever works on the cloud. It can
// be killed at any write, and started again.
#pragma once

#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "flaky_channel.h"
#include "runtime/simulated/simulation.h"

namespace matinee::simulation {

class CloudMachine {
 public:
  explicit CloudMachine(std::uint64_t seed = 1);
  ~CloudMachine();

  void start();
  void stop();
  /// To the moment after `writes` more writes to the disk; then the program starts again.
  void kill_after(std::uint64_t writes) {
    machine.disk.crash_after(writes, runtime::SimulatedDisk::Crash::process);
  }

  /// From now on services leave over one entry in `one_in` of each batch.
  void make_flaky(std::uint64_t one_in) {
    flaky_ = std::make_unique<FlakyChannel>(*channel_, machine.random, one_in);
  }
  std::uint64_t refused() const { return flaky_->refused(); }

  /// Until `task` has ended; throws what it throws.
  template <class T>
  T wait_for(runtime::Task<T> task);
  void wait_for(runtime::Task<> task);

  client::Channel& channel();

  runtime::Simulation machine;

  /// Lets time pass until `done` or nothing more can happen.
  void pass_time(const std::function<bool()>& done);

 protected:
  runtime::Runtime runtime_ = machine.runtime();

 private:
  std::unique_ptr<cloud::Cloud> cloud_;
  std::unique_ptr<client::InProcessChannel> channel_;
  std::unique_ptr<FlakyChannel> flaky_;
};

template <class T>
T CloudMachine::wait_for(runtime::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool done = false;
  runtime::start(std::move(task), [&](std::optional<T> value, std::exception_ptr error) {
    result = std::move(value);
    failure = error;
    done = true;
  });
  pass_time([&] { return done; });
  if (failure) std::rethrow_exception(failure);
  return std::move(result.value());
}

}  // namespace matinee::simulation
