#include "services/logs/live_tails.h"

#include <fmt/format.h>

#include <algorithm>

#include "logs/errors.h"
#include "protocol/json_writer.h"
#include "runtime/random.h"
#include "runtime/timer_purpose.h"
#include "services/event_stream.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_events = 500;  // of an update
/// Of an update's text: a client that does not read holds up to ten of them.
constexpr std::size_t most_text_bytes = std::size_t{2} << 20;
constexpr std::size_t most_sessions = 15;  // of an account in a region
constexpr std::chrono::seconds update_interval{1};
constexpr std::chrono::hours longest_session{3};

constexpr runtime::TimerPurpose updating{.what = "Live Tail sends what has come"};

template <class T>
std::string event_of(std::string_view name, const T& value) {
  std::string payload;
  protocol::json::append_structure(payload, T::shape, &value);
  return services::event_stream::event(name, services::event_stream::json_content, payload);
}

bool names_stream(const StartLiveTailRequest& request, const std::string& stream) {
  if (request.log_stream_names)
    return std::ranges::find(*request.log_stream_names, stream) != request.log_stream_names->end();
  if (!request.log_stream_name_prefixes) return true;
  return std::ranges::any_of(*request.log_stream_name_prefixes,
                             [&](const std::string& prefix) { return stream.starts_with(prefix); });
}

}  // namespace

struct LiveTails::Session {
  std::string id;
  TailQuery query;
  runtime::Time end;
  std::unique_ptr<protocol::LiveWriter> writer;
  runtime::TimerId timer = runtime::TimerId::none;

  // Since the last update.
  struct Sample {
    std::uint64_t place = 0;  // among all that came
    LiveTailSessionLogEvent event;
  };
  std::vector<Sample> samples;
  std::size_t text_bytes = 0;
  std::uint64_t matched = 0;

  void keep(LiveTailSessionLogEvent event, runtime::Random& random);
  LiveTailSessionUpdate take_update();
};

/// Of too many events each is as likely to be among those that are told.
void LiveTails::Session::keep(LiveTailSessionLogEvent event, runtime::Random& random) {
  const std::uint64_t place = matched++;
  const std::size_t size = event.message->size();
  if (samples.size() < most_events && text_bytes + size <= most_text_bytes) {
    text_bytes += size;
    samples.push_back({.place = place, .event = std::move(event)});
    return;
  }
  const std::uint64_t chosen = random.below(matched);
  if (chosen >= samples.size()) return;
  Sample& old = samples[chosen];
  const std::size_t rest = text_bytes - old.event.message->size();
  if (rest + size > most_text_bytes) return;
  text_bytes = rest + size;
  old = {.place = place, .event = std::move(event)};
}

LiveTailSessionUpdate LiveTails::Session::take_update() {
  LiveTailSessionUpdate update;
  update.session_metadata = LiveTailSessionMetadata{.sampled = matched > samples.size()};
  std::ranges::sort(samples, {}, &Sample::place);
  std::vector<LiveTailSessionLogEvent>& results = update.session_results.emplace();
  for (Sample& sample : samples) results.push_back(std::move(sample.event));
  samples.clear();
  text_bytes = 0;
  matched = 0;
  return update;
}

LiveTails::~LiveTails() {
  for (const auto& [id, session] : sessions_) runtime_.clock.cancel(session->timer);
}

void LiveTails::require_room(const TailQuery& query) const {
  const auto count = std::ranges::count_if(sessions_, [&](const auto& entry) {
    return entry.second->query.account == query.account &&
           entry.second->query.region == query.region;
  });
  if (static_cast<std::size_t>(count) >= most_sessions)
    throw LimitExceededException("Rate exceeded");
}

protocol::Body LiveTails::start(TailQuery query) {
  require_room(query);
  auto session = std::make_shared<Session>(
      Session{.id = runtime_.random.uuid(), .query = std::move(query), .end = {}, .writer = {}});
  session->end = runtime_.clock.now() + longest_session;
  // The reader tells on its own thread that it has gone, so the state thread hears of it later.
  protocol::LiveBody live = protocol::make_live_body(
      [&loop = runtime_.loop, alive = std::weak_ptr(alive_), this, id = session->id] {
        loop.post([alive, this, id] {
          if (alive.expired()) return;
          const auto found = sessions_.find(id);
          if (found != sessions_.end() && !found->second->writer->is_read()) end(id);
        });
      });
  session->writer = std::move(live.writer);
  const StartLiveTailRequest& request = session->query.request;
  session->writer->write(services::event_stream::event("initial-response",
                                                       services::event_stream::json_content, "{}"));
  session->writer->write(
      event_of("sessionStart",
               LiveTailSessionStart{.request_id = session->query.request_id,
                                    .session_id = session->id,
                                    .log_group_identifiers = request.log_group_identifiers,
                                    .log_stream_names = request.log_stream_names,
                                    .log_stream_name_prefixes = request.log_stream_name_prefixes,
                                    .log_event_filter_pattern = request.log_event_filter_pattern}));
  for (const Group& group : session->query.groups)
    by_group_.emplace(group.record.number, session.get());
  set_timer(*session);
  sessions_.emplace(session->id, session);
  return std::move(live.body);
}

void LiveTails::take(const Arrival& arrival, Milliseconds time, std::string_view text) {
  const auto [first, last] = by_group_.equal_range(arrival.group.record.number);
  for (auto entry = first; entry != last; ++entry) {
    Session& session = *entry->second;
    if (!names_stream(session.query.request, arrival.stream) ||
        !session.query.pattern.matches(text))
      continue;
    session.keep({.log_stream_name = arrival.stream,
                  .log_group_identifier =
                      fmt::format("{}:{}", arrival.group.account(), arrival.group.name()),
                  .message = std::string(text),
                  .timestamp = time,
                  .ingestion_time = arrival.now},
                 runtime_.random);
  }
}

void LiveTails::set_timer(Session& session) {
  session.timer =
      runtime::call_for(runtime_.clock, updating, runtime_.clock.now() + update_interval,
                        [this, id = session.id] { update(id); });
}

void LiveTails::update(const std::string& id) {
  const std::shared_ptr<Session> session = sessions_.at(id);
  if (!session->writer->is_read()) return end(id);
  send(session, event_of("sessionUpdate", session->take_update()));
  if (runtime_.clock.now() < session->end) return set_timer(*session);
  send(session, services::event_stream::exception(
                    "SessionTimeoutException",
                    "The Live Tail session has timed out after it was open for three hours."));
  end(id);
}

/// After the flush, so that nobody sees an event that a crash could take back. Of a client that
/// reads too slowly the oldest updates are dropped.
void LiveTails::send(const std::shared_ptr<Session>& session, std::string message) {
  runtime_.loop.after_flush([session, message = std::move(message)]() mutable {
    while (!session->writer->write(std::move(message)))
      if (!session->writer->drop_oldest()) return;
  });
}

/// What is still to be sent keeps the session's writer until it is sent.
void LiveTails::end(const std::string& id) {
  const auto found = sessions_.find(id);
  runtime_.clock.cancel(found->second->timer);
  std::erase_if(by_group_, [&](const auto& entry) { return entry.second == found->second.get(); });
  sessions_.erase(found);
}

void LiveTails::reset(const services::ResetScope& scope) {
  std::vector<std::string> ended;
  for (const auto& [id, session] : sessions_)
    if (scope.covers(session->query.account)) ended.push_back(id);
  for (const std::string& id : ended) end(id);
}

}  // namespace matinee::logs
