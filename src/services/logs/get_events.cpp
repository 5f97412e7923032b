// GetLogEvents: the events of one stream, page by page in both directions.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "services/logs/service.h"

namespace matinee::logs {

namespace {

struct EventToken {
  Direction direction;
  std::string_view digits;
};

/// "f/DIGITS/s" leads forward, "b/DIGITS/s" backward.
EventToken read_token(std::string_view token) {
  constexpr std::size_t around = 2;
  const bool is_token = token.size() > 2 * around && token.ends_with("/s") &&
                        (token.starts_with("f/") || token.starts_with("b/"));
  if (!is_token) throw InvalidParameterException("The specified nextToken is invalid.");
  return {.direction = token[0] == 'f' ? Direction::forward : Direction::backward,
          .digits = token.substr(around, token.size() - 2 * around)};
}

/// The places next to one at which there is an event.
Position after(Position position) {
  ++position.index;
  return position;
}
Position before(Position position) {
  if (position.index > 0)
    return {position.time, position.sequence, static_cast<std::uint16_t>(position.index - 1)};
  if (position.sequence > 0) --position.sequence;
  position.index = std::numeric_limits<std::uint16_t>::max();
  return position;
}

std::string write_token(char direction, const Position& position, const Group& group) {
  return fmt::format("{}/{}/s", direction, to_digits(position, group.record.number));
}

}  // namespace

runtime::Task<GetLogEventsResponse> Service::get_log_events(const Context& context,
                                                            const GetLogEventsRequest& request) {
  const Group group = require_group(context, request.log_group_name, request.log_group_identifier);
  const Stream stream = require_stream(group, request.log_stream_name);
  EventQuery query{.from = std::max(request.start_time.value_or(0), horizon_of(group)),
                   .longest_block = stream.record.longest_block};
  // The end is exclusive here.
  if (request.end_time) query.to = std::min(query.to, *request.end_time - 1);
  if (request.limit) query.limit = static_cast<std::size_t>(*request.limit);
  query.direction =
      request.start_from_head.value_or(false) ? Direction::forward : Direction::backward;
  if (request.next_token) {
    const EventToken token = read_token(*request.next_token);
    query.direction = token.direction;
    query.beyond = read_position(token.digits, group);
  }
  const auto source =
      blocks_of_streams(catalog_, group.record.number, {stream.record.number}, query.direction);
  EventPage page = co_await read_events(*source, query, runtime_.loop);
  if (query.direction == Direction::backward) std::ranges::reverse(page.events);

  // What was given last is where the next page begins. Where nothing was, the end is reached: the
  // same token comes back, and the other one leads to what was given before.
  Position first = query.beyond.value_or(Position{.time = query.from});
  Position last = first;
  if (query.beyond && query.direction == Direction::forward) first = after(first);
  if (query.beyond && query.direction == Direction::backward) last = before(last);
  GetLogEventsResponse response;
  std::vector<OutputLogEvent>& events = response.events.emplace();
  events.reserve(page.events.size());
  if (!page.events.empty()) {
    first = page.events.front().position;
    last = page.events.back().position;
  }
  for (FoundEvent& event : page.events)
    events.push_back({.timestamp = event.position.time,
                      .message = std::move(event.text),
                      .ingestion_time = event.ingestion});
  response.next_forward_token = write_token('f', last, group);
  response.next_backward_token = write_token('b', first, group);
  co_return response;
}

}  // namespace matinee::logs
