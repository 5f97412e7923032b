// `matinee clock advance 30d` leaves the state that waiting for thirty days would have left: the
// same cloud lives through the same month, once moved from timer to timer, once on a machine whose
// own time passes; messages, deliveries, calls and the journal are the same, each at its time.
#include <fmt/format.h>

#include <algorithm>

#include "events_cloud.h"

namespace matinee::simulation {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Attributes = std::map<std::string, std::string>;

constexpr auto span = days(30);
constexpr int schedules = 24;
constexpr const char* role = "arn:aws:iam::000000000000:role/caller";
const std::vector<std::string> queues_of_the_month{"short", "delayed", "given-up"};

/// What is left of a month, a line each.
using Lines = std::vector<std::string>;

class Month {
 public:
  explicit Month(bool waits) : cloud_(7, {.paused = false}), waits_(waits) {
    cloud_.machine.http.answer = [this](const runtime::HttpCall&) { return answer(); };
    cloud_.build();
    build();
    start_ = cloud_.machine.now();
  }

  Lines live() {
    // Something happens at odd times of the month.
    consume_at(start_ + minutes(37));
    publish_at(start_ + hours(1));
    at(start_ + hours(26), [this] { redrive(); });
    at(start_ + hours(50), [this] { replay(); });
    // A call each, so that both draw the same random numbers.
    if (waits_) {
      cloud_.must(cloud_.insight().get_clock({}));
      cloud_.machine.wait(span - (cloud_.machine.now() - start_));
    } else {
      cloud_.must(cloud_.insight().move_clock({.advance = "30d"}));
    }
    EXPECT_EQ(cloud_.machine.now(), start_ + span);
    cloud_.must(cloud_.insight().move_clock({.action = "pause"}));
    cloud_.machine.settle();
    return lines();
  }

 private:
  EventsCloud cloud_;
  bool waits_;
  runtime::Time start_;
  int number_ = 0;
  runtime::TaskGroup calls_{1000};

  /// Subscribers are down for three hours of each day.
  SimulatedHttp::Answer answer() {
    const auto hour = std::chrono::floor<hours>(cloud_.machine.now().time_since_epoch()) % days(1);
    const bool is_down = hour >= hours(5) && hour < hours(8);
    return {.status = is_down ? 503 : 200};
  }

  void build() {
    const auto create = [&](const std::string& name, const Attributes& attributes) {
      cloud_.make_queue(name);
      cloud_.must(cloud_.sqs().set_queue_attributes(
          {.queue_url = url_of_queue(name), .attributes = attributes}));
    };
    create("short", {{"MessageRetentionPeriod", "40000"}});
    create("delayed", {{"DelaySeconds", "600"}});
    create("given-up", {{"VisibilityTimeout", "7200"}});
    for (int number = 0; number < schedules; ++number) make_schedule(number);
    cloud_.must(cloud_.events().create_archive(
        {.archive_name = "kept",
         .event_source_arn = "arn:aws:events:us-east-1:000000000000:event-bus/shop",
         .retention_days = 20}));
    cloud_.must(cloud_.events().put_rule(
        {.name = "daily", .schedule_expression = "cron(15 6 ? * MON-FRI *)"}));
    std::vector<events::Target> targets;
    targets.push_back({.id = "q", .arn = arn_of_queue("ticks")});
    cloud_.must(cloud_.events().put_targets({.rule = "daily", .targets = std::move(targets)}));
    cloud_.must(cloud_.events().disable_rule({.name = "ticks"}));
    cloud_.machine.settle();
  }

  /// Of all kinds, to queues of all kinds.
  void make_schedule(int number) {
    const std::string targets[] = {"timed", "short", "delayed", "nowhere", "work"};
    scheduler::CreateScheduleRequest request{
        .name = fmt::format("s{}", number),
        .target = {.arn = arn_of_queue(targets[number % std::size(targets)]), .role_arn = role},
        .flexible_time_window = {.mode = "OFF"}};
    request.target.input = fmt::format("#{}# <aws.scheduler.scheduled-time>", number);
    request.target.dead_letter_config =
        scheduler::DeadLetterConfig{.arn = arn_of_queue("given-up")};
    switch (number % 4) {
      case 0:
        request.schedule_expression = fmt::format("rate({} minutes)", 311 + 17 * number);
        break;
      case 1:
        request.schedule_expression = fmt::format("cron({} 3,15 * * ? *)", number);
        break;
      case 2:
        request.schedule_expression =
            fmt::format("at(2030-01-{:02}T04:00:{:02})", number + 2, number);
        request.action_after_completion = "DELETE";
        break;
      default:
        request.schedule_expression = "rate(9 hours)";
        request.flexible_time_window = {.mode = "FLEXIBLE", .maximum_window_in_minutes = 90};
        break;
    }
    cloud_.must(cloud_.scheduler().create_schedule(std::move(request)));
  }

  void at(runtime::Time time, std::function<void()> what) {
    cloud_.machine.loop().call_at(time, std::move(what));
  }
  template <class T>
  void begin(runtime::Task<T> task) {
    runtime::start(calls_.spawn(finish(std::move(task))), [](const std::exception_ptr&) {});
  }
  template <class T>
  static runtime::Task<> finish(runtime::Task<T> task) {
    co_await std::move(task);
  }

