// Log streams: made, removed, listed by their names or their last events.
#include <algorithm>
#include <span>

#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t default_page = 50;

LogStream describe(const Group& group, const Stream& stream) {
  const StreamRecord& record = stream.record;
  LogStream described{.log_stream_name = stream.name,
                      .creation_time = record.created,
                      .first_event_timestamp = record.first_event,
                      .last_event_timestamp = record.last_event,
                      .last_ingestion_time = record.last_ingestion,
                      .arn = arn_of(group) + ":log-stream:" + stream.name,
                      .stored_bytes = 0};
  if (record.last_sequence != 0)
    described.upload_sequence_token = to_digits(
        {.time = *record.last_ingestion, .sequence = record.last_sequence}, group.record.number);
  return described;
}

using Place = std::pair<Milliseconds, std::string>;

Place place_of(const Stream& stream) {
  return {stream.record.last_event.value_or(0), stream.name};
}

/// "1700000000000/name".
Place read_place(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos)
    throw InvalidParameterException("The specified nextToken is invalid.");
  return {std::strtoll(text.c_str(), nullptr, 10), text.substr(slash + 1)};
}

/// What follows every name that begins with the prefix. No byte of a name is the last one there is.
std::string end_of(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace

CreateLogStreamResponse Service::create_log_stream(const Context& context,
                                                   const CreateLogStreamRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  if (catalog_.find_stream(group.record.number, request.log_stream_name))
    throw ResourceAlreadyExistsException("The specified log stream already exists");
  catalog_.add_stream(group.record.number, request.log_stream_name, now());
  return {};
}

DeleteLogStreamResponse Service::delete_log_stream(const Context& context,
                                                   const DeleteLogStreamRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  const Stream stream = require_stream(group, request.log_stream_name);
  if (group.record.deletion_protection)
    throw ValidationException(
        "The log group of the specified log stream has deletion protection enabled.");
  catalog_.remove(group.record.number, stream);
  store_.on_commit([this] { housekeeping_.wake(); });
  return {};
}

/// As `StreamQuery` says, of streams whose names begin with a prefix.
std::vector<Stream> Service::streams_by_name(const StreamQuery& query,
                                             const std::string& prefix) const {
  const GroupNumber group = query.group;
  auto place = catalog_.streams.cursor(catalog_.streams.prefix(group));
  const std::string after = query.after ? query.after->second : "";
  if (!query.descending) {
    place.seek(std::tuple(group, std::max(prefix, after)));
    if (query.after && place.valid() && std::get<1>(place.key()) == after) place.next();
  } else if (query.after) {
    place.seek_before(std::tuple(group, after));
  } else if (prefix.empty()) {
    place.seek_last();
  } else {
    place.seek_before(std::tuple(group, end_of(prefix)));
  }
  std::vector<Stream> found;
  while (place.valid() && found.size() < query.limit) {
    Stream stream{.name = std::get<1>(place.key()), .record = place.record()};
    if (!stream.name.starts_with(prefix)) break;
    found.push_back(std::move(stream));
    query.descending ? place.previous() : place.next();
  }
  return found;
}

/// The order knows seconds: streams of the same second are put in order here.
runtime::Task<std::vector<Stream>> Service::streams_by_time(const StreamQuery& query) const {
  const auto comes_before = [&](const Place& one, const Place& other) {
    return query.descending ? other < one : one < other;
  };
  std::vector<Stream> found;
  std::size_t settled = 0;
  const auto settle = [&](std::size_t most) {
    std::ranges::sort(std::span(found).subspan(settled), [&](const Stream& one, const Stream& two) {
      return comes_before(place_of(one), place_of(two));
    });
    if (found.size() > most) found.resize(most);
  };
  auto place = catalog_.streams_by_time.cursor(catalog_.streams_by_time.prefix(query.group));
  const std::int64_t first = query.after ? order_of(query.after->first) : 0;
  if (!query.descending)
    place.seek(std::tuple(query.group, first));
  else if (query.after)
    place.seek_before(std::tuple(query.group, first + 1));
  else
    place.seek_last();
  std::optional<std::int64_t> second;
  for (; place.valid(); query.descending ? place.previous() : place.next()) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    const auto [group, order, name] = place.key();
    if (order != second) {
      settle(query.limit);
      if (found.size() >= query.limit) break;
      settled = found.size();
      second = order;
    }
    std::optional<Stream> stream = catalog_.find_stream(group, name);
    // Written to, or removed, since this listing began.
    if (!stream || order_of(stream->record.last_event) != order) continue;
    if (query.after && !comes_before(*query.after, place_of(*stream))) continue;
    found.push_back(std::move(*stream));
    constexpr std::size_t enough = 1000;
    if (found.size() - settled >= query.limit + enough) settle(query.limit);
  }
  settle(query.limit);
  co_return found;
}

/// A group of an older program gets its order of streams when that is first asked for. What changes
/// meanwhile finds its place by itself.
runtime::Task<> Service::order_streams(Group group) {
  const GroupNumber number = group.record.number;
  auto place = catalog_.streams.cursor(catalog_.streams.prefix(number));
  while (place.valid()) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    storage::Transaction transaction(store_);
    constexpr int at_once = 100;
    for (int i = 0; i < at_once && place.valid(); ++i, place.next())
      if (const auto stream = catalog_.find_stream(number, std::get<1>(place.key())))
        catalog_.add_to_order(number, *stream);
    transaction.commit();
  }
  storage::Transaction transaction(store_);
  if (std::optional<Group> now = catalog_.find_group(number)) {
    now->record.orders_streams = true;
    catalog_.change(*now);
  }
  transaction.commit();
}

runtime::Task<DescribeLogStreamsResponse> Service::describe_log_streams(
    const Context& context, const DescribeLogStreamsRequest& request) {
  const bool by_time = request.order_by == "LastEventTime";
  if (by_time && request.log_stream_name_prefix)
    throw InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const Group group = require_group(context, request.log_group_name, request.log_group_identifier);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}));
  // One more than the page has, to know whether there are more.
  StreamQuery query{.group = group.record.number,
                    .descending = request.descending.value_or(false),
                    .limit = limit + 1};
  const std::string kind = std::string("streams") + (by_time ? "t" : "n") +
                           (query.descending ? "d" : "a") + std::to_string(query.group);
  if (request.next_token) query.after = read_place(read_page_token(kind, *request.next_token));
  std::vector<Stream> streams;
  if (by_time) {
    if (!group.record.orders_streams) co_await order_streams(group);
    streams = co_await streams_by_time(query);
  } else {
    streams = streams_by_name(query, request.log_stream_name_prefix.value_or(""));
  }
  const bool has_more = streams.size() > limit;
  if (has_more) streams.pop_back();
  DescribeLogStreamsResponse response;
  std::vector<LogStream>& described = response.log_streams.emplace();
  for (const Stream& stream : streams) described.push_back(describe(group, stream));
  if (has_more) {
    const auto [time, name] = place_of(streams.back());
    response.next_token = page_token(kind, std::to_string(time) + "/" + name);
  }
  co_return response;
}

}  // namespace matinee::logs
