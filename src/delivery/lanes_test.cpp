// Lanes: what waits for what, and what does not.
#include <fmt/format.h>

#include "delivery/outbox_fixture.h"
#include "runtime/random.h"
#include "services/schedule_tries.h"

namespace matinee::delivery {
namespace {

using Outcome = services::DeliveryResult::Outcome;
using std::chrono::seconds;

class Lanes : public OutboxTest {};

TEST_F(Lanes, that_keep_no_order_go_on_beside_what_failed) {
  target.refused_bodies["bad"] = passing();
  add(delivery("bad"));
  add(delivery("good"));
  run();
  EXPECT_EQ(target.bodies["test:one"], std::vector<std::string>{"good"});
  target.refused_bodies.clear();
  simulation.loop.advance(seconds(1));
  EXPECT_EQ(target.bodies["test:one"], (std::vector<std::string>{"good", "bad"}));
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, that_keep_their_order_wait_for_their_head) {
  target.refused_bodies["1"] = passing();
  for (const char* body : {"1", "2", "3"}) {
    services::Delivery made = delivery(body);
    made.in_order = true;
    add(made);
  }
  run();
  EXPECT_TRUE(target.bodies["test:one"].empty());
  target.refused_bodies.clear();
  simulation.loop.advance(seconds(2));
  EXPECT_EQ(target.bodies["test:one"], (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, have_as_many_calls_under_way_as_their_target_bears) {
  target.stuck_targets.insert("test:one");
  for (int i = 0; i < 20; ++i) add(delivery(fmt::to_string(i)));
  run();
  EXPECT_EQ(target.most_underway, 4u);
  target.release();
  run();
  EXPECT_EQ(target.bodies["test:one"].size(), 20u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, of_a_target_that_does_not_answer_hold_up_no_other) {
  target.stuck_targets.insert("test:stuck");
  add(delivery("waits", "test:stuck"));
  add(delivery("passes", "test:other"));
  run();
  EXPECT_EQ(target.bodies["test:other"].size(), 1u);
  target.release();
  run();
  EXPECT_EQ(target.bodies["test:stuck"].size(), 1u);
}

TEST_F(Lanes, try_again_at_the_times_of_topics) {
  target.refused_targets.emplace("test:one", protocol::ServiceError("InternalFailure", 500, "x"));
  const runtime::Time start = simulation.loop.now();
  add(delivery("late"));
  simulation.loop.advance(seconds(300));
  ASSERT_GT(target.tries.size(), 17u);
  std::vector<double> waits;
  for (std::size_t i = 1; i < 17; ++i)
    waits.push_back(
        std::chrono::duration<double>(target.tries[i].first - target.tries[i - 1].first).count());
  EXPECT_EQ(target.tries.front().first, start);
  EXPECT_EQ(std::vector<double>(waits.begin(), waits.begin() + 6),
            (std::vector<double>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(waits[14], 20);
  EXPECT_EQ(waits[15], 20);
  EXPECT_TRUE(std::ranges::is_sorted(waits));
}

TEST_F(Lanes, go_on_after_a_restart_at_the_times_that_were_set) {
  target.refused_bodies["late"] = passing();
  services::Delivery made = delivery("late");
  made.retries = {.kind = services::RetryPolicy::Kind::phases,
                  .phases = {{.count = 3, .first = seconds(20), .last = seconds(20)}}};
  add(made);
  run();
  simulation.loop.advance(seconds(5));
  kill_and_restart();
  target.refused_bodies.clear();
  simulation.loop.advance(seconds(14));
  EXPECT_TRUE(target.bodies["test:one"].empty());
  simulation.loop.advance(seconds(1));
  EXPECT_EQ(target.bodies["test:one"].size(), 1u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, find_what_is_put_off_after_a_restart_while_the_clock_stands) {
  // The one that is due last was put off first, and so has the lowest number.
  target.refused_bodies["later"] = passing();
  services::Delivery later = delivery("later");
  later.retries = {.kind = services::RetryPolicy::Kind::phases,
                   .phases = {{.count = 3, .first = seconds(20), .last = seconds(20)}}};
  add(later);
  run();
  target.stuck_targets.insert("test:one");
  for (const char* body : {"first", "second", "third"}) add(delivery(body));
  run();
  kill_and_restart();
  target.stuck_targets.clear();
  target.refused_targets.emplace("test:one", protocol::ServiceError("InternalFailure", 500, "x"));
  run();
  target.refused_targets.clear();
  simulation.loop.advance(seconds(1));
  EXPECT_EQ(target.bodies["test:one"].size(), 3U);
}

TEST_F(Lanes, end_after_the_last_retry_and_tell_so) {
  target.refused_bodies["lost"] = passing();
  services::Delivery made = delivery("lost");
  made.retries = {.kind = services::RetryPolicy::Kind::phases,
                  .phases = {{.count = 3, .first = seconds(20), .last = seconds(20)}}};
  add(made);
  simulation.loop.advance(seconds(59));
  EXPECT_EQ(target.tries.size(), 3u);
  simulation.loop.advance(seconds(600));
  EXPECT_EQ(target.tries.size(), 4u);
  EXPECT_TRUE(is_empty());
  ASSERT_EQ(listener.results.size(), 4u);
  EXPECT_EQ(listener.results.back().second.outcome, Outcome::dropped);
  EXPECT_EQ(listener.results.back().second.tries, 4u);
  EXPECT_EQ(listener.results.back().second.reason, "not now");
}

TEST_F(Lanes, end_in_the_queue_for_dead_letters_with_the_reasons) {
  target.refused_bodies["dead"] = final();
  services::Delivery made = delivery("dead");
  made.dead_letter = {.queue = "test:dead", .tells_reasons = true};
  made.dead_letter.attributes = {{.name = "RULE_ARN", .type = "String", .value = "rule"}};
  add(made);
  target.refused_bodies.erase("other");
  run();
  // The queue is the same fake target, which refuses this body too, so that it is dropped there.
  EXPECT_EQ(listener.count(Outcome::dead_lettered), 1u);
  EXPECT_EQ(listener.count(Outcome::dropped), 1u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, give_up_an_event_at_its_greatest_age) {
  target.refused_bodies["old"] = passing();
  services::Delivery made = delivery("old");
  made.retries = {.kind = services::RetryPolicy::Kind::event, .oldest = seconds(60)};
  made.dead_letter = {.queue = "test:dead", .body = "letter"};
  add(made);
  simulation.loop.advance(seconds(59));
  EXPECT_TRUE(target.bodies["test:dead"].empty());
  simulation.loop.advance(seconds(2));
  EXPECT_EQ(target.bodies["test:dead"], std::vector<std::string>{"letter"});
}

TEST_F(Lanes, take_the_newest_policy_for_what_waits) {
  target.refused_bodies["first"] = passing();
  services::Delivery made = delivery("first");
  made.retries = {.kind = services::RetryPolicy::Kind::phases,
                  .phases = {{.count = 1, .first = seconds(20), .last = seconds(20)}}};
  add(made);
  run();
  services::Delivery next = delivery("second");
  next.dead_letter = {.queue = "test:dead", .body = "letter"};
  next.retries = made.retries;
  add(next);
  simulation.loop.advance(seconds(20));
  EXPECT_EQ(listener.count(Outcome::dead_lettered), 1u);
}

TEST_F(Lanes, of_an_account_go_with_a_reset) {
  target.stuck_targets.insert("test:one");
  for (int i = 0; i < 20; ++i) add(delivery(fmt::to_string(i)));
  run();
  {
    storage::Transaction transaction(*store);
    outbox->reset({.account = "111111111111"});
    transaction.commit();
  }
  EXPECT_TRUE(is_empty());
  target.release();
  run();
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, of_schedules_tell_each_try_its_number_also_after_a_restart) {
  target.refused_targets.emplace("test:one", protocol::ServiceError("InternalFailure", 500, "x"));
  services::Delivery made = delivery("1 firing");
  made.service_principal = "scheduler.amazonaws.com";
  made.id = "firing";
  made.told_of_tries = "<aws.scheduler.attempt-number> <aws.scheduler.execution-id>";
  made.retries = {.kind = services::RetryPolicy::Kind::event, .most_retries = 3};
  add(made);
  simulation.loop.advance(seconds(1));
  kill_and_restart();
  simulation.loop.advance(seconds(30));
  ASSERT_EQ(target.tries.size(), 4U);
  EXPECT_EQ(target.tries[0].second, "1 firing");
  for (std::uint32_t number = 2; number <= 4; ++number)
    EXPECT_EQ(target.tries[number - 1].second,
              fmt::format("{} {}", number, services::execution_of_try("firing", number)));
  EXPECT_NE(services::execution_of_try("firing", 2), services::execution_of_try("firing", 3));
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, by_the_thousand_and_full_ones_are_taken_up_after_a_restart) {
  target.stuck_targets.insert("test:full");
  {
    storage::Transaction transaction(*store);
    for (int i = 0; i < 2000; ++i) outbox->add(delivery("body", fmt::format("test:{}", i)));
    for (int i = 0; i < 2000; ++i) outbox->add(delivery(fmt::to_string(i), "test:full"));
    transaction.commit();
  }
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  target.release();
  run();
  EXPECT_EQ(target.bodies.size(), 2001u);
  EXPECT_EQ(target.bodies["test:full"].size(), 2000u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, of_one_kind_of_target_wait_for_each_other_in_their_order) {
  target.calls_of_all = 3;
  for (int lane = 0; lane < 10; ++lane) target.stuck_targets.insert(fmt::format("test:{}", lane));
  for (int lane = 0; lane < 10; ++lane)
    for (int i = 0; i < 5; ++i) add(delivery(fmt::to_string(i), fmt::format("test:{}", lane)));
  run();
  EXPECT_EQ(target.underway, 3u);
  target.release();
  run();
  EXPECT_EQ(target.most_underway, 3u);
  for (int lane = 0; lane < 10; ++lane)
    EXPECT_EQ(target.bodies[fmt::format("test:{}", lane)].size(), 5u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, whose_calls_fail_leave_half_of_what_their_target_bears_to_others) {
  target.calls_of_all = 4;
  target.refused_bodies["bad"] = passing();
  const auto failing = [](int lane) { return fmt::format("test:failing-{}", lane); };
  for (int lane = 0; lane < 6; ++lane) add(delivery("bad", failing(lane)));
  run();
  // Now they hang, all of them.
  for (int lane = 0; lane < 6; ++lane) target.stuck_targets.insert(failing(lane));
  simulation.loop.advance(seconds(1));
  EXPECT_EQ(target.underway, 2u);
  for (int i = 0; i < 9; ++i) add(delivery("good", "test:healthy"));
  run();
  EXPECT_EQ(target.bodies["test:healthy"].size(), 9u);
  target.refused_bodies.clear();
  target.release();
  simulation.loop.advance(seconds(30));
  for (int lane = 0; lane < 6; ++lane) EXPECT_EQ(target.bodies[failing(lane)].size(), 1u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, however_many_take_no_more_of_a_round_than_long_work_may) {
  {
    storage::Transaction transaction(*store);
    for (int i = 0; i < 100; ++i) outbox->add(delivery("body", fmt::format("test:{}", i)));
    transaction.commit();
  }
  simulation.loop.let_looking_take(runtime::Turns::length / 4);
  simulation.loop.post([this] { simulation.loop.stop(); });
  simulation.loop.run();
  EXPECT_GT(target.calls, 0u);
  EXPECT_LT(target.calls, 20u);
  run();
  EXPECT_EQ(target.calls, 100u);
  EXPECT_TRUE(is_empty());
}

TEST_F(Lanes, take_over_what_an_older_program_has_left) {
  storage::Table<OldDeliveryKey, OldDeliveryRecord> old(*store, storage::TableId{0x0801});
  {
    storage::Transaction transaction(*store);
    for (std::uint64_t i = 1; i < 4; ++i)
      old.put({"test:one", "arn:aws:s3:::bucket", i}, {.body = fmt::to_string(i),
                                                       .service_principal = "s3.amazonaws.com",
                                                       .source_account = "111111111111",
                                                       .created = simulation.loop.now()});
    transaction.commit();
  }
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  run();
  EXPECT_EQ(target.bodies["test:one"], (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(is_empty());
}

/// Random failures, and a kill at a random moment, again and again.
class Crashes : public OutboxTest, public testing::WithParamInterface<int> {
 protected:
  void fail_some(runtime::Random& random) {
    target.refused_bodies.clear();
    for (int i = 0; i < 200; ++i)
      if (random.below(4) == 0) target.refused_bodies[fmt::to_string(i)] = passing();
  }
};

TEST_P(Crashes, lose_nothing_that_was_acknowledged_and_keep_order) {
  runtime::SeededRandom random(static_cast<std::uint64_t>(GetParam()));
  target.calls_of_all = 1 + random.below(3);
  int added = 0;
  for (int step = 0; step < 40; ++step) {
    fail_some(random);
    for (std::uint64_t i = random.below(5); i > 0; --i) {
      services::Delivery made = delivery(fmt::to_string(added), "test:loose");
      add(made);
      made.target = "test:strict";
      made.in_order = true;
      add(made);
      ++added;
    }
    run();  // the round's flush acknowledges
    simulation.loop.advance(std::chrono::milliseconds(random.below(3000)));
    if (random.below(3) == 0) kill_and_restart();
  }
  target.refused_bodies.clear();
  simulation.loop.advance(std::chrono::minutes(5));
  std::vector<std::string> all;
  for (int i = 0; i < added; ++i) all.push_back(fmt::to_string(i));
  const std::vector<std::string>& strict = target.bodies["test:strict"];
  std::vector<std::string> firsts;  // what came twice after a kill counts once
  for (const std::string& body : strict)
    if (std::ranges::find(firsts, body) == firsts.end()) firsts.push_back(body);
  EXPECT_EQ(firsts, all);
  const std::vector<std::string>& loose = target.bodies["test:loose"];
  EXPECT_EQ(std::set(loose.begin(), loose.end()), std::set(all.begin(), all.end()));
  EXPECT_TRUE(is_empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Crashes, testing::Range(1, 21));

}  // namespace
}  // namespace matinee::delivery
