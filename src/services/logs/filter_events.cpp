// FilterLogEvents: the events of a group, or of some of its streams, that a pattern fits.
#include <algorithm>
#include <set>

#include "services/logs/service.h"
#include "services/logs/stream_names.h"

namespace matinee::logs {

namespace {

/// So many streams are read one beside the other; of more, the whole group is looked through.
constexpr std::size_t most_streams = 100;
/// Then a page is given with what there is, so that no client gives up.
constexpr std::chrono::seconds patience{5};
/// January 1st, 2024: documented for startFromHead.
constexpr Milliseconds first_time_backward = 1'704'067'200'000;

/// Direction, whether there is a position and which, and where the next block is.
using TokenKey =
    std::tuple<bool, bool, std::int64_t, std::uint64_t, std::uint16_t, std::int64_t, std::uint64_t>;

std::string kind_of(const Group& group) {
  return "filter" + std::to_string(group.record.number);
}

std::string write_token(const Group& group, Direction direction, const EventPage& page) {
  const Position beyond = page.beyond.value_or(Position{});
  return page_token(kind_of(group),
                    storage::encode_key(TokenKey(
                        direction == Direction::backward, page.beyond.has_value(), beyond.time,
                        beyond.sequence, beyond.index, page.resume.start, page.resume.sequence)));
}

void read_token(const Group& group, const std::string& token, EventQuery& query) {
  try {
    const auto [backward, has_position, time, sequence, index, start, block] =
        storage::decode_key<TokenKey>(read_page_token(kind_of(group), token));
    query.direction = backward ? Direction::backward : Direction::forward;
    if (has_position) query.beyond = Position{.time = time, .sequence = sequence, .index = index};
    query.resume = BlockKey{.start = start, .sequence = block};
  } catch (const storage::DamagedRecord&) {
    throw InvalidParameterException("The specified nextToken is invalid.");
  }
}

}  // namespace

runtime::Task<FilterLogEventsResponse> Service::filter_log_events(
    const Context& context, const FilterLogEventsRequest& request) {
  if (request.log_stream_names && request.log_stream_name_prefix)
    throw InvalidParameterException(
        "LogStream names and LogStream name prefix are mutually exclusive parameters.");
  const Group group = require_group(context, request.log_group_name, request.log_group_identifier);
  const filters::FilterPattern pattern = parse_pattern(request.filter_pattern.value_or(""));
  EventQuery query{.from = std::max(request.start_time.value_or(0), horizon_of(group)),
                   .patience = patience};
  if (request.end_time) query.to = std::min(query.to, *request.end_time);
  if (request.limit) query.limit = static_cast<std::size_t>(*request.limit);
  if (!request.start_from_head.value_or(true)) {
    if (request.start_time && *request.start_time < first_time_backward)
      throw InvalidParameterException(
          "startFromHead can be false only with a startTime on or after January 1, 2024.");
    query.direction = Direction::backward;
  }
  if (request.next_token) read_token(group, *request.next_token, query);
  if (!pattern.matches_all())
    query.takes_text = [&pattern](std::string_view text) { return pattern.matches(text); };

  StreamNames names(catalog_, group.record.number);
  const SearchedStreams searched = streams_to_search(group, request);
  std::unique_ptr<BlockSource> source;
  if (searched.are_all) {
    source = blocks_of_group(catalog_, group.record.number, query.direction);
    query.longest_block = catalog_.counters_of(group.record.number).longest_block;
    query.takes_stream = [&names, &searched](StreamNumber number) {
      const std::string* name = names.find(number);
      return name != nullptr && name->starts_with(searched.prefix);
    };
  } else {
    source = blocks_of_streams(catalog_, group.record.number, searched.numbers, query.direction);
    query.longest_block = searched.longest_block;
  }
  EventPage page = co_await read_events(*source, query, runtime_.loop);

  FilterLogEventsResponse response;
  response.searched_log_streams.emplace();
  std::vector<FilteredLogEvent>& events = response.events.emplace();
  events.reserve(page.events.size());
  for (FoundEvent& event : page.events) {
    const std::string* name = names.find(event.stream);
    if (name == nullptr) continue;
    events.push_back({.log_stream_name = *name,
                      .timestamp = event.position.time,
                      .message = std::move(event.text),
                      .ingestion_time = event.ingestion,
                      .event_id = to_digits(event.position, group.record.number)});
  }
  if (page.has_more) response.next_token = write_token(group, query.direction, page);
  co_return response;
}

Service::SearchedStreams Service::streams_to_search(const Group& group,
                                                    const FilterLogEventsRequest& request) const {
  SearchedStreams searched;
  const auto add = [&searched](const StreamRecord& record) {
    searched.numbers.push_back(record.number);
    searched.longest_block = std::max(searched.longest_block, record.longest_block);
  };
  if (request.log_stream_names) {
    const std::set<std::string> wanted(request.log_stream_names->begin(),
                                       request.log_stream_names->end());
    for (const std::string& name : wanted) add(require_stream(group, name).record);
    return searched;
  }
  searched.prefix = request.log_stream_name_prefix.value_or("");
  searched.are_all = searched.prefix.empty();
  if (searched.are_all) return searched;
  const auto next = visit_page(catalog_.streams, std::tuple(group.record.number),
                               {.prefix = searched.prefix, .after = {}, .limit = most_streams},
                               [&](const std::string&, const StreamRecord& record) {
                                 add(record);
                                 return true;
                               });
  searched.are_all = next.has_value();
  return searched;
}

}  // namespace matinee::logs
