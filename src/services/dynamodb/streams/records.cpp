// Places in a shard, and the records from there on.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dynamodbstreams/errors.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/streams/service.h"
#include "services/dynamodb/streams/shard_iterator.h"
#include "services/dynamodb/values/size.h"

namespace matinee::dynamodbstreams {

using dynamodb::ChangeRecord;
using dynamodb::KeptShard;
using dynamodb::KeptStream;

namespace {

constexpr std::int32_t most_records = 1000;
constexpr std::size_t most_bytes = std::size_t{1} << 20;
constexpr std::size_t records_at_once = 16;  // between two looks at the turn
constexpr std::chrono::minutes iterator_life{15};

const KeptShard* find_shard(const std::vector<KeptShard>& shards, const std::string& id) {
  const auto found =
      std::ranges::find(shards, id, [](const KeptShard& shard) { return shard.record.id; });
  return found == shards.end() ? nullptr : &*found;
}

const KeptShard* find_shard(const std::vector<KeptShard>& shards, std::uint64_t first) {
  const auto found = std::ranges::find(shards, first, &KeptShard::first);
  return found == shards.end() ? nullptr : &*found;
}

TrimmedDataAccessException trimmed() {
  return TrimmedDataAccessException(
      "The operation attempted to read past the oldest stream record in a shard.");
}

ResourceNotFoundException no_shard(const std::string& id, const std::string& stream_arn) {
  return ResourceNotFoundException(fmt::format(
      "Requested resource not found: Shard: {} in Stream: {} not found", id, stream_arn));
}

/// The number that a request names, which has to be one of the shard's.
std::uint64_t require_sequence(const GetShardIteratorRequest& request, const KeptShard& shard,
                               std::uint64_t next) {
  if (!request.sequence_number)
    throw ValidationException(
        fmt::format("SequenceNumber must be specified when ShardIteratorType is {}",
                    request.shard_iterator_type));
  const std::optional<std::uint64_t> number = parse_sequence(*request.sequence_number);
  const std::uint64_t last = shard.record.last.value_or(next);
  if (!number || *number < shard.first || *number > std::max(shard.first, last))
    throw ValidationException(fmt::format("Invalid SequenceNumber: {} is not in shard {}",
                                          *request.sequence_number, request.shard_id));
  return *number;
}

std::size_t bytes_of(const std::optional<dynamodb::StoredItem>& image) {
  return image ? image->bytes : 0;
}

StreamRecord stream_record(const KeptStream& stream, std::uint64_t number, ChangeRecord change) {
  StreamRecord record;
  record.approximate_creation_date_time = std::chrono::floor<std::chrono::seconds>(change.at);
  record.keys = dynamodb::keys_of(stream.record, change);
  record.size_bytes = static_cast<std::int64_t>(dynamodb::size_of(*record.keys) +
                                                bytes_of(change.now) + bytes_of(change.old));
  if (change.now) record.new_image = std::move(change.now->attributes);
  if (change.old) record.old_image = std::move(change.old->attributes);
  record.sequence_number = sequence_text(number);
  record.stream_view_type = stream.record.view_type;
  return record;
}

Record record_of(const KeptStream& stream, std::uint64_t number, ChangeRecord change) {
  Record record{.event_id = dynamodb::event_id(stream.record, number),
                .event_name = std::string(dynamodb::name_of(change.kind)),
                .event_version = "1.1",
                .event_source = "aws:dynamodb",
                .aws_region = std::get<1>(stream.key)};
  if (change.expired)
    record.user_identity = Identity{.principal_id = "dynamodb.amazonaws.com", .type = "Service"};
  record.dynamodb = stream_record(stream, number, std::move(change));
  return record;
}

}  // namespace

GetShardIteratorResponse Service::get_shard_iterator(const Context& context,
                                                     const GetShardIteratorRequest& request) {
  const KeptStream stream = require_stream(context, request.stream_arn, "GetShardIterator");
  const std::vector<KeptShard> shards = changes_.shards(stream.record);
  const KeptShard* shard = find_shard(shards, request.shard_id);
  if (!shard) throw no_shard(request.shard_id, request.stream_arn);
  const std::uint64_t next = changes_.next(stream.record);
  ShardIterator iterator{
      .stream_arn = request.stream_arn, .shard = shard->first, .made_at = clock_.now()};
  const std::string& type = request.shard_iterator_type;
  if (type == "TRIM_HORIZON") {
    iterator.next = shard->first;
  } else if (type == "LATEST") {
    iterator.next = shard->record.last ? *shard->record.last + 1 : next;
  } else {
    const std::uint64_t number = require_sequence(request, *shard, next);
    iterator.next = type == "AFTER_SEQUENCE_NUMBER" ? number + 1 : number;
    iterator.is_exact = true;
    if (iterator.next < changes_.first_readable(stream.record)) throw trimmed();
  }
  return {.shard_iterator = to_text(iterator)};
}

runtime::Task<GetRecordsResponse> Service::get_records(const Context& context,
                                                       const GetRecordsRequest& request) {
  const std::optional<ShardIterator> iterator = parse_iterator(request.shard_iterator);
  if (!iterator) throw ValidationException("Invalid ShardIterator");
  const KeptStream stream = require_stream(context, iterator->stream_arn, "GetRecords");
  if (clock_.now() - iterator->made_at > iterator_life)
    throw ExpiredIteratorException(
        "The shard iterator has expired: it was made more than 15 minutes ago.");
  const std::vector<KeptShard> shards = changes_.shards(stream.record);
  const KeptShard* shard = find_shard(shards, iterator->shard);
  const std::uint64_t first = changes_.first_readable(stream.record);
  if (!shard || (iterator->is_exact && iterator->next < first)) throw trimmed();

  const auto limit = static_cast<std::size_t>(request.limit.value_or(most_records));
  std::uint64_t next = std::max(iterator->next, first);
  std::size_t bytes = 0;
  GetRecordsResponse response;
  response.records.emplace();
  const std::uint64_t last =
      shard->record.last.value_or(std::numeric_limits<std::uint64_t>::max() - 1);
  for (std::size_t read = records_at_once; read == records_at_once;) {
    read = 0;
    changes_.read(stream.record, next, last, [&](std::uint64_t number, ChangeRecord change) {
      next = number + 1;
      response.records->push_back(record_of(stream, number, std::move(change)));
      bytes += static_cast<std::size_t>(*response.records->back().dynamodb->size_bytes);
      const bool is_full = response.records->size() >= limit || bytes >= most_bytes;
      return !is_full && ++read < records_at_once;
    });
    if (read == records_at_once && loop_.turns().is_over()) co_await loop_.turns().next();
  }
  // A shard that is read to its end has nothing more to come.
  if (shard->record.last && next > *shard->record.last) co_return response;
  response.next_shard_iterator = to_text({.stream_arn = iterator->stream_arn,
                                          .shard = shard->first,
                                          .next = next,
                                          .made_at = clock_.now()});
  co_return response;
}

}  // namespace matinee::dynamodbstreams
