// Code that waits for its first call.
#include "services/lambda/running/ready_code.h"

#include <gtest/gtest.h>

#include "runtime/simulated/simulated_sandboxes.h"
#include "runtime/simulated/simulation.h"
#include "storage/store.h"

namespace matinee::lambda {

using namespace std::chrono_literals;

namespace {

class NoPorts final : public services::LocalPorts {
 public:
  std::expected<std::uint16_t, std::string> open(services::LocalApi&) override {
    return std::unexpected("no ports");
  }
  void close(std::uint16_t) override {}
};

}  // namespace

class ReadyCodeTest : public testing::Test {
 protected:
  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  runtime::SimulatedSandboxes sandboxes{simulation.loop};
  NoPorts ports;
  bool can_read = true;
  Machine machine{.runtime = runtime,
                  .sandboxes = sandboxes,
                  .ports = ports,
                  .read_package = [this](const std::string&) -> runtime::ReadArchive {
                    if (!can_read) throw storage::StoreFailure("no disk");
                    return [] { return std::string(); };
                  },
                  .launch_of = {},
                  .keep_lines = {}};
  ReadyCode ready{machine};

  void prepare(const std::string& package) {
    ready.prepare(package);
    simulation.loop.run_until_idle();
  }
  bool is_ready(const std::string& package) { return sandboxes.find_unpacked(package) != nullptr; }
};

TEST_F(ReadyCodeTest, is_kept_for_ten_minutes_after_it_was_asked_for_last) {
  prepare("first");
  EXPECT_TRUE(is_ready("first"));
  simulation.loop.advance(6min);
  prepare("second");
  simulation.loop.advance(4min);
  EXPECT_FALSE(is_ready("first"));
  EXPECT_TRUE(is_ready("second"));
  prepare("second");
  simulation.loop.advance(6min + 1s);
  EXPECT_TRUE(is_ready("second"));
  simulation.loop.advance(4min);
  EXPECT_FALSE(is_ready("second"));
}

TEST_F(ReadyCodeTest, is_of_the_latest_packages_only) {
  for (std::size_t i = 0; i <= ReadyCode::most_packages; ++i) prepare(std::to_string(i));
  EXPECT_FALSE(is_ready("0"));
  EXPECT_TRUE(is_ready("1"));
  EXPECT_TRUE(is_ready(std::to_string(ReadyCode::most_packages)));
}

TEST_F(ReadyCodeTest, that_cannot_be_read_is_left_to_the_first_call) {
  can_read = false;
  prepare("first");
  EXPECT_FALSE(is_ready("first"));
  can_read = true;
  prepare("first");
  EXPECT_TRUE(is_ready("first"));
}

}  // namespace matinee::lambda
