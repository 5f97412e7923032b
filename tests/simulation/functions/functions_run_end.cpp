// What a seed takes out of the cloud again, how time passes, and what must be found at the end.
#include <fmt/format.h>

#include "functions_run.h"

namespace matinee::simulation {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int most_rounds_of_peace = 60;
const std::vector<std::string> mapped{"work", "picky", "bulk", "line.fifo"};
const std::vector<std::string> results{"async-dead", "done", "failed", "bus-failed", "work-dead"};

}  // namespace

void FunctionsRun::move_clock() {
  insight::MoveClockRequest request;
  switch (below(8)) {
    case 0:
      request.action = "next";
      break;
    case 1:
      request.action = "run-until-idle";
      break;
    case 2:
    case 3:
      request.advance = fmt::format("{}m", below(10) + 1);
      break;
    default:
      request.advance = fmt::format("{}s", below(90) + 1);
      break;
  }
  const auto reply = cloud_.call(cloud_.insight().move_clock(std::move(request)));
  // Not complete where functions take longer than a reply may.
  if (reply && !cloud_.machine.has_died()) told_ = now();
}

/// The clock runs for a while.
void FunctionsRun::let_run() {
  if (!cloud_.call(cloud_.insight().move_clock({.action = "resume"}))) return;
  cloud_.machine.wait(seconds(below(40)));
  if (!cloud_.machine.has_died()) cloud_.call(cloud_.insight().move_clock({.action = "pause"}));
}

std::size_t FunctionsRun::receive(const std::string& queue) {
  const auto reply = cloud_.must(cloud_.sqs().receive_message(
      {.queue_url = url_of_queue(queue), .max_number_of_messages = 10}));
  if (!reply.messages) return 0;
  for (const sqs::Message& message : *reply.messages) {
    model_.found(queue, *message.message_id, *message.body);
    cloud_.must(cloud_.sqs().delete_message(
        {.queue_url = url_of_queue(queue), .receipt_handle = *message.receipt_handle}));
  }
  return reply.messages->size();
}

void FunctionsRun::drain() {
  for (const std::string& queue : results)
    while (receive(queue) > 0) {
    }
}

/// Programs work, nothing is limited, and the clock runs on until everything has its end.
void FunctionsRun::end_in_peace() {
  if (testing::Test::HasFailure()) return;
  is_calm_ = true;
  cloud_.machine.kill_after(never);
  for (const char* function : {"bus", "worker"})
    cloud_.must(cloud_.lambda().delete_function_concurrency({.function_name = function}));
  reserved_.clear();
  for (const std::string& queue : mapped)
    if (!mappings_[queue].is_enabled) pause_mapping(queue);
  cloud_.machine.wait(minutes(1));
  for (int round = 0; round < most_rounds_of_peace; ++round) {
    cloud_.must(cloud_.insight().move_clock({.advance = "1m"}));
    cloud_.machine.wait(seconds(1));
  }
  EXPECT_TRUE(*cloud_.must(cloud_.insight().move_clock({.action = "run-until-idle"})).complete);
  drain();
  for (const std::string& queue : mapped) {
    const auto counts = cloud_.must(cloud_.sqs().get_queue_attributes(
        {.queue_url = url_of_queue(queue), .attribute_names = std::vector<std::string>{"All"}}));
    for (const char* name :
         {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"})
      EXPECT_EQ(counts.attributes->at(name), "0") << queue << " is not empty";
  }
  for (const char* function : {"plain", "told", "bus", "sink", "worker", "bulker", "liner"})
    EXPECT_EQ(cloud_.at_work(function), 0) << function << " is under way for ever";
  model_.check(life());
}

}  // namespace matinee::simulation
