// Connections that HTTP endpoints share: who waits for whom.
#include "services/http_pool.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"

namespace matinee::services {
namespace {

using std::chrono::seconds;

/// Answers at once, but for endpoints whose URL says that they are silent: those when they are
/// told.
class PartlySilent final : public runtime::HttpClient {
 public:
  explicit PartlySilent(runtime::Loop& loop) : loop_(loop) {}

  std::vector<Done> silent;

  void give_up_all() {
    for (Done& done : std::exchange(silent, {}))
      done(std::unexpected(runtime::HttpFailure{runtime::HttpFailure::Kind::timed_out, "Late."}));
  }

 private:
  runtime::Loop& loop_;

  std::uint64_t start(runtime::HttpCall call, Done done) override {
    if (call.url.contains("silent"))
      silent.push_back(std::move(done));
    else
      loop_.post([done = std::move(done)]() mutable { done(runtime::HttpReply{.status = 200}); });
    return 1;
  }
  void cancel(std::uint64_t) override {}
};

class HttpPoolTest : public ::testing::Test {
 protected:
  runtime::Simulation simulation{1};
  PartlySilent http{simulation.loop};
  HttpPool pool{simulation.loop};
  std::size_t taken = 0;
  std::size_t failed = 0;

  void send(const std::string& endpoint) {
    runtime::start(tasks.spawn(deliver(endpoint)), [](const std::exception_ptr&) {});
  }
  void send_to_silent(int endpoints, int calls) {
    for (int endpoint = 0; endpoint < endpoints; ++endpoint)
      for (int call = 0; call < calls; ++call) send(fmt::format("silent-{}", endpoint));
  }
  void run() { simulation.loop.run_until_idle(); }

 private:
  runtime::TaskGroup tasks{10'000};

  runtime::Task<> deliver(std::string endpoint) {
    const HttpOutcome outcome = co_await pool.deliver(
        http, {.method = "POST", .url = "http://" + endpoint}, HttpRules::topic, endpoint);
    ++(outcome.refusal ? failed : taken);
  }
};

TEST_F(HttpPoolTest, who_answers_waits_a_second_at_most_for_who_does_not) {
  send_to_silent(300, 4);
  send("good");
  run();
  EXPECT_EQ(taken, 0u);
  simulation.loop.advance(HttpPool::leaves_after);
  EXPECT_EQ(taken, 1u);
  EXPECT_LE(http.silent.size(), HttpPool::most_calls);
}

TEST_F(HttpPoolTest, who_is_known_to_be_slow_takes_nothing_from_others) {
  send_to_silent(300, 1);
  simulation.loop.advance(seconds(15));
  http.give_up_all();
  run();
  EXPECT_EQ(failed, 300u);
  send_to_silent(300, 4);
  run();
  EXPECT_EQ(http.silent.size(), HttpPool::most_slow_calls);
  for (int call = 0; call < 100; ++call) send("good");
  run();
  EXPECT_EQ(taken, 100u);
}

TEST_F(HttpPoolTest, all_that_wait_have_their_turn) {
  send_to_silent(300, 4);
  for (int round = 0; round < 100 && failed < 1200; ++round) {
    simulation.loop.advance(seconds(15));
    http.give_up_all();
    run();
  }
  EXPECT_EQ(failed, 1200u);
}

TEST_F(HttpPoolTest, the_first_call_of_an_endpoint_goes_before_further_ones) {
  send_to_silent(1, 600);
  EXPECT_EQ(http.silent.size(), HttpPool::most_quick_calls_beside_first);
  send("good");
  run();
  EXPECT_EQ(taken, 1u);
}

}  // namespace
}  // namespace matinee::services
