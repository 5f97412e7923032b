// What a seed takes out of the cloud again, how time passes, and what must be found at the end.
#include <fmt/format.h>

#include <algorithm>

#include "events_run.h"
#include "protocol/timestamps.h"

namespace matinee::simulation {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto window = minutes(5);
constexpr std::int32_t most_hops = 1000;

/// What the journal says of one resource.
bool has_hop(const std::vector<insight::Hop>& hops, std::string_view kind,
             const std::string& resource) {
  return std::ranges::any_of(hops, [&](const insight::Hop& hop) {
    if (hop.kind != kind) return false;
    return hop.resource == resource || (kind == "dead-lettered" && hop.peer == resource);
  });
}

bool tells_reason(const std::vector<insight::Hop>& hops, std::string_view kind) {
  return std::ranges::all_of(hops, [&](const insight::Hop& hop) {
    return hop.kind != kind || !hop.reason.value_or("").empty();
  });
}

}  // namespace

void EventsRun::consume() {
  const auto& standard = EventsCloud::standard_queues();
  const auto& fifo = EventsCloud::fifo_queues();
  const std::uint64_t place = below(standard.size() + fifo.size());
  receive(place < standard.size() ? standard[place] : fifo[place - standard.size()], true);
}

std::size_t EventsRun::receive(const std::string& queue, bool leaves_some) {
  std::optional<sqs::ReceiveMessageResponse> reply;
  try {
    reply = call(cloud_.sqs().receive_message(
        {.queue_url = url_of_queue(queue),
         .message_system_attribute_names = std::vector<std::string>{"SentTimestamp"},
         .max_number_of_messages = 10}));
  } catch (const protocol::ServiceError& error) {
    // The queue is gone, or has been asked often enough in this second.
    EXPECT_TRUE(states_.contains(queue) || throttles_) << error.message();
  }
  if (!reply || !reply->messages) return 0;
  for (const sqs::Message& message : *reply->messages) note(queue, message);
  for (const sqs::Message& message : *reply->messages) {
    if (leaves_some && below(4) == 0) continue;
    try {
      if (!call(cloud_.sqs().delete_message(
              {.queue_url = url_of_queue(queue), .receipt_handle = *message.receipt_handle})))
        break;
    } catch (const protocol::ServiceError& error) {
      EXPECT_TRUE(throttles_) << error.message();
    }
  }
  return reply->messages->size();
}

void EventsRun::note(const std::string& queue, const sqs::Message& message) {
  const std::string& body = *message.body;
  const runtime::Time sent(
      std::chrono::milliseconds(std::stoll(message.attributes->at("SentTimestamp"))));
  if (queue == "ticks") {
    const std::string mark = R"("time":")";
    const std::string time = body.substr(body.find(mark) + mark.size(), 20);
    model_.fired(ticks_, {.scheduled = protocol::parse_iso8601(time).value(),
                          .sent = sent,
                          .execution = *message.message_id});
  } else if (queue == "timed") {
    const std::size_t first = body.find(' ');
    const std::size_t second = body.find(' ', first + 1);
    model_.fired(
        find_token(body).value(),
        {.scheduled = protocol::parse_iso8601(body.substr(first + 1, second - first - 1)).value(),
         .sent = sent,
         .execution = body.substr(second + 1)});
  } else {
    model_.saw(queue == "worked-out" ? "work" : queue, *message.message_id, body);
  }
}

void EventsRun::move_clock() {
  insight::MoveClockRequest request;
  switch (below(8)) {
    case 0:
      request.action = "next";
      break;
    case 1:
      return run_until_idle();
    case 2:
    case 3:
      request.advance = fmt::format("{}m", below(30) + 1);
      break;
    case 4:
      request.advance = fmt::format("{}h", below(5) + 1);
      break;
    default:
      request.advance = fmt::format("{}s", below(90) + 1);
      break;
  }
  const auto reply = call(cloud_.insight().move_clock(std::move(request)));
  if (!reply) return;
  EXPECT_TRUE(*reply->complete);
  if (reply->goal) EXPECT_EQ(*reply->now, *reply->goal);
}

/// To the last moment at which a topic knows a deduplication id, or a second later.
void EventsRun::move_to_boundary() {
  if (deduplication_.empty() || throttles_) return;
  auto known = deduplication_.begin();
  std::advance(known, below(deduplication_.size()));
  const std::string id = known->first;
  const runtime::Time boundary = known->second.at + window;
  const auto left = std::chrono::floor<seconds>(boundary - now());
  if (left <= seconds(2)) return;
  const auto span = left + seconds(below(2));
  if (!call(cloud_.insight().move_clock({.advance = fmt::format("{}s", span.count())}))) return;
  publish_to_line(std::to_string(below(3)), any_kind(), id);
}

