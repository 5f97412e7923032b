// A store on a simulated disk with a table of movies, for tests.
#pragma once

#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"
#include "storage/store.h"
#include "storage/table.h"

namespace matinee::storage {

using Crash = runtime::SimulatedDisk::Crash;
using std::chrono::milliseconds;

struct Movie {
  std::string title;
  std::int32_t year = 0;
  bool operator==(const Movie&) const = default;
  static constexpr auto fields = std::tuple{field<1>(&Movie::title), field<2>(&Movie::year)};
};

using Movies = Table<std::tuple<std::string, std::uint32_t>, Movie>;

class Stores : public testing::Test {
 protected:
  void SetUp() override { open(); }

  StoreOptions options() {
    return {.directory = "/data",
            .durability = durability,
            .disk = &simulation.disk,
            .workers = &simulation.workers};
  }
  void open() {
    auto opened = Store::open(options());
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    movies.emplace(*store, TableId{0x0f01});
    simulation.loop.set_flush([this] { ASSERT_TRUE(store->flush()); });
  }
  void crash_and_open(Crash kind) {
    simulation.crash(kind);
    store.reset();
    simulation.restart();
    open();
  }
  void put(const std::string& group, std::uint32_t number, const std::string& title = "title") {
    Transaction transaction(*store);
    movies->put({group, number}, {title, 1999});
    transaction.commit();
  }
  std::string titles(const KeyRange& range, Order order = Order::forward) {
    std::string out;
    movies->scan(
        range,
        [&](const auto&, const Movie& movie) {
          out += movie.title;
          return true;
        },
        order);
    return out;
  }

  Durability durability = Durability::process;
  runtime::Simulation simulation;
  std::unique_ptr<Store> store;
  std::optional<Movies> movies;
};

}  // namespace matinee::storage
