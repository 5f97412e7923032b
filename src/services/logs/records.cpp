// Single events with all their fields, and which fields the events of a group have.
#include <fmt/format.h>

#include <algorithm>

#include "services/logs/catalog/block.h"
#include "services/logs/filters/json_pattern.h"
#include "services/logs/service.h"
#include "services/logs/stream_names.h"

namespace matinee::logs {

namespace {

constexpr Milliseconds a_second = 1000;
constexpr Milliseconds a_minute = 60'000;
/// Documented: around the time that is asked for, or before now.
constexpr Milliseconds half_window = 8 * a_minute;
constexpr Milliseconds recent = 15 * a_minute;

}  // namespace

/// A pointer is the id of an event.
GetLogRecordResponse Service::get_log_record(const Context& context,
                                             const GetLogRecordRequest& request) {
  const std::optional<ReadDigits> read = from_digits(request.log_record_pointer);
  if (!read) throw InvalidParameterException("Invalid log record pointer.");
  const std::optional<Group> group = catalog_.find_group(read->group);
  const bool is_own =
      group && group->account() == context.account && group->region() == context.region;
  if (!is_own) throw ResourceNotFoundException("The specified log record does not exist.");
  const Position& position = read->position;
  const GroupNumber number = read->group;
  const Milliseconds longest = catalog_.counters_of(number).longest_block;
  auto place = catalog_.blocks.cursor(catalog_.blocks.between(
      std::tuple(number, std::max<Milliseconds>(position.time - longest, 0)),
      std::tuple(number, position.time + 1)));
  while (place.valid() && std::get<2>(place.key()) != position.sequence) place.next();
  if (!place.valid()) throw ResourceNotFoundException("The specified log record does not exist.");
  const BlockView block(std::get<1>(place.key()), place.record().bytes);
  const bool is_there = position.index < block.size() &&
                        block.time(position.index) == position.time &&
                        position.time >= horizon_of(*group);
  StreamNames names(catalog_, number);
  const std::string text(is_there ? block.text(position.index) : std::string_view());
  const Milliseconds ingestion = block.ingestion();
  const std::string* stream = names.find(block.stream());
  if (!is_there || stream == nullptr)
    throw ResourceNotFoundException("The specified log record does not exist.");
  std::map<std::string, std::string> record = filters::flatten(text);
  record["@message"] = text;
  record["@timestamp"] = std::to_string(position.time);
  record["@ingestionTime"] = std::to_string(ingestion);
  record["@logStream"] = *stream;
  record["@log"] = fmt::format("{}:{}", group->account(), group->name());
  return {.log_record = std::move(record)};
}

runtime::Task<GetLogGroupFieldsResponse> Service::get_log_group_fields(
    const Context& context, const GetLogGroupFieldsRequest& request) {
  const Group group = require_group(context, request.log_group_name, request.log_group_identifier);
  EventQuery query{.from = now() - recent, .to = now()};
  if (request.time) {
    query.from = *request.time * a_second - half_window;
    query.to = *request.time * a_second + half_window;
  }
  query.from = std::max({query.from, horizon_of(group), Milliseconds{0}});
  query.longest_block = catalog_.counters_of(group.record.number).longest_block;
  StreamNames names(catalog_, group.record.number);
  query.takes_stream = [&names](StreamNumber number) { return names.find(number) != nullptr; };
  const auto source = blocks_of_group(catalog_, group.record.number, query.direction);
  const EventPage page = co_await read_events(*source, query, runtime_.loop);

  std::map<std::string, std::size_t> counts;
  for (const FoundEvent& event : page.events) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    for (const auto& [name, value] : filters::flatten(event.text)) ++counts[name];
  }
  GetLogGroupFieldsResponse response;
  std::vector<LogGroupField>& fields = response.log_group_fields.emplace();
  if (page.events.empty()) co_return response;
  for (const char* name : {"@ingestionTime", "@log", "@logStream", "@message", "@timestamp"})
    fields.push_back({.name = name, .percent = 100});
  for (const auto& [name, count] : counts)
    fields.push_back(
        {.name = name, .percent = static_cast<std::int32_t>(count * 100 / page.events.size())});
  std::ranges::sort(fields, {}, [](const LogGroupField& field) {
    return std::pair(-*field.percent, *field.name);
  });
  co_return response;
}

}  // namespace matinee::logs
