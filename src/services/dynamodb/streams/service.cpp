#include "services/dynamodb/streams/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dynamodbstreams/errors.h"
#include "services/dynamodb/streams/shard_iterator.h"
#include "services/dynamodb/tags.h"
#include "services/policy_context.h"

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

Service::Service(dynamodb::ChangeLog& changes, dynamodb::Catalog& tables,
                 const runtime::Runtime& runtime)
    : ServiceBase(dynamodbstreams::model),
      changes_(changes),
      tables_(tables),
      clock_(runtime.clock),
      loop_(runtime.loop) {
  changes_.on_change = [this](const StreamKey& stream) { wake(stream); };
}

Service::~Service() {
  changes_.on_change = nullptr;
}

bool Service::is_encrypted(const std::string& stream_arn) const {
  const std::optional<StreamKey> key = dynamodb::parse_stream_arn(stream_arn);
  if (!key) return true;
  Context owner;
  std::tie(owner.account, owner.region, std::ignore, std::ignore) = *key;
  const auto table = tables_.find_held(owner, std::get<2>(*key));
  return !table || table->sse_type.has_value();
}

std::shared_ptr<void> Service::watch(const std::string& stream_arn, runtime::Callback wake) {
  auto held = std::make_shared<runtime::Callback>(std::move(wake));
  if (const std::optional<StreamKey> key = dynamodb::parse_stream_arn(stream_arn))
    watches_.emplace(*key, held);
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
  const std::optional<StreamKey> key = dynamodb::parse_stream_arn(stream_arn);
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

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const std::optional<StreamKey> key = dynamodb::parse_stream_arn(inquiry.resource);
  if (!key) return {};
  return {.account = std::get<0>(*key), .policy = policies_.find(changes_, *key)};
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  const std::optional<StreamKey> stream = dynamodb::parse_stream_arn(inquiry.resource);
  return stream ? find_tag(*stream, key) : std::nullopt;
}

std::optional<std::vector<std::string>> Service::find_tag(const StreamKey& stream,
                                                          std::string_view key) const {
  const std::optional<KeptStream> kept = changes_.find(stream);
  return kept ? dynamodb::find_resource_tag(kept->record.tags, key) : std::nullopt;
}

/// What the policy of a stream says decides also where those of identities do not.
void Service::require_let_in(const Context& context, const StreamKey& key,
                             std::string_view operation) const {
  if (std::get<0>(key) == context.account || (decider() && decider()->enforces())) return;
  const std::string arn = dynamodb::stream_arn(key);
  const std::string action = fmt::format("dynamodb:{}", operation);
  const auto document = policies_.find(changes_, key);
  const policy::Caller caller = services::caller_of(context);
  const policy::Decision decision = policy::authorize(
      {.account = std::get<0>(key), .policy = document.get()},
      {.caller = caller, .action = action, .resource = arn, .keys = [&](std::string_view name) {
         auto tag = find_tag(key, name);
         return tag ? tag : services::find_global_key(context, clock_.now(), name);
       }});
  if (decision.allowed()) return;
  throw protocol::ServiceError(
      "AccessDeniedException", 400,
      fmt::format("User: {} is not authorized to perform: {} on resource: {} {}",
                  context.caller_arn, action, arn, policy::explain(decision, action)));
}

KeptStream Service::require_stream(const Context& context, const std::string& arn,
                                   std::string_view operation) const {
  const std::optional<StreamKey> key = dynamodb::parse_stream_arn(arn);
  if (!key) throw invalid_arn();
  require_let_in(context, *key, operation);
  if (std::get<1>(*key) == context.region)
    if (std::optional<KeptStream> stream = changes_.find(*key)) return *std::move(stream);
  throw ResourceNotFoundException(
      fmt::format("Requested resource not found: Stream: {} not found", arn));
}

ListStreamsResponse Service::list_streams(const Context& context,
                                          const ListStreamsRequest& request) {
  const auto limit = static_cast<std::size_t>(request.limit.value_or(most_listed));
  std::optional<StreamKey> start;
  if (request.exclusive_start_stream_arn) {
    start = dynamodb::parse_stream_arn(*request.exclusive_start_stream_arn);
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
  const KeptStream stream = require_stream(context, request.stream_arn, "DescribeStream");
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
