// What a seed does to the cloud.
#include "events_run.h"

#include <fmt/format.h>

#include "protocol/timestamps.h"

namespace matinee::simulation {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int lives = 5;
constexpr int steps_a_life = 40;
constexpr std::uint64_t most_writes_a_life = 90;
constexpr auto window = minutes(5);
/// So much longer a topic may remember.
constexpr auto blur = std::chrono::milliseconds(100);

std::string body_of(Token token, const std::string& kind) {
  return fmt::format(R"({{"token":"{}","kind":"{}"}})", text_of(token), kind);
}

std::string text_of_time(runtime::Time time) {
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<seconds>(time));
  return text;
}

}  // namespace

EventsRun::EventsRun(std::uint64_t seed)
    : throttles_(seed % 3 == 0),
      dice_(seed * 7 + 1),
      answers_(seed * 11 + 5),
      cloud_(seed, {.throughput_quotas = throttles_}) {
  cloud_.machine.http.answer = [this](const runtime::HttpCall&) { return answer(); };
}

SimulatedHttp::Answer EventsRun::answer() {
  if (is_down_) return {.status = answers_.below(2) == 0 ? 0 : 503};
  switch (answers_.below(12)) {
    case 0:
      return {.status = 404};
    case 1:
      return {.status = 0};
    case 2:
      return {.status = 429, .retry_after = seconds(30)};
    case 3:
      return {.status = 500, .takes = seconds(2)};
    default:
      return {};
  }
}

void EventsRun::build() {
  is_down_ = false;
  cloud_.machine.http.answer = [](const runtime::HttpCall&) { return SimulatedHttp::Answer{}; };
  cloud_.build();
  cloud_.machine.http.answer = [this](const runtime::HttpCall&) { return answer(); };
  told_ = now();
  deduplication_.clear();
  states_ = {{"shaky", QueueState::open}, {"spare", QueueState::open}, {"ruled", QueueState::open}};
  model_.timetables[model_.next()] = {.first = cloud_.ticks_since + minutes(7),
                                      .period = minutes(7)};
  ticks_ = model_.timetables.rbegin()->first;
}

void EventsRun::arm() {
  if (below(8) != 0) cloud_.machine.kill_after(below(most_writes_a_life) + 1);
}

void EventsRun::recover() {
  if (!cloud_.machine.has_died()) return;
  while (cloud_.machine.has_died()) {
    ++kills_;
    cloud_.machine.stop();
    cloud_.machine.start();
    EXPECT_GE(now(), told_) << "the clock goes back";
    if (below(4) == 0) cloud_.machine.kill_after(below(10));
    cloud_.machine.settle();
  }
  cloud_.machine.kill_after(never);
  for (auto& [queue, state] : states_) state = cloud_.state_of(queue);
}