/// The clock runs for a while.
void EventsRun::let_run() {
  if (!call(cloud_.insight().move_clock({.action = "resume"}))) return;
  cloud_.machine.wait(seconds(below(40)));
  if (!cloud_.machine.has_died()) call(cloud_.insight().move_clock({.action = "pause"}));
}

void EventsRun::run_until_idle() {
  const auto reply = call(cloud_.insight().move_clock({.action = "run-until-idle"}));
  if (!reply) return;
  EXPECT_TRUE(*reply->complete);
  model_.judge_calls(cloud_.machine.http.calls);
}

/// All or nothing, also where the machine dies meanwhile.
void EventsRun::reset() {
  const bool replied = cloud_.machine.reset();
  recover();
  auto queues = call(cloud_.sqs().list_queues({}));
  // A machine that has not died yet may do so now: threads of the database write at any time.
  if (!queues) {
    recover();
    queues = cloud_.must(cloud_.sqs().list_queues({}));
  }
  const bool is_gone = !queues->queue_urls || queues->queue_urls->empty();
  EXPECT_TRUE(is_gone || !replied) << "a reset leaves queues";
  if (!is_gone) return;
  cloud_.machine.kill_after(never);
  model_.forget();
  build();
}

void EventsRun::end_in_peace() {
  if (testing::Test::HasFailure()) return;
  cloud_.machine.kill_after(never);
  is_down_ = false;
  for (const auto& [queue, state] : states_) {
    call(cloud_.insight().move_clock({.advance = "61s"}));
    cloud_.set_state(queue, QueueState::open);
  }
  run_until_idle();
  call(cloud_.insight().move_clock({.advance = "6m"}));
  run_until_idle();
  drain();
  model_.check(cloud_.machine.http.calls, now());
  if (!testing::Test::HasFailure()) check_journal();
}

void EventsRun::drain() {
  for (int round = 0; round < 4; ++round) {
    for (const auto* queues : {&EventsCloud::standard_queues(), &EventsCloud::fifo_queues()})
      for (const std::string& queue : *queues)
        while (receive(queue, false) > 0) {
          if (throttles_) call(cloud_.insight().move_clock({.advance = "1s"}));
        }
    call(cloud_.insight().move_clock({.advance = "31s"}));
  }
  for (const char* queue : {"ticks", "timed"})
    while (receive(queue, false) > 0) {
    }
}

void EventsRun::check_journal() {
  for (const auto& [token, one] : model_.expected)
    if (!one.id.empty()) check_story(token, one);
  for (const auto& [token, firings] : model_.firings) {
    if (token == ticks_) continue;
    for (const Fired& fired : firings) {
      const auto story = cloud_.must(cloud_.insight().trace({.id = fired.execution}));
      EXPECT_TRUE(
          has_hop(*story.hops, "fired",
                  fmt::format("arn:aws:scheduler:us-east-1:000000000000:schedule/default/s{}",
                              token)) &&
          has_hop(*story.hops, "delivered", arn_of_queue("timed")))
          << "the journal does not know " << fired.execution;
    }
  }
}

/// Each delivery has an end, and those that are none have a reason.
void EventsRun::check_story(Token token, const Expected& one) {
  const auto story = cloud_.must(cloud_.insight().trace({.id = one.id, .max_items = most_hops}));
  const std::vector<insight::Hop>& hops = *story.hops;
  for (const auto& [place, range] : one.places) {
    if (range.least == 0) continue;
    if (place.ends_with("-dead")) {
      EXPECT_TRUE(has_hop(hops, "dead-lettered", arn_of_queue(place)))
          << text_of(token) << ": the journal has no dead letter in " << place;
    } else if (place == hook || place == api) {
      const std::string target = place == hook ? hook : cloud_.api_arn;
      const std::string dead = arn_of_queue(place == hook ? "hook-dead" : "api-dead");
      EXPECT_TRUE(has_hop(hops, "delivered", target) || has_hop(hops, "dead-lettered", dead))
          << text_of(token) << ": the journal knows no end at " << place;
    } else {
      EXPECT_TRUE(has_hop(hops, "delivered", arn_of_queue(place)))
          << text_of(token) << ": the journal has no delivery to " << place;
    }
  }
  for (const std::string& target : one.dropped)
    EXPECT_TRUE(has_hop(hops, "dropped", target))
        << text_of(token) << ": the journal does not know that " << target << " dropped it";
  for (const std::string& subscription : one.unwanted)
    EXPECT_TRUE(has_hop(hops, "not matched", subscription))
        << text_of(token) << ": the journal does not know that it did not match " << subscription;
  for (const char* kind : {"dropped", "dead-lettered", "put off", "not matched"})
    EXPECT_TRUE(tells_reason(hops, kind)) << text_of(token) << ": " << kind << ", but why?";
}

}  // namespace matinee::simulation
