// A whole cloud in memory, and coroutines on it that are run to their ends.
#pragma once

#include <gtest/gtest.h>

#include "cloud/cloud.h"
#include "runtime/simulated/simulation.h"

namespace matinee::cloud {

class CloudFixture : public testing::Test {
 protected:
  CloudFixture() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
  }

  template <class T>
  T run(runtime::Task<T> task) {
    std::optional<T> value;
    std::exception_ptr failure;
    runtime::start(std::move(task), [&](std::optional<T> result, std::exception_ptr error) {
      value = std::move(result);
      failure = error;
    });
    while (!value && !failure) {
      simulation.loop.run_until_idle();
      if (!value && !failure && !simulation.loop.advance_to_next_timer()) break;
    }
    if (failure) std::rethrow_exception(failure);
    return std::move(value.value());
  }
  void run(runtime::Task<void> task) {
    run([](runtime::Task<void> inner) -> runtime::Task<bool> {
      co_await inner;
      co_return true;
    }(std::move(task)));
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  std::unique_ptr<Cloud> cloud;
};

}  // namespace matinee::cloud
