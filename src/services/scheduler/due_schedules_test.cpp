#include "services/scheduler/due_schedules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"

namespace matinee::scheduler {
namespace {

using std::chrono::seconds;

class DueSchedulesOfManyAccounts : public testing::Test {
 protected:
  DueSchedulesOfManyAccounts() {
    auto opened = storage::Store::open(
        {.directory = "/data", .durability = storage::Durability::process, .disk = &machine.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
  }

  void put(const std::string& account, int in, const std::string& name) {
    const runtime::Time at = machine.loop.now() + seconds(in);
    storage::Table<DueKey, DueRecord>(*store, due_table)
        .put({at, account, "us-east-1", "default", name}, {.scheduled = at});
  }

  runtime::Simulation machine;
  std::unique_ptr<storage::Store> store;
};

TEST_F(DueSchedulesOfManyAccounts, are_found_in_turns_behind_those_of_others) {
  storage::Transaction transaction(*store);
  for (int i = 1; i <= 1000; ++i) put("111111111111", i, fmt::format("other{}", i));
  put("222222222222", 0, "now");
  put("222222222222", 2000, "late");
  put("222222222222", 500, "soon");
  put("222222222222", 3000, "later");
  transaction.commit();
  machine.loop.let_looking_take(runtime::Turns::length / 100);
  std::vector<std::string> found;
  const DueSchedules schedules(*store);
  runtime::start(
      schedules.due(
          {.account = "222222222222", .region = "us-east-1", .now = machine.loop.now(), .most = 2},
          machine.loop.turns()),
      [&](std::optional<std::vector<services::DueThing>> things, const std::exception_ptr&) {
        for (const services::DueThing& thing : things.value()) found.push_back(thing.resource);
      });
  EXPECT_THAT(found, testing::IsEmpty()) << "it gives way";
  const std::uint64_t before = machine.loop.round();
  machine.loop.run_until_idle();
  EXPECT_THAT(found, testing::ElementsAre(testing::EndsWith("/soon"), testing::EndsWith("/late")));
  EXPECT_GT(machine.loop.round() - before, 5U);
}

}  // namespace
}  // namespace matinee::scheduler
