// PutLogEvents, and what other services of this cloud log.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "services/logs/catalog/block.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::uint64_t most_batch_bytes = 1'048'576;
constexpr Milliseconds an_hour = 3'600'000;
constexpr Milliseconds most_batch_span = 24 * an_hour;
constexpr Milliseconds most_age = 14 * 24 * an_hour;
constexpr Milliseconds most_ahead = 2 * an_hour;

void check_batch(const std::vector<InputLogEvent>& events) {
  std::uint64_t bytes = 0;
  for (const InputLogEvent& event : events) bytes += event.message.size() + bytes_beside_text;
  if (bytes > most_batch_bytes)
    throw InvalidParameterException(
        fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, most_batch_bytes));
  if (!std::ranges::is_sorted(events, {}, &InputLogEvent::timestamp))
    throw InvalidParameterException(
        "Log events in a single PutLogEvents request must be in chronological order.");
}

}  // namespace

/// Of a batch, what is stored and what is not.
struct Service::Accepted {
  std::vector<NewEvent> events;
  std::optional<RejectedLogEventsInfo> rejected;
};

Service::Accepted Service::check_events(const Group& group,
                                        const std::vector<InputLogEvent>& events) const {
  check_batch(events);
  const Milliseconds current = now();
  const Milliseconds horizon = horizon_of(group);
  Accepted accepted;
  RejectedLogEventsInfo rejected;
  accepted.events.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Milliseconds time = events[i].timestamp;
    const auto index = static_cast<std::int32_t>(i);
    const bool is_too_old = time < current - most_age;
    const bool is_expired = time < horizon;
    const bool is_too_new = time > current + most_ahead;
    if (is_too_old) rejected.too_old_log_event_end_index = index + 1;
    if (is_expired) rejected.expired_log_event_end_index = index + 1;
    if (is_too_new && !rejected.too_new_log_event_start_index)
      rejected.too_new_log_event_start_index = index;
    if (!is_too_old && !is_expired && !is_too_new)
      accepted.events.push_back({.time = time, .text = events[i].message});
  }
  const bool is_too_long =
      !accepted.events.empty() &&
      accepted.events.back().time - accepted.events.front().time > most_batch_span;
  if (is_too_long)
    throw InvalidParameterException(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  if (accepted.events.size() < events.size()) accepted.rejected = rejected;
  return accepted;
}

runtime::Task<PutLogEventsResponse> Service::put_log_events(const Context& context,
                                                            const PutLogEventsRequest& request) {
  Group group = require_group(context, request.log_group_name);
  Stream stream = require_stream(group, request.log_stream_name);
  Accepted accepted = check_events(group, request.log_events);

  // Filters may take long, so they are asked before the events are written, which is one piece.
  std::vector<services::MetricValue> values;
  if (group.record.metric_filters > 0 && neighbours_.metrics != nullptr) {
    const MetricRules::Rules rules = metric_rules_.of(group);
    for (const NewEvent& event : accepted.events) {
      if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
      for (const MetricRule& rule : *rules)
        if (auto value = rule.value_of(group, event.time, event.text))
          values.push_back(std::move(*value));
    }
  }

  const std::vector<Subscribed> subscribed = co_await find_subscribed(group, accepted.events);

  storage::Transaction transaction(store_);
  group = require_group(context, request.log_group_name);
  stream = require_stream(group, request.log_stream_name);
  std::vector<Position> positions;
  write_events(catalog_, group.record.number, stream,
               {accepted.events, now(), subscribed.empty() ? nullptr : &positions});
  for (const services::MetricValue& value : values) neighbours_.metrics->put_metric(value);
  call_subscribers({group, stream.name, accepted.events, positions, context.trace_header},
                   subscribed);
  transaction.commit();
  const Milliseconds arrived = now();
  for (const NewEvent& event : accepted.events) {
    if (!live_tails_.watch(group.record.number)) break;
    live_tails_.take({group, stream.name, arrived}, event.time, event.text);
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
  }
  co_return PutLogEventsResponse{
      .next_sequence_token = to_digits({.time = stream.record.last_ingestion.value_or(now()),
                                        .sequence = stream.record.last_sequence},
                                       group.record.number),
      .rejected_log_events_info = accepted.rejected};
}

void Service::put(const services::LogTarget& target, std::span<const services::LogLine> lines) {
  const NameKey key{target.account, target.region, target.group};
  std::optional<Group> group = catalog_.find_group(key);
  if (!group) group = catalog_.add_group(key, {.created = now(), .log_class = "STANDARD"});
  std::optional<Stream> stream = catalog_.find_stream(group->record.number, target.stream);
  if (!stream) stream = catalog_.add_stream(group->record.number, target.stream, now());
  // By time; those of the same time stay in their order.
  std::multimap<Milliseconds, NewEvent> ordered;
  const Milliseconds oldest = std::max(now() - most_age, horizon_of(*group));
  for (const services::LogLine& line : lines) {
    const Milliseconds time = runtime::to_milliseconds(line.time);
    if (line.text.empty() || time < oldest || time > now() + most_ahead) continue;
    ordered.emplace(time, NewEvent{.time = time, .text = line.text.substr(0, most_batch_bytes)});
  }
  std::vector<NewEvent> events;
  for (const auto& [time, event] : ordered) events.push_back(event);
  if (group->record.metric_filters > 0 && neighbours_.metrics != nullptr)
    for (const NewEvent& event : events)
      for (const MetricRule& rule : *metric_rules_.of(*group))
        if (const auto value = rule.value_of(*group, event.time, event.text))
          neighbours_.metrics->put_metric(*value);
  const std::vector<Subscribed> subscribed = find_subscribed_now(*group, events);
  std::vector<Position> positions;
  write_events(catalog_, group->record.number, *stream,
               {events, now(), subscribed.empty() ? nullptr : &positions});
  call_subscribers({*group, stream->name, events, positions, target.trace}, subscribed);
  if (!live_tails_.watch(group->record.number)) return;
  // The caller may still undo it all.
  std::vector<std::pair<Milliseconds, std::string>> seen;
  for (const NewEvent& event : events) seen.emplace_back(event.time, event.text);
  store_.on_commit([this, group = std::move(*group), name = stream->name, seen = std::move(seen)] {
    for (const auto& [time, text] : seen) live_tails_.take({group, name, now()}, time, text);
  });
}

}  // namespace matinee::logs
