// Schedules on a whole cloud: what arrives in queues, over crashes, and when a clock is moved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "protocol/timestamps.h"
#include "runtime/real/real_loop.h"
#include "runtime/simulated/simulation.h"
#include "scheduler/client.h"
#include "sqs/client.h"

namespace matinee::cloud {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* queue_arn = "arn:aws:sqs:us-east-1:000000000000:queue";

std::string url(const std::string& queue) {
  return "http://localhost/000000000000/" + queue;
}

std::string text_of(runtime::Time time) {
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<std::chrono::seconds>(time));
  text.pop_back();
  return text;
}

scheduler::CreateScheduleRequest schedule(const std::string& name, const std::string& expression) {
  return {.name = name,
          .schedule_expression = expression,
          .target = {.arn = queue_arn,
                     .role_arn = "arn:aws:iam::000000000000:role/r",
                     .input = name + " <aws.scheduler.scheduled-time>"},
          .flexible_time_window = {.mode = "OFF"}};
}

/// A cloud on a simulated machine.
class Schedules : public testing::Test {
 protected:
  Schedules() {
    open();
    call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "queue"});
    call(&sqs::Client::create_queue, sqs::CreateQueueRequest{.queue_name = "dead"});
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  std::unique_ptr<Cloud> cloud;
  std::optional<client::InProcessChannel> channel;

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    channel.emplace(cloud->endpoint(), simulation.random, services::Context{});
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    channel.reset();
    cloud.reset();
    simulation.restart();
    open();
  }
  template <class Client, class Response, class Request>
  Response call(runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    const Client client(*channel);
    std::optional<Response> value;
    std::exception_ptr failure;
    runtime::start((client.*method)(std::move(request)),
                   [&](std::optional<Response> result, std::exception_ptr error) {
                     value = std::move(result);
                     failure = error;
                   });
    simulation.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    return std::move(value.value());
  }
  void create(scheduler::CreateScheduleRequest request) {
    call(&scheduler::Client::create_schedule, std::move(request));
  }
  std::vector<sqs::Message> receive(const std::string& queue) {
    return call(&sqs::Client::receive_message,
                sqs::ReceiveMessageRequest{.queue_url = url(queue),
                                           .message_attribute_names = {{"All"}},
                                           .max_number_of_messages = 10})
        .messages.value_or(std::vector<sqs::Message>{});
  }
  std::vector<std::string> bodies() {
    std::vector<std::string> list;
    for (const sqs::Message& message : receive("queue")) list.push_back(*message.body);
    return list;
  }
};

TEST_F(Schedules, what_is_due_arrives_in_the_queue_at_its_time) {
  create(schedule("first", "at(2024-01-02T03:04:05)"));
  simulation.loop.advance(days(1) + hours(3) + minutes(4));
  EXPECT_TRUE(bodies().empty());
  simulation.loop.advance(minutes(1));
  EXPECT_THAT(bodies(), testing::ElementsAre("first 2024-01-02T03:04:05Z"));
}

TEST_F(Schedules, what_a_target_refuses_ends_in_the_queue_for_dead_letters) {
  scheduler::CreateScheduleRequest request = schedule("lost", "at(2024-01-02T00:00:00)");
  request.target.arn = "arn:aws:sqs:us-east-1:000000000000:none";
  request.target.dead_letter_config = {.arn = "arn:aws:sqs:us-east-1:000000000000:dead"};
  create(request);
  simulation.loop.advance(days(3));
  const auto letters = receive("dead");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].body, "lost 2024-01-02T00:00:00Z");
  const auto& attributes = *letters[0].message_attributes;
  EXPECT_EQ(attributes.at("SCHEDULE_ARN").string_value,
            "arn:aws:scheduler:us-east-1:000000000000:schedule/default/lost");
  EXPECT_EQ(attributes.at("TARGET_ARN").string_value, request.target.arn);
  EXPECT_EQ(attributes.at("SCHEDULED_TIME").string_value, "2024-01-02T00:00:00Z");
  EXPECT_TRUE(attributes.contains("ERROR_CODE"));
  EXPECT_EQ(attributes.at("EXECUTION_ID").string_value->size(), 16U);
}

/// The program is killed at writes that a seed chooses, while schedules fire and are delivered.
class CrashedSchedules : public Schedules, public testing::WithParamInterface<int> {};

