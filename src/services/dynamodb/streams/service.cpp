#include "services/dynamodb/streams/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dynamodbstreams/errors.h"
#include "services/dynamodb/streams/shard_iterator.h"

namespace matinee::dynamodbstreams {

using dynamodb::KeptShard;
using dynamodb::KeptStream;
using dynamodb::StreamKey;

namespace {

constexpr std::size_t most_listed = 100;
/// AWS's have 21 digits or more.
constexpr std::string_view sequence_start = "1";
constexpr std::size_t sequence_digits = 20;

ValidationException invalid_arn() {
  return ValidationException("Invalid StreamArn");
}

/// Of arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL.
std::optional<StreamKey> parse_arn(std::string_view arn) {
  constexpr std::string_view start = "arn:aws:dynamodb:";
  constexpr std::string_view table_mark = ":table/";
  constexpr std::string_view stream_mark = "/stream/";
  if (!arn.starts_with(start)) return std::nullopt;
  arn.remove_prefix(start.size());
  const std::size_t account = arn.find(':');
  const std::size_t table = arn.find(table_mark);
  const std::size_t stream = arn.find(stream_mark);
  if (account == arn.npos || table == arn.npos || stream == arn.npos || table < account + 1 ||
      stream < table + table_mark.size())
    return std::nullopt;
  return StreamKey{arn.substr(account + 1, table - account - 1), arn.substr(0, account),
                   arn.substr(table + table_mark.size(), stream - table - table_mark.size()),
                   arn.substr(stream + stream_mark.size())};
}

std::vector<KeySchemaElement> describe_keys(const dynamodb::KeySchema& keys) {
  std::vector<KeySchemaElement> elements = {
      {.attribute_name = keys.partition.name, .key_type = "HASH"}};
  if (keys.sort) elements.push_back({.attribute_name = keys.sort->name, .key_type = "RANGE"});
  return elements;
}

Shard describe_shard(const KeptShard& shard) {
  SequenceNumberRange range{.starting_sequence_number = sequence_text(shard.first)};
  if (shard.record.last)
    range.ending_sequence_number = sequence_text(std::max(shard.first, *shard.record.last));
  Shard described{.shard_id = shard.record.id, .sequence_number_range = std::move(range)};
  if (!shard.record.parent.empty()) described.parent_shard_id = shard.record.parent;
  return described;
}

/// The children of one shard, where that is asked for.
void filter_shards(const DescribeStreamRequest& request, std::vector<KeptShard>& shards) {
  if (!request.shard_filter) return;
  const ShardFilter& filter = *request.shard_filter;
  if (filter.type == "CHILD_SHARDS" && !filter.shard_id)
    throw ValidationException("ShardFilter of type CHILD_SHARDS must have a ShardId");
  if (filter.shard_id)
    std::erase_if(shards,
                  [&](const KeptShard& shard) { return shard.record.parent != *filter.shard_id; });
}

}  // namespace

std::string sequence_text(std::uint64_t number) {
  return fmt::format("{}{:0{}}", sequence_start, number, sequence_digits);
}

std::optional<std::uint64_t> parse_sequence(std::string_view text) {
  if (text.size() != sequence_start.size() + sequence_digits || !text.starts_with(sequence_start))
    return std::nullopt;
  text.remove_prefix(sequence_start.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Service::Service(dynamodb::ChangeLog& changes, const runtime::Runtime& runtime)
    : ServiceBase(dynamodbstreams::model),
      changes_(changes),
      clock_(runtime.clock),
      loop_(runtime.loop) {
  changes_.on_change = [this](const StreamKey& stream) { wake(stream); };
}

Service::~Service() {
  changes_.on_change = nullptr;
}

std::shared_ptr<void> Service::watch(const std::string& stream_arn, runtime::Callback wake) {
  auto held = std::make_shared<runtime::Callback>(std::move(wake));
  if (const std::optional<StreamKey> key = parse_arn(stream_arn)) watches_.emplace(*key, held);
  return held;
}

void Service::wake(const StreamKey& stream) {
  const auto [begin, end] = watches_.equal_range(stream);
  for (auto watch = begin; watch != end; ++watch)
    loop_.post([weak = watch->second] {
      if (const auto callback = weak.lock()) (*callback)();
    });
  watches_.erase(begin, end);
}

std::optional<std::string> Service::find_last_change(const std::string& stream_arn) const {
  const std::optional<StreamKey> key = parse_arn(stream_arn);
  const std::optional<KeptStream> stream = key ? changes_.find(*key) : std::nullopt;
  if (!stream) return std::nullopt;
  const std::uint64_t next = changes_.next(stream->record);
  return next > 1 ? sequence_text(next - 1) : "";
}

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  return ValidationException(protocol::describe(violations));
}

void Service::complete_arn(const Context&, std::string& arn) const {
  if (const auto iterator = parse_iterator(arn)) arn = iterator->stream_arn;
}

KeptStream Service::require_stream(const Context& context, const std::string& arn) const {
  const std::optional<StreamKey> key = parse_arn(arn);
  if (!key) throw invalid_arn();
  const auto& [account, region, table, label] = *key;
  if (account == context.account && region == context.region)
    if (std::optional<KeptStream> stream = changes_.find(*key)) return *std::move(stream);
  throw ResourceNotFoundException(
      fmt::format("Requested resource not found: Stream: {} not found", arn));
}

ListStreamsResponse Service::list_streams(const Context& context,
                                          const ListStreamsRequest& request) {
  const auto limit = static_cast<std::size_t>(request.limit.value_or(most_listed));
  std::optional<StreamKey> start;
  if (request.exclusive_start_stream_arn) {
    start = parse_arn(*request.exclusive_start_stream_arn);
    if (!start) throw invalid_arn();
  }
  std::vector<KeptStream> found = changes_.list({.account = context.account,
                                                 .region = context.region,
                                                 .table = request.table_name.value_or(""),
                                                 .after = start,
                                                 .most = limit + 1});
  ListStreamsResponse response;
  response.streams.emplace();
  const bool has_more = found.size() > limit;
  if (has_more) found.pop_back();
  for (const KeptStream& stream : found) {
    const auto& [account, region, table, label] = stream.key;
    response.streams->push_back({.stream_arn = dynamodb::stream_arn(stream.key),
                                 .table_name = table,
                                 .stream_label = label});
  }
  if (has_more) response.last_evaluated_stream_arn = response.streams->back().stream_arn;
  return response;
}

DescribeStreamResponse Service::describe_stream(const Context& context,
                                                const DescribeStreamRequest& request) {
  const KeptStream stream = require_stream(context, request.stream_arn);
  const auto& [account, region, table, label] = stream.key;
  StreamDescription description{.stream_arn = request.stream_arn,
                                .stream_label = label,
                                .stream_status = stream.record.closed_at ? "DISABLED" : "ENABLED",
                                .stream_view_type = stream.record.view_type,
                                .creation_request_date_time = stream.record.created_at,
                                .table_name = table,
                                .key_schema = describe_keys(stream.record.keys)};
  std::vector<KeptShard> shards = changes_.shards(stream.record);
  filter_shards(request, shards);
  if (request.exclusive_start_shard_id) {
    const auto start = std::ranges::find(shards, *request.exclusive_start_shard_id,
                                         [](const KeptShard& shard) { return shard.record.id; });
    if (start == shards.end()) throw ValidationException("Invalid ExclusiveStartShardId");
    shards.erase(shards.begin(), start + 1);
  }
  const auto limit = static_cast<std::size_t>(request.limit.value_or(most_listed));
  description.shards.emplace();
  for (const KeptShard& shard : shards) {
    if (description.shards->size() == limit) {
      description.last_evaluated_shard_id = description.shards->back().shard_id;
      break;
    }
    description.shards->push_back(describe_shard(shard));
  }
  return {.stream_description = std::move(description)};
}

}  // namespace matinee::dynamodbstreams
