// What a seed does to the cloud.
#include "functions_run.h"

#include <fmt/format.h>

namespace matinee::simulation {

namespace {

using std::chrono::seconds;

constexpr int lives = 4;
constexpr int steps_a_life = 40;
constexpr std::uint64_t most_writes_a_life = 400;
const std::vector<std::string> asynchronous{"plain", "told", "bus"};
const std::vector<std::string> mapped{"work", "picky", "bulk", "line.fifo"};

std::string body_of(Token token, const std::string& kind) {
  return fmt::format(R"({{"token":"{}","kind":"{}"}})", text_of(token), kind);
}

}  // namespace

FunctionsRun::FunctionsRun(std::uint64_t seed)
    : dice_(seed * 7 + 3), programs_(seed * 13 + 1), cloud_(seed, *this) {
  for (const std::string& queue : mapped) mappings_[queue] = {};
  concurrent_["bulk"] = {.most = 2, .since = cloud_.machine.time.now()};
}

template <class T>
std::optional<T> FunctionsRun::call(runtime::Task<T> task) {
  std::optional<T> reply = cloud_.call(std::move(task));
  // Nobody hears of it where a thread of the database has met the end before.
  if (reply && !cloud_.machine.has_died()) told_ = now();
  return reply;
}

void FunctionsRun::arm() {
  if (below(8) != 0) cloud_.machine.kill_after(below(most_writes_a_life) + 1);
}

void FunctionsRun::recover() {
  if (!cloud_.machine.has_died()) return;
  while (cloud_.machine.has_died()) {
    ++kills_;
    work_.clear();
    cloud_.machine.stop();
    cloud_.machine.start();
    EXPECT_GE(now(), told_) << "the clock goes back";
    if (below(4) == 0) cloud_.machine.kill_after(below(10));
    cloud_.machine.settle();
  }
  cloud_.machine.kill_after(never);
  check_settings();
}

/// What was acknowledged is there. What was not may be.
void FunctionsRun::check_settings() {
  for (auto& [queue, mapping] : mappings_) {
    const auto told =
        cloud_.must(cloud_.lambda().get_event_source_mapping({.uuid = cloud_.mappings.at(queue)}));
    const bool is_enabled = told.state == "Enabled";
    EXPECT_TRUE(is_enabled || told.state == "Disabled") << queue << ": " << *told.state;
    EXPECT_EQ(is_enabled, mapping.is_enabled) << "the mapping of " << queue << " has changed";
  }
  for (auto& [function, generations] : settings_) {
    const auto told =
        cloud_.must(cloud_.lambda().get_function_configuration({.function_name = function}));
    const int generation = std::stoi(told.environment->variables->at("GENERATION"));
    EXPECT_TRUE(generations.contains(generation)) << function << " has lost its settings";
    generations = {generation};
  }
}

void FunctionsRun::live() {
  cloud_.build();
  told_ = now();
  for (int life = 0; life < lives && !testing::Test::HasFailure(); ++life) {
    arm();
    for (int i = 0; i < steps_a_life && !testing::Test::HasFailure(); ++i) {
      const int before = kills_;
      step();
      cloud_.machine.settle();
      recover();
      if (kills_ > before) break;
    }
  }
  end_in_peace();
}

void FunctionsRun::step() {
  switch (below(24)) {
    case 0:
    case 1:
    case 2:
      return call_later();
    case 3:
    case 4:
      return publish();
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
      return send();
    case 10:
    case 11:
      return send_in_line();
    case 12:
      return call_now();
    case 13:
    case 14:
      return change_mapping();
    case 15:
      return change_settings();
    case 16:
      return reserve();
    case 17:
    case 18:
      return let_run();
    case 19:
    case 20:
      // What is on its way goes on, by the machine's time.
      return cloud_.machine.wait(seconds(below(5)));
    default:
      return move_clock();
  }
}

Sent& FunctionsRun::sending(const std::string& place, Token token) {
  Sent& one = model_.expect(place, token);
  one.at = now();
  one.life = life();
  one.start_failures = model_.start_failures_before(place, cloud_.machine.time.now());
  return one;
}

void FunctionsRun::call_later() {
  const std::string& function = asynchronous[below(asynchronous.size())];
  const Token token = model_.next();
  Sent& one = sending(function, token);
  lambda::InvokeRequest request{.function_name = function, .invocation_type = "Event"};
  request.payload.emplace().bytes = body_of(token, "a");
  one.in_doubt = !call(cloud_.lambda().invoke(std::move(request)));
}

void FunctionsRun::publish() {
  const Token token = model_.next();
  for (const std::string& function : asynchronous) sending(function, token);
  const bool is_known =
      call(cloud_.sns().publish({.topic_arn = calls_topic, .message = body_of(token, "a")}))
          .has_value();
  for (const std::string& function : asynchronous)
    model_.expect(function, token).in_doubt = !is_known;
}

void FunctionsRun::send() {
  const std::string& queue = mapped[below(3)];
  const std::uint64_t count = below(10) + 1;
  std::vector<sqs::SendMessageBatchRequestEntry> entries;
  std::vector<Token> tokens;
  for (std::uint64_t i = 0; i < count; ++i) {
    tokens.push_back(model_.next());
    const std::string kind = below(2) == 0 ? "a" : "b";
    Sent& one = sending(queue, tokens.back());
    one.wanted = queue != "picky" || kind == "a";
    if (!mappings_[queue].is_enabled) one.paused = mappings_[queue].pauses;
    entries.push_back({.id = std::to_string(i), .message_body = body_of(tokens.back(), kind)});
  }
  const bool is_known = call(cloud_.sqs().send_message_batch(
                                 {.queue_url = url_of_queue(queue), .entries = std::move(entries)}))
                            .has_value();
  for (const Token token : tokens) model_.expect(queue, token).in_doubt = !is_known;
}

/// Until it is acknowledged: the next one must not come before it.
void FunctionsRun::send_in_line() {
  const std::string queue = "line.fifo";
  const std::uint64_t count = below(4) + 1;
  const std::string group = std::to_string(below(3));
  for (std::uint64_t i = 0; i < count; ++i) {
    const Token token = model_.next();
    sending(queue, token).group = group;
    while (!call(cloud_.sqs().send_message({.queue_url = url_of_queue(queue),
                                            .message_body = body_of(token, "a"),
                                            .message_deduplication_id = text_of(token),
                                            .message_group_id = group})))
      recover();
    Sent& one = model_.expect(queue, token);
    one.life = life();
    if (!mappings_[queue].is_enabled) one.paused = mappings_[queue].pauses;
  }
}

/// It runs as it was configured last.
void FunctionsRun::call_now() {
  const std::string function = below(2) == 0 ? "plain" : "told";
  lambda::InvokeRequest request{.function_name = function};
  request.payload.emplace().bytes = R"({"now":true})";
  std::set<int>& generations = settings_[function];
  if (generations.empty()) generations = {0};
  const auto reply = call(cloud_.lambda().invoke(std::move(request)));
  if (!reply) return;
  EXPECT_EQ(*reply->status_code, 200);
  if (reply->function_error) {
    EXPECT_EQ(*reply->function_error, "Unhandled");
    EXPECT_FALSE(is_calm_) << reply->payload->bytes;
    return;
  }
  const std::string& body = reply->payload->bytes;
  const std::string mark = R"("generation":)";
  ASSERT_TRUE(body.contains(mark)) << body;
  const int generation = std::stoi(body.substr(body.find(mark) + mark.size()));
  EXPECT_TRUE(generations.contains(generation))
      << function << " runs as it was configured before: " << generation;
}

void FunctionsRun::pause_mapping(const std::string& queue) {
  Mapping& mapping = mappings_[queue];
  const bool to = !mapping.is_enabled;
  if (!call(cloud_.lambda().update_event_source_mapping(
          {.uuid = cloud_.mappings.at(queue), .enabled = to}))) {
    // Done, or not.
    mapping.is_enabled = !mapping.is_enabled;
    while (cloud_.machine.has_died()) {
      cloud_.machine.stop();
      cloud_.machine.start();
      ++kills_;
      work_.clear();
      cloud_.machine.settle();
    }
    const auto told =
        cloud_.must(cloud_.lambda().get_event_source_mapping({.uuid = cloud_.mappings.at(queue)}));
    mapping.is_enabled = told.state == "Enabled";
  } else {
    mapping.is_enabled = to;
    cloud_.machine.settle();
  }
  if (!mapping.is_enabled) ++mapping.pauses;
}

void FunctionsRun::change_mapping() {
  const std::string& queue = mapped[below(mapped.size())];
  if (below(3) != 0) return pause_mapping(queue);
  lambda::UpdateEventSourceMappingRequest request{.uuid = cloud_.mappings.at(queue)};
  if (queue == "line.fifo" || below(2) == 0) {
    request.batch_size = static_cast<std::int32_t>(below(10) + 1);
  } else {
    const std::size_t most = below(4) + 2;
    request.scaling_config =
        lambda::ScalingConfig{.maximum_concurrency = static_cast<std::int32_t>(most)};
    concurrent_[queue] = {.most = most, .since = cloud_.machine.time.now()};
  }
  if (!call(cloud_.lambda().update_event_source_mapping(std::move(request))))
    concurrent_.erase(queue);
}

void FunctionsRun::change_settings() {
  const std::string function = below(2) == 0 ? "plain" : "told";
  std::set<int>& generations = settings_[function];
  if (generations.empty()) generations = {0};
  const int next = ++generation_;
  lambda::UpdateFunctionConfigurationRequest request{.function_name = function};
  request.environment.emplace().variables =
      std::map<std::string, std::string>{{"GENERATION", std::to_string(next)}};
  if (call(cloud_.lambda().update_function_configuration(std::move(request))))
    generations = {next};
  else
    generations.insert(next);
}

void FunctionsRun::reserve() {
  const std::string function = below(2) == 0 ? "bus" : "worker";
  if (below(3) == 0) {
    reserved_.erase(function);
    call(cloud_.lambda().delete_function_concurrency({.function_name = function}));
    return;
  }
  const std::size_t most = below(4);
  reserved_[function] = {.most = most, .since = cloud_.machine.time.now()};
  if (!call(cloud_.lambda().put_function_concurrency(
          {.function_name = function,
           .reserved_concurrent_executions = static_cast<std::int32_t>(most)})))
    reserved_.erase(function);
}

}  // namespace matinee::simulation