TEST_P(CrashedSchedules, fire_once_at_least_and_their_next_time_is_kept) {
  for (int i = 0; i < 20; ++i) {
    scheduler::CreateScheduleRequest request =
        schedule("s" + std::to_string(i), "at(2024-01-02T00:00:00)");
    request.action_after_completion = "DELETE";
    create(std::move(request));
  }
  simulation.disk.crash_after(static_cast<std::uint64_t>(GetParam()),
                              runtime::SimulatedDisk::Crash::process);
  bool failed = false;
  cloud->endpoint().loop().set_flush(
      [&] { failed = !cloud->store().flush().has_value() || failed; });
  simulation.loop.advance(days(1));
  kill_and_restart();
  simulation.loop.advance(hours(1));
  std::set<std::string> arrived;
  for (int i = 0; i < 10; ++i)
    for (const std::string& body : bodies()) arrived.insert(body);
  EXPECT_EQ(arrived.size(), 20U);
  EXPECT_TRUE(call(&scheduler::Client::list_schedules, scheduler::ListSchedulesRequest{})
                  .schedules.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashedSchedules, testing::Values(0, 1, 2, 3, 4, 5, 8, 13));

/// A cloud in memory on a real loop whose clock stands, and is moved by the test.
class MovedSchedules : public testing::Test {
 protected:
  MovedSchedules() {
    loop.pause();
    auto opened = Cloud::open(runtime, {.durability = storage::Durability::memory});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    channel.emplace(cloud->endpoint(), simulation.random, services::Context{});
    call(&sqs::Client::create_queue,
         sqs::CreateQueueRequest{.queue_name = "queue",
                                 .attributes = {{{"MessageRetentionPeriod", "1209600"}}}});
  }
  ~MovedSchedules() override {
    channel.reset();
    cloud.reset();
  }

  runtime::Simulation simulation;  // but for its loop
  runtime::RealLoop loop;
  runtime::SimulatedWorkers workers{simulation.loop};
  runtime::Runtime runtime{loop,    loop.clock(),          simulation.random, simulation.disk,
                           workers, simulation.environment};
  std::unique_ptr<Cloud> cloud;
  std::optional<client::InProcessChannel> channel;

  template <class Client, class Response, class Request>
  Response call(runtime::Task<Response> (Client::*method)(Request) const, Request request) {
    const Client client(*channel);
    std::optional<Response> value;
    std::exception_ptr failure;
    runtime::start((client.*method)(std::move(request)),
                   [&](std::optional<Response> result, std::exception_ptr error) {
                     value = std::move(result);
                     failure = error;
                     loop.stop();
                   });
    if (!value && !failure) loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(value.value());
  }
  void advance(runtime::Duration duration) {
    loop.move({.kind = runtime::ClockGoal::Kind::time, .time = loop.now() + duration},
              [&](runtime::ClockMoved) { loop.stop(); });
    loop.run();
  }
  std::string count() {
    return call(
               &sqs::Client::get_queue_attributes,
               sqs::GetQueueAttributesRequest{.queue_url = url("queue"),
                                              .attribute_names = {{"ApproximateNumberOfMessages"}}})
        .attributes->at("ApproximateNumberOfMessages");
  }
};

TEST_F(MovedSchedules, a_hundred_thousand_are_fired_by_one_move_of_the_clock) {
  constexpr int schedules = 100'000;
  const runtime::Time start = loop.now();
  for (int i = 0; i < schedules; ++i) {
    scheduler::CreateScheduleRequest request = schedule(
        "s" + std::to_string(i), "at(" + text_of(start + minutes(1 + i % (4 * 24 * 60 - 2))) + ")");
    request.action_after_completion = "DELETE";
    call(&scheduler::Client::create_schedule, std::move(request));
  }
  const auto began = std::chrono::steady_clock::now();
  advance(days(4));
  const auto took = std::chrono::steady_clock::now() - began;
  RecordProperty(
      "milliseconds",
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_EQ(count(), std::to_string(schedules));
  EXPECT_TRUE(call(&scheduler::Client::list_schedules, scheduler::ListSchedulesRequest{})
                  .schedules.empty());
  // Sanitizers make it many times slower than the two seconds that are promised.
  EXPECT_LT(took, std::chrono::seconds(60));
}

}  // namespace
}  // namespace matinee::cloud
