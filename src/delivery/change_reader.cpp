#include "delivery/change_reader.h"

#include <fmt/format.h>

#include <functional>

#include "dynamodbstreams/client.h"
#include "dynamodbstreams/errors.h"
#include "protocol/json.h"
#include "protocol/json_writer.h"

namespace matinee::delivery {

namespace {

namespace json = protocol::json;
using dynamodbstreams::Client;
using dynamodbstreams::Record;
using dynamodbstreams::Shard;

constexpr std::size_t most_records = 1000;  // that GetRecords gives

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.size() > 1 ? "," : "";
  json::append_string(out, name);
  out += ':';
  json::append_string(out, text);
}

/// As Lambda gives it to functions, in AWS's order.
std::string record_text(const Record& record, const std::string& stream) {
  std::string out = "{";
  append_member(out, "eventID", record.event_id.value_or(""));
  append_member(out, "eventName", record.event_name.value_or(""));
  append_member(out, "eventVersion", record.event_version.value_or(""));
  append_member(out, "eventSource", record.event_source.value_or(""));
  append_member(out, "awsRegion", record.aws_region.value_or(""));
  out += ",\"dynamodb\":";
  json::append_structure(out, dynamodbstreams::StreamRecord::shape, &*record.dynamodb);
  if (record.user_identity)
    out += R"(,"userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"})";
  append_member(out, "eventSourceARN", stream);
  return out + "}";
}

services::Change to_change(const Record& record, const std::string& shard,
                           const std::string& stream) {
  std::string keys;
  for (const auto& [name, value] : *record.dynamodb->keys)
    keys += name + "=" + dynamodb::describe(value) + "\n";
  return {.sequence = *record.dynamodb->sequence_number,
          .record = record_text(record, stream),
          .event_id = record.event_id.value_or(""),
          .shard = shard,
          .at = runtime::to_seconds(*record.dynamodb->approximate_creation_date_time),
          .item = std::hash<std::string>()(keys)};
}

/// Whether all of a shard has been read.
bool is_behind(const Shard& shard, const std::string& after) {
  const auto& end = shard.sequence_number_range->ending_sequence_number;
  return end && *end <= after;
}

dynamodbstreams::GetShardIteratorRequest place_in(const Shard& shard, const std::string& stream,
                                                  const std::string& after) {
  dynamodbstreams::GetShardIteratorRequest request{
      .stream_arn = stream, .shard_id = *shard.shard_id, .shard_iterator_type = "TRIM_HORIZON"};
  if (after < *shard.sequence_number_range->starting_sequence_number) return request;
  request.shard_iterator_type = "AFTER_SEQUENCE_NUMBER";
  request.sequence_number = after;
  return request;
}

}  // namespace

runtime::Task<services::ChangePage> ChangeReader::read(services::ChangeReader reader,
                                                       std::string after,
                                                       services::ChangeLimits limits) {
  const services::Arn stream = services::parse_arn(reader.stream).value();
  const services::Delivery delivery{.target = reader.stream,
                                    .body = {},
                                    .service_principal = "lambda.amazonaws.com",
                                    .source_arn = reader.source_arn,
                                    .source_account = stream.account,
                                    .role = reader.role};
  client::InProcessChannel channel(endpoint_, runtime_.random,
                                   caller_of(delivery, stream, directory_));
  Client streams(channel);
  const auto described = co_await streams.describe_stream({.stream_arn = reader.stream});
  services::ChangePage page;
  for (const Shard& shard : *described.stream_description->shards) {
    if (is_behind(shard, after)) continue;
    dynamodbstreams::GetShardIteratorRequest place = place_in(shard, reader.stream, after);
    std::optional<dynamodbstreams::GetShardIteratorResponse> begin;
    try {
      begin = co_await streams.get_shard_iterator(place);
    } catch (const protocol::ServiceError& error) {
      if (!error.is<dynamodbstreams::TrimmedDataAccessException>()) throw;
      page.has_gap = true;
    }
    if (!begin) {
      place.shard_iterator_type = "TRIM_HORIZON";
      place.sequence_number.reset();
      begin = co_await streams.get_shard_iterator(place);
    }
    std::optional<std::string> next = begin->shard_iterator;
    std::size_t bytes = 0;
    while (next && page.changes.size() < limits.most && bytes < limits.bytes) {
      auto found =
          co_await streams.get_records({.shard_iterator = *next,
                                        .limit = static_cast<std::int32_t>(std::min(
                                            most_records, limits.most - page.changes.size()))});
      if (found.records->empty()) break;
      for (const Record& record : *found.records) {
        if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
        page.changes.push_back(to_change(record, *shard.shard_id, reader.stream));
        bytes += page.changes.back().record.size();
      }
      next = std::move(found.next_shard_iterator);
    }
    if (!page.changes.empty()) break;
  }
  co_return page;
}

}  // namespace matinee::delivery