void EventsRun::live() {
  build();
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

void EventsRun::step() {
  switch (below(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return publish();
    case 4:
    case 5:
    case 6:
      return publish_in_line();
    case 7:
    case 8:
    case 9:
      return put_events();
    case 10:
      return make_schedule();
    case 11:
      return below(2) == 0 ? end_schedule() : send_work();
    case 12:
    case 13:
      return change_state();
    case 14:
    case 15:
    case 16:
      return consume();
    case 17:
      return move_to_boundary();
    case 18:
      return let_run();
    case 19:
      return below(throttles_ ? 2 : 8) == 0 ? flood() : consume();
    case 20:
      if (below(40) == 0) return reset();
      is_down_ = !is_down_;
      return;
    default:
      return move_clock();
  }
}

std::string EventsRun::any_kind() {
  constexpr const char* kinds[] = {"a", "b1", "c"};
  return kinds[below(std::size(kinds))];
}

Expected EventsRun::expect_of_topic(const std::string& kind, bool has_attributes) {
  Expected one{.id = {}, .places = {{"all", {}}, {hook, {}}}, .dropped = {}, .unwanted = {}};
  const auto add = [&](const std::string& queue, bool wants) {
    if (wants)
      one.places[queue] = {};
    else
      one.unwanted.push_back(cloud_.subscriptions.at(queue));
  };
  add("some", has_attributes && kind == "a");
  add("bodied", kind.starts_with("b"));
  one.places[states_["spare"] == QueueState::open ? "spare" : "spare-dead"] = {};
  if (states_["shaky"] == QueueState::open)
    one.places["shaky"] = {};
  else
    one.dropped.push_back(arn_of_queue("shaky"));
  return one;
}

void EventsRun::publish() {
  const std::string kind = any_kind();
  const Token token = model_.next();
  Expected& one = model_.expected[token] = expect_of_topic(kind, true);
  sns::MessageAttributeValue attribute{.data_type = "String", .string_value = kind};
  const auto reply =
      call(cloud_.sns().publish({.topic_arn = plain_topic,
                                 .message = body_of(token, kind),
                                 .message_attributes = {{{"kind", std::move(attribute)}}}}));
  one.in_doubt = !reply;
  if (reply) one.id = *reply->message_id;
}

void EventsRun::publish_in_line() {
  const std::string group = std::to_string(below(3));
  if (deduplication_.empty() || below(4) != 0)
    return publish_to_line(group, any_kind(), fmt::format("d{}", below(1'000'000'000)));
  // What waited in a lane is known to its queue for longer than to the topic.
  auto known = deduplication_.begin();
  std::advance(known, below(deduplication_.size()));
  const auto age = now() - known->second.at;
  if (throttles_ && age >= window && age < 3 * window) return;
  publish_to_line(group, any_kind(), std::string(known->first));
}

/// Until it is acknowledged.
void EventsRun::publish_to_line(const std::string& group, const std::string& kind,
                                const std::string& id) {
  const runtime::Time began = now();
  const auto known = deduplication_.find(id);
  if (known != deduplication_.end() && began > known->second.at + window &&
      began <= known->second.at + window + blur)
    return;
  const Token token = model_.next();
  const bool is_known = known != deduplication_.end() && began - known->second.at <= window;
  std::optional<sns::PublishResponse> reply;
  int kills = kills_;
  for (;;) {
    sns::MessageAttributeValue attribute{.data_type = "String", .string_value = kind};
    reply = call(cloud_.sns().publish({.topic_arn = line_topic,
                                       .message = body_of(token, kind),
                                       .message_attributes = {{{"kind", std::move(attribute)}}},
                                       .message_deduplication_id = id,
                                       .message_group_id = group}));
    if (reply) break;
    recover();
  }
  Expected& one = model_.expected[token];
  if (is_known) {
    EXPECT_EQ(*reply->message_id, known->second.message_id)
        << text_of(token) << ": the topic has forgotten a deduplication id";
    return;
  }
  if (known != deduplication_.end())
    EXPECT_NE(*reply->message_id, known->second.message_id) << "five minutes are over";
  deduplication_[id] = {.message_id = *reply->message_id, .at = now()};
  one.id = *reply->message_id;
  one.places = {{"first.fifo", {}}, {"loose", {}}};
  if (kind == "a")
    one.places["second.fifo"] = {};
  else
    one.unwanted.push_back(cloud_.subscriptions.at("second.fifo"));
  one.may_double = kills_ > kills;
  model_.put_in_line(token, group, *reply->sequence_number);
}

/// So much that queues with quotas refuse some of it for a while.
void EventsRun::flood() {
  const std::string group = std::to_string(below(3));
  const std::uint64_t count = throttles_ ? 310 : 20;
  for (std::uint64_t i = 0; i < count; ++i)
    publish_to_line(group, any_kind(), fmt::format("f{}", below(1'000'000'000)));
}

Expected EventsRun::expect_of_bus(const std::string& kind) {
  if (kind == "c") {
    Expected one = expect_of_topic(kind, false);
    one.unwanted.clear();
    return one;
  }
  Expected one;
  if (kind.starts_with("b")) one.places = {{"audited", {}}};
  if (kind == "a")
    one.places = {{"transformed", {}},
                  {"ordered.fifo", {}},
                  {api, {}},
                  {states_["ruled"] == QueueState::open ? "ruled" : "ruled-dead", {}}};
  return one;
}

void EventsRun::put_events() {
  std::vector<events::PutEventsRequestEntry> entries;
  std::vector<Token> tokens;
  const std::uint64_t count = below(3) + 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string kind = any_kind();
    tokens.push_back(model_.next());
    model_.expected[tokens.back()] = expect_of_bus(kind);
    model_.put_in_line(tokens.back(), "g", fmt::format("{:09}", tokens.back()));
    entries.push_back({.source = "sim",
                       .detail_type = "Simulated",
                       .detail = body_of(tokens.back(), kind),
                       .event_bus_name = "shop"});
  }
  const int kills = kills_;
  const auto reply = call(cloud_.events().put_events({.entries = std::move(entries)}));
  cloud_.machine.settle();
  recover();
  for (std::uint64_t i = 0; i < count; ++i) {
    Expected& one = model_.expected[tokens[i]];
    one.in_doubt = !reply;
    if (reply) one.id = *(*reply->entries)[i].event_id;
    // From the bus to the topic it waits in a lane, and so it may be published twice.
    one.may_double = kills_ > kills && one.places.contains("all");
    if (!one.may_double) continue;
    for (auto& [place, range] : one.places) range.most = 1 + kills_ - kills;
  }
}

void EventsRun::make_schedule() {
  const Token token = model_.next();
  scheduler::CreateScheduleRequest request{
      .name = fmt::format("s{}", token),
      .target = {.arn = arn_of_queue("timed"), .role_arn = "arn:aws:iam::000000000000:role/caller"},
      .flexible_time_window = {.mode = "OFF"}};
  request.target.input =
      fmt::format("{} <aws.scheduler.scheduled-time> <aws.scheduler.execution-id>", text_of(token));
  const runtime::Time made = now();
  Timetable table;
  switch (below(4)) {
    case 0: {
      table.first = std::chrono::floor<seconds>(made) + seconds(below(7200) + 1);
      std::string time = text_of_time(table.first);
      time.pop_back();
      request.schedule_expression = fmt::format("at({})", time);
      break;
    }
    case 1: {
      const auto period = minutes(below(40) + 10);
      table = {.first = made, .period = period};
      request.schedule_expression = fmt::format("rate({} minutes)", period.count());
      if (below(2) == 0) {
        table.ended = made + seconds(below(20'000));
        request.end_date = table.ended;
      }
      break;
    }
    default: {
      const auto period = minutes(20);
      table = {.first = made - made.time_since_epoch() % period + period, .period = period};
      request.schedule_expression = "cron(0/20 * * * ? *)";
      break;
    }
  }
  if (below(3) == 0) {
    table.window = minutes(5);
    request.flexible_time_window = {.mode = "FLEXIBLE", .maximum_window_in_minutes = 5};
  }
  const std::string name = request.name;
  const auto reply = call(cloud_.scheduler().create_schedule(std::move(request)));
  if (!reply) {
    recover();
    if (!has_schedule(name)) return;
  }
  model_.timetables[token] = table;
}

bool EventsRun::has_schedule(const std::string& name) {
  try {
    cloud_.must(cloud_.scheduler().get_schedule({.name = name}));
    return true;
  } catch (const protocol::ServiceError&) {
    return false;
  }
}

void EventsRun::end_schedule() {
  if (model_.timetables.size() < 2) return;
  auto place = std::next(model_.timetables.begin(),
                         static_cast<std::ptrdiff_t>(below(model_.timetables.size())));
  const std::string name = fmt::format("s{}", place->first);
  Timetable& table = place->second;
  if (place->first == ticks_ || deleted_.contains(place->first)) return;
  const runtime::Time at = now();
  if (!call(cloud_.scheduler().delete_schedule({.name = name}))) {
    recover();
    if (has_schedule(name)) return;
  }
  deleted_.insert(place->first);
  table.ended = std::min(table.ended.value_or(at), at);
}

void EventsRun::send_work() {
  const Token token = model_.next();
  Expected& one = model_.expected[token];
  one.places = {{"work", {}}};
  one.in_doubt = !call(cloud_.sqs().send_message(
      {.queue_url = url_of_queue("work"), .message_body = text_of(token)}));
}

void EventsRun::change_state() {
  auto place = std::next(states_.begin(), static_cast<std::ptrdiff_t>(below(states_.size())));
  const std::string queue = place->first;
  const QueueState to = place->second == QueueState::open
                            ? (below(2) == 0 ? QueueState::denied : QueueState::gone)
                            : QueueState::open;
  // A name is free again after a minute.
  if (place->second == QueueState::gone) call(cloud_.insight().move_clock({.advance = "61s"}));
  if (to == QueueState::gone)
    for (int i = 0; i < 50 && !cloud_.machine.has_died(); ++i) {
      // What others hold would go with the queue.
      if (receive(queue, false) == 0 && cloud_.is_empty(queue)) break;
      call(cloud_.insight().move_clock({.advance = "31s"}));
    }
  if (!cloud_.machine.has_died() && cloud_.set_state(queue, to)) place->second = to;
  recover();
}

}  // namespace matinee::simulation