  /// Receives, and deletes what it has received the other time.
  void consume_at(runtime::Time time) {
    at(time, [this, time] {
      for (const char* queue : {"work", "all", "first.fifo", "given-up", "ticks"})
        begin(consume(queue));
      if (time < start_ + span - hours(20)) consume_at(time + hours(7) + minutes(11));
    });
  }
  runtime::Task<> consume_task(std::string queue) {
    const auto received = co_await cloud_.sqs().receive_message(
        {.queue_url = url_of_queue(queue), .max_number_of_messages = 10});
    if (!received.messages) co_return;
    bool deletes = false;
    for (const sqs::Message& message : *received.messages)
      if (std::exchange(deletes, !deletes))
        co_await cloud_.sqs().delete_message(
            {.queue_url = url_of_queue(queue), .receipt_handle = *message.receipt_handle});
  }
  runtime::Task<bool> consume(std::string queue) {
    co_await consume_task(std::move(queue));
    co_return true;
  }

  void publish_at(runtime::Time time) {
    at(time, [this, time] {
      ++number_;
      constexpr const char* kinds[] = {"a", "b1", "c"};
      const std::string body =
          fmt::format(R"({{"token":"#{}#","kind":"{}"}})", number_, kinds[number_ % 3]);
      begin(cloud_.sns().publish({.topic_arn = plain_topic, .message = body}));
      begin(cloud_.sns().publish({.topic_arn = line_topic,
                                  .message = body,
                                  .message_deduplication_id = std::to_string(number_),
                                  .message_group_id = "g"}));
      std::vector<events::PutEventsRequestEntry> entries;
      entries.push_back(
          {.source = "sim", .detail_type = "Simulated", .detail = body, .event_bus_name = "shop"});
      begin(cloud_.events().put_events({.entries = std::move(entries)}));
      if (time < start_ + span - hours(20)) publish_at(time + hours(5) + minutes(3));
    });
  }

  void redrive() {
    begin(cloud_.sqs().start_message_move_task(
        {.source_arn = arn_of_queue("worked-out"), .max_number_of_messages_per_second = 1}));
    begin(cloud_.sqs().start_message_move_task({.source_arn = arn_of_queue("given-up"),
                                                .destination_arn = arn_of_queue("spare"),
                                                .max_number_of_messages_per_second = 2}));
  }
  void replay() {
    begin(cloud_.events().start_replay(
        {.replay_name = "again",
         .event_source_arn = "arn:aws:events:us-east-1:000000000000:archive/kept",
         .event_start_time = start_,
         .event_end_time = start_ + hours(40),
         .destination = {.arn = "arn:aws:events:us-east-1:000000000000:event-bus/shop"}}));
  }

  static std::string text_of(runtime::Time time) {
    return fmt::format("{}.{:06}", runtime::to_seconds(time),
                       time.time_since_epoch().count() % 1'000'000);
  }

  Lines lines() {
    Lines lines;
    std::int64_t last = 0;
    for (;;) {
      const auto page = cloud_.must(cloud_.insight().trace({.after = last, .max_items = 1000}));
      for (const insight::Hop& hop : *page.hops)
        lines.push_back(fmt::format("{} {} {} {} {}", text_of(*hop.time), *hop.kind, *hop.resource,
                                    hop.peer.value_or(""), hop.reason.value_or("")));
      last = *page.last;
      if (*page.complete) break;
    }
    for (const SimulatedHttp::Called& call : cloud_.machine.http.calls)
      lines.push_back(fmt::format("{} called {} {}: {}", text_of(call.at), call.url,
                                  call.body.substr(0, call.body.find(R"("id")")), call.status));
    for (const auto* names :
         {&EventsCloud::standard_queues(), &EventsCloud::fifo_queues(), &queues_of_the_month})
      for (const std::string& name : *names) add_queue(name, lines);
    const auto left = cloud_.must(cloud_.scheduler().list_schedules({}));
    for (const auto& schedule : left.schedules)
      lines.push_back("schedule " + schedule.name.value_or(""));
    return lines;
  }

  void add_queue(const std::string& name, Lines& lines) {
    const auto counts = cloud_.must(cloud_.sqs().get_queue_attributes(
        {.queue_url = url_of_queue(name), .attribute_names = std::vector<std::string>{"All"}}));
    for (const auto& [key, value] : *counts.attributes)
      if (key.starts_with("Approximate"))
        lines.push_back(fmt::format("{} {}={}", name, key, value));
    for (;;) {
      const auto received = cloud_.must(cloud_.sqs().receive_message(
          {.queue_url = url_of_queue(name),
           .message_system_attribute_names = std::vector<std::string>{"All"},
           .max_number_of_messages = 10,
           .visibility_timeout = 40'000}));
      if (!received.messages || received.messages->empty()) return;
      for (const sqs::Message& message : *received.messages) {
        std::string line = fmt::format("{} holds {}", name, *message.body);
        for (const auto& [key, value] : *message.attributes)
          if (key != "SequenceNumber") line += fmt::format(" {}={}", key, value);
        lines.push_back(std::move(line));
      }
    }
  }
};

TEST(Moving, for_a_month_leaves_what_waiting_for_a_month_leaves) {
  const Lines moved = Month(false).live();
  const Lines waited = Month(true).live();
  EXPECT_GT(moved.size(), 3000U);
  const auto [one, other] = std::ranges::mismatch(moved, waited);
  if (one == moved.end() && other == waited.end()) return;
  for (int i = 0; i < 10; ++i)
    ADD_FAILURE() << "moved:  " << (moved.end() - one > i ? *(one + i) : "nothing")
                  << "\nwaited: " << (waited.end() - other > i ? *(other + i) : "nothing");
}

}  // namespace
}  // namespace matinee::simulation
