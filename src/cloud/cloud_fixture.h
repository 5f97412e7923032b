// A whole cloud in memory, and coroutines on it that are run to their ends.
#pragma once

#include <gtest/gtest.h>

#include "cloud/cloud.h"
#include "runtime/simulated/run_task.h"
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
    return runtime::run_task(simulation.loop, std::move(task));
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
